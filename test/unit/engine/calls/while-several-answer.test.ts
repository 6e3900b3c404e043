import { expect, test } from "vitest";
import { whileSeveralAnswer } from "../../../../src/engine/calls/while-several-answer.ts";
import type { Edge } from "../../../../src/model/health.ts";
import { task } from "../records.ts";

const edge = (over: Partial<Edge> = {}): Edge => ({
	url: "https://a.example",
	path: "/healthz",
	verdict: "healthy",
	mode: "strict",
	status: 200,
	attempts: 3,
	latencyMs: 1,
	...over,
});
const healthy = { verdict: "healthy" as const, edges: [edge()] };
const old = task("dep-old", { desiredState: "shutdown" });
const nobodyKnows = {
	verdict: "inconclusive",
	edges: [{ verdict: "inconclusive", error: expect.stringMatching(/more than one release/) }],
};

test("a good answer may be that of a task that is being stopped", () => {
	expect(whileSeveralAnswer(healthy, [task("dep-new"), old])).toMatchObject(nobodyKnows);
	expect(whileSeveralAnswer(healthy, [task("dep-new"), task("dep-new", { image: "by-hand" })])).toMatchObject(nobodyKnows);
});

test("it is not where only tasks of one release could answer", () => {
	for (const state of ["starting", "shutdown", "failed"] as const)
		expect(whileSeveralAnswer(healthy, [old, old, task("dep-new", { state })])).toEqual(healthy);
	expect(whileSeveralAnswer(healthy, [task("dep-new"), task("dep-old", { nodeReady: false })])).toEqual(healthy);
});

test("a release that names itself is known by its answers", () => {
	const named = { verdict: "healthy" as const, edges: [edge({ servedBy: "dep-new" })] };
	expect(whileSeveralAnswer(named, [task("dep-new"), old])).toEqual(named);
});

test("a bad answer is one, whoever gave it", () => {
	const ill = { verdict: "unhealthy" as const, edges: [edge({ verdict: "unhealthy", status: 503 }), edge()] };
	expect(whileSeveralAnswer(ill, [task("dep-new"), old])).toMatchObject({
		verdict: "unhealthy",
		edges: [{ verdict: "unhealthy" }, { verdict: "inconclusive" }],
	});
});
