import { expect, test } from "vitest";
import { decidedEdge, openEdgeGate, takeProbe } from "../../../../src/engine/health/edge-gate.ts";
import type { ProbeResult } from "../../../../src/model/health.ts";
import { policy, status, url } from "./probes.ts";

/** What an ingress such as Traefik answers for an unknown host; a Go app answers the same for an unknown path. */
const unknown = status(404, "ingress");
const unrouted = { result: unknown, routed: false };

/** Plays answers by path; stops when the edge is decided, or after `most` probes. */
function play(answers: Record<string, ProbeResult>, most = 200) {
	let gate = openEdgeGate(url, policy({ path: "/healthz", retries: 3 }), unrouted);
	const asked: string[] = [];
	while (!gate.decision && asked.length < most) {
		asked.push(gate.path);
		gate = takeProbe(gate, answers[gate.path] ?? unknown, asked.length * 1000);
	}
	return { edge: decidedEdge(gate), asked };
}

test("an app without the endpoint whose 404 is the ingress's, and whose front page answers, falls back and is healthy", () => {
	const { edge, asked } = play({ "/healthz": unknown, "/": status(200) });
	expect(edge).toMatchObject({ verdict: "healthy", mode: "lenient", fallback: true, attempts: 8 });
	expect(asked).toEqual(["/healthz", "/", "/healthz", "/healthz", "/healthz", "/", "/", "/"]);
});

test.each([502, 503, 504])("a %i on the front page proves nothing: the gateway may have said it", (code) => {
	const { edge } = play({ "/healthz": unknown, "/": status(code) });
	expect(edge?.verdict).toBe("unhealthy");
});

test("an ingress that answers both paths for itself is not routed, and never healthy", () => {
	const { edge, asked } = play({});
	expect(edge).toMatchObject({ verdict: "unhealthy", error: expect.stringContaining("not routed") });
	expect(new Set(asked)).toEqual(new Set(["/healthz", "/"]));
});

test("after the fallback, the ingress's own 404 on the front page still does not pass", () => {
	let gate = openEdgeGate(url, policy({ path: "/healthz", retries: 2 }), unrouted);
	for (const result of [unknown, status(200), unknown, unknown]) gate = takeProbe(gate, result, 0);
	expect(gate).toMatchObject({ mode: "lenient", path: "/" });
	for (let elapsedMs = 0; elapsedMs < 60_000 && !gate.decision; elapsedMs += 1000) gate = takeProbe(gate, unknown, elapsedMs);
	expect(decidedEdge(gate)).toMatchObject({ verdict: "unhealthy", error: expect.stringContaining("not routed") });
});

test("an edge whose ingress will have noticed by then: the same words say nothing until then, and count from then on", () => {
	const empty = status(200, "empty");
	let gate = openEdgeGate(url, policy({ retries: 2 }), { result: empty, routed: false, noticedInMs: 40_000 });
	for (const elapsedMs of [0, 29_000, 31_000, 39_999]) gate = takeProbe(gate, empty, elapsedMs);
	expect(gate).toMatchObject({ attempts: 4, counted: 0 });
	for (const elapsedMs of [40_000, 41_000]) gate = takeProbe(gate, empty, elapsedMs);
	expect(decidedEdge(gate)).toMatchObject({ verdict: "healthy", attempts: 6 });
});
