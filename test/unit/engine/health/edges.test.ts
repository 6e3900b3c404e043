import { expect, test } from "vitest";
import { isClaimed, isRouted, stampHosts } from "../../../../src/engine/health/edges.ts";
import { labels, type ObservedService } from "../../../../src/model/service.ts";

const url = "https://a.example";

function service(serviceLabels: Record<string, string>): ObservedService {
	return { id: "s", version: 1, spec: { Labels: serviceLabels } } as unknown as ObservedService;
}

function ago(milliseconds: number): string {
	return new Date(Date.now() - milliseconds).toISOString();
}

test.each<[string, ObservedService | undefined, { claimed: boolean; routed: boolean }]>([
	["no service", undefined, { claimed: false, routed: false }],
	["a service of no hosts", service({}), { claimed: false, routed: false }],
	["another host", service({ [labels.hosts]: "b.example" }), { claimed: false, routed: false }],
	["claimed since nobody knows when", service({ [labels.hosts]: "b.example a.example" }), { claimed: true, routed: true }],
	["claimed long ago", service({ [labels.hosts]: "a.example", [labels.hostsSince]: ago(61_000) }), { claimed: true, routed: true }],
	["claimed a moment ago", service({ [labels.hosts]: "a.example", [labels.hostsSince]: ago(5_000) }), { claimed: true, routed: false }],
])("%s", (_name, observed, expected) => {
	expect({ claimed: isClaimed(observed, url), routed: isRouted(observed, url) }).toEqual(expected);
});

test("the time of the hosts' last change is kept while they stay the same, and is new when they change", () => {
	const before = { [labels.hosts]: "a.example", [labels.hostsSince]: "2026-01-01T00:00:00.000Z", other: "x" };
	expect(stampHosts({ [labels.hosts]: "a.example" }, before)).toEqual({
		[labels.hosts]: "a.example",
		[labels.hostsSince]: before[labels.hostsSince],
	});
	const changed = stampHosts({ [labels.hosts]: "a.example b.example" }, before);
	expect(Date.parse(String(changed[labels.hostsSince]))).toBeGreaterThan(Date.parse(before[labels.hostsSince]));
	expect(Object.keys(stampHosts({ [labels.hosts]: "a.example" }, undefined))).toContain(labels.hostsSince);
	expect(stampHosts({ [labels.hosts]: "a.example" }, { [labels.hosts]: "a.example" })).toEqual({ [labels.hosts]: "a.example" });
	expect(stampHosts({ other: "x" }, before)).toEqual({ other: "x" });
});
