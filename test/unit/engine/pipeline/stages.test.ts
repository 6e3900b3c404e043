import { expect, test } from "vitest";
import { randomIds } from "../../../../src/adapters/random-ids.ts";
import { takeBaseline } from "../../../../src/engine/pipeline/stages.ts";
import type { Baseline } from "../../../../src/model/health.ts";
import { answer, untrusted } from "../health/probes.ts";
import { application, deployment } from "../records.ts";

const settings = { ingress: { edgeScheme: "https" } } as Parameters<typeof takeBaseline>[0]["settings"];
const early: Baseline = { "https://a.example": { result: { failure: "dns", latencyMs: 9 } } };

/** Of a rollback that was begun with this baseline. */
function taken(baseline: Baseline | undefined, domains: string[]): Promise<Baseline> {
	const record = deployment({ kind: "rollback", ...(baseline ? { baseline } : {}) });
	const store = { findDeployment: () => record };
	const prober = { probe: async () => answer(503) };
	const run = { deploymentId: record.deploymentId, application: application({ domains }), signal: new AbortController().signal };
	return takeBaseline({ store, prober, ids: randomIds, untrusted, settings }, run);
}

test("a baseline that was taken while the call was checked is not taken again", async () => {
	expect(await taken(early, ["a.example"])).toEqual(early);
});

test("it is taken anew where a domain was added meanwhile", async () => {
	expect(await taken(early, ["a.example", "b.example"])).toEqual({
		"https://a.example": { result: { status: 503, latencyMs: 1 } },
		"https://b.example": { result: { status: 503, latencyMs: 1 } },
	});
});

test("it is taken where there is none", async () => {
	expect(await taken(undefined, ["a.example"])).toEqual({ "https://a.example": { result: { status: 503, latencyMs: 1 } } });
});
