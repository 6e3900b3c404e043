import { expect, test } from "vitest";
import { routeOf } from "../../../../src/engine/health/edges.ts";
import { stampHosts } from "../../../../src/engine/service/host-stamp.ts";
import type { Deployment } from "../../../../src/model/deployment.ts";
import type { Edge, Route } from "../../../../src/model/health.ts";
import { labels, type ObservedService } from "../../../../src/model/service.ts";

const url = "https://a.example";
const now = Date.parse("2026-06-01T12:00:00.000Z");

function service(serviceLabels: Record<string, string>): ObservedService {
	return { id: "s", version: 1, spec: { Labels: serviceLabels } } as unknown as ObservedService;
}

function ago(milliseconds: number): string {
	return new Date(now - milliseconds).toISOString();
}

function judged(verdict: Edge["verdict"], routed?: false): Deployment {
	const edge: Edge = { url, verdict, mode: "strict", attempts: 1, latencyMs: 1, ...(routed === false ? { routed } : {}) };
	return { health: { verdict, edges: [edge] } } as unknown as Deployment;
}

const claimed = (sinceMs?: number) =>
	service({ [labels.hosts]: "b.example a.example", ...(sinceMs === undefined ? {} : { [labels.hostsSince]: ago(sinceMs) }) });
const notRouted = judged("unhealthy", false);

test.each<[string, ObservedService | undefined, Deployment[], Route]>([
	["no service", undefined, [], { routed: false }],
	["a service of no hosts", service({}), [], { routed: false }],
	["another host", service({ [labels.hosts]: "b.example" }), [judged("healthy")], { routed: false }],
	["claimed since nobody knows when", claimed(), [], { routed: true }],
	["claimed long ago", claimed(61_000), [], { routed: true }],
	["claimed long ago, and nobody could tell", claimed(61_000), [judged("inconclusive")], { routed: true }],
	["claimed long ago, and not heeded at the last gate", claimed(61_000), [notRouted], { routed: false }],
	["not heeded at the last gate, healthy once before", claimed(61_000), [notRouted, judged("healthy")], { routed: true }],
	["claimed a moment ago, healthy before", claimed(5_000), [judged("healthy")], { routed: true }],
	["claimed a moment ago", claimed(5_000), [], { routed: false, noticedInMs: 55_000 }],
])("%s", (_name, observed, deployments, expected) => {
	expect(routeOf(observed, url, deployments, now)).toEqual(expected);
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
