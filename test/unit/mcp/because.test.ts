import { expect, test } from "vitest";
import { DeploymillError } from "../../../src/errors.ts";
import { becauseOf } from "../../../src/mcp/because.ts";
import type { Deployment } from "../../../src/model/deployment.ts";
import type { Health } from "../../../src/model/health.ts";
import { deployment } from "../engine/records.ts";

const ill = (error: string): Health => ({
	verdict: "unhealthy",
	edges: [
		{ url: "https://ok.test/", path: "/healthz", verdict: "healthy", mode: "strict", status: 200, attempts: 3, latencyMs: 1 },
		{
			url: "https://a.test/healthz",
			path: "/healthz",
			verdict: "unhealthy",
			mode: "strict",
			status: 500,
			error,
			attempts: 3,
			latencyMs: 1,
		},
	],
});
const error = new DeploymillError("rollout_failed", `Its tasks failed.\n${"x".repeat(300)}`).toBody();

test.each<[string, Partial<Deployment>, string | undefined]>([
	["live", {}, undefined],
	["unchanged", { outcome: "unchanged" }, undefined],
	[
		"unchanged, and found ill",
		{ outcome: "unchanged", health: ill("answered 500, wanted 200") },
		"https://a.test/healthz: answered 500, wanted 200",
	],
	["running, and failing already", { status: "running", error }, undefined],
	["cancelled", { status: "cancelled", outcome: "cancelled", cancelRequested: { by: "a", at: "b" }, error }, undefined],
	["failed", { status: "error", outcome: "failed", error }, "rollout_failed: Its tasks failed."],
	[
		"unhealthy and left there",
		{ outcome: "live_unhealthy", health: ill("answered 500, wanted 200") },
		"https://a.test/healthz: answered 500, wanted 200",
	],
	[
		"rolled back",
		{ status: "error", outcome: "rolled_back", health: ill("answered 500, wanted 200") },
		"https://a.test/healthz: answered 500, wanted 200",
	],
	[
		"degraded",
		{ status: "error", outcome: "degraded", health: ill("answered 500"), autoRollback: { attempted: true, health: ill("answered 502") } },
		"https://a.test/healthz: answered 500; after the revert: answered 502",
	],
	[
		"degraded, the revert was not swapped in",
		{ status: "error", outcome: "degraded", health: ill("answered 500"), autoRollback: { attempted: true, reason: "swap_failed" } },
		"https://a.test/healthz: answered 500; the revert: swap_failed",
	],
	[
		"a task that did not stay in its bake",
		{
			outcome: "live_unhealthy",
			health: { verdict: "unhealthy", edges: [] },
			bake: { state: "failed", until: "b", because: "a task ended twice" },
		},
		"a task ended twice",
	],
	[
		"not confirmed in time",
		{ status: "error", outcome: "rolled_back", confirm: { state: "expired", until: "b", because: "it was not confirmed in time" } },
		"it was not confirmed in time",
	],
])("%s", (_name, over, expected) => {
	expect(becauseOf(deployment(over))).toBe(expected);
});

test("a long reason is cut", () => {
	const long = new DeploymillError("internal", "y".repeat(500)).toBody();
	expect(becauseOf(deployment({ status: "error", outcome: "failed", error: long }))).toHaveLength(160);
});
