import { expect, test } from "vitest";
import { excusesOf, type Knowledge, knownEdges } from "../../../../src/engine/health/known-edge.ts";
import { stampHosts } from "../../../../src/engine/service/host-stamp.ts";
import type { Edge, EdgeRecord } from "../../../../src/model/health.ts";
import { labels, type ObservedService } from "../../../../src/model/service.ts";
import { application } from "../records.ts";

const url = "https://a.example";
const now = Date.parse("2026-06-01T12:00:00.000Z");
const ingress: Knowledge["ingress"] = {
	dialect: "traefik",
	network: "n",
	endpointMode: "vip",
	edgeScheme: "https",
	traefikEntrypoint: "websecure",
	traefikCertResolver: "letsencrypt",
};

function service(serviceLabels: Record<string, string>): ObservedService {
	return { id: "s", version: 1, spec: { Labels: serviceLabels } } as unknown as ObservedService;
}

function ago(milliseconds: number): string {
	return new Date(now - milliseconds).toISOString();
}

function known(over: Partial<Knowledge> = {}) {
	const app = application({ domains: ["a.example"] });
	const [edge] = knownEdges({ application: app, ingress, service: undefined, records: [], baseline: {}, isFresh: false, now, ...over });
	return edge;
}

const claimed = (sinceMs?: number) =>
	service({ [labels.hosts]: "b.example a.example", ...(sinceMs === undefined ? {} : { [labels.hostsSince]: ago(sinceMs) }) });
const reached = (sinceMs: number): EdgeRecord[] => [{ url, path: "/healthz", routedAt: ago(sinceMs) }];

test.each<[string, Partial<Knowledge>, [route: number, certificate: number]]>([
	["no service", {}, [0, 0]],
	["another host's service", { service: service({ [labels.hosts]: "b.example" }) }, [0, 0]],
	["put there a moment ago, and never reached", { isFresh: true, service: claimed(5_000) }, [30_000, 60_000]],
	["put there a moment ago, claimed for long, and never reached", { isFresh: true, service: claimed(900_000) }, [30_000, 60_000]],
	["put there a moment ago, and reached before", { isFresh: true, service: claimed(900_000), records: reached(800_000) }, [0, 0]],
	["reached before the host was claimed anew", { isFresh: true, service: claimed(5_000), records: reached(800_000) }, [30_000, 60_000]],
	["claimed since nobody knows when, and reached", { isFresh: true, service: claimed(), records: reached(800_000) }, [0, 0]],
	["claimed 5 s ago", { service: claimed(5_000) }, [30_000, 55_000]],
	["claimed 45 s ago", { service: claimed(45_000) }, [15_000, 15_000]],
	["claimed long ago, and never reached", { service: claimed(61_000) }, [0, 0]],
	["claimed since nobody knows when, and never reached", { service: claimed() }, [0, 0]],
])("how long the ingress is waited for: %s", (_name, over, [routeGraceMs, certificateGraceMs]) => {
	expect(known(over)).toMatchObject({ url, routeGraceMs, certificateGraceMs });
});

test("what the endpoint answered once holds for its path alone", () => {
	const healthy = { at: ago(1), mode: "strict", deploymentId: "dep-1" } as const;
	expect(known({ records: [{ url, path: "/healthz", healthy }] })).toMatchObject({ wasStrict: healthy });
	expect(known({ records: [{ url, path: "/ready", healthy }] })).not.toHaveProperty("wasStrict");
	expect(known({ records: [{ url, path: "/healthz", healthy: { ...healthy, mode: "lenient" } }] })).not.toHaveProperty("wasStrict");
});

test("labels of ours route the host, but where the ingress is left to others", () => {
	expect(known()).toMatchObject({ labelled: true });
	expect(known({ ingress: { ...ingress, dialect: "none" } })).toMatchObject({ labelled: false });
});

test("what failed before the swap is excused until the release was found to be reached", () => {
	const baseline = { [url]: { result: { failure: "dns", latencyMs: 1 } } } as const;
	const judged = (verdict: Edge["verdict"]) => ({ verdict, edges: [{ url, verdict } as Edge] });
	expect(known({ baseline })).toMatchObject({ failedBefore: "dns" });
	expect(known()).not.toHaveProperty("failedBefore");
	expect(excusesOf(undefined)).toEqual({});
	expect(excusesOf({ baseline })).toEqual(baseline);
	expect(excusesOf({ baseline, health: judged("inconclusive") })).toEqual(baseline);
	expect(excusesOf({ baseline, health: judged("healthy") })).toEqual({});
	expect(excusesOf({ baseline, health: judged("unhealthy") })).toEqual({});
});

test("the time of the hosts' last change is kept while they stay the same, and is new when they change", () => {
	const before = { [labels.hosts]: "a.example", [labels.hostsSince]: "2026-01-01T00:00:00.000Z", other: "x" };
	expect(stampHosts({ [labels.hosts]: "a.example" }, before, now)).toEqual({
		[labels.hosts]: "a.example",
		[labels.hostsSince]: before[labels.hostsSince],
	});
	const changed = stampHosts({ [labels.hosts]: "a.example b.example" }, before, now);
	expect(Date.parse(String(changed[labels.hostsSince]))).toBeGreaterThan(Date.parse(before[labels.hostsSince]));
	expect(Object.keys(stampHosts({ [labels.hosts]: "a.example" }, undefined, now))).toContain(labels.hostsSince);
	expect(stampHosts({ [labels.hosts]: "a.example" }, { [labels.hosts]: "a.example" }, now)).toEqual({ [labels.hosts]: "a.example" });
	expect(stampHosts({ other: "x" }, before, now)).toEqual({ other: "x" });
});
