import { describe, expect, test } from "vitest";
import { decidedEdge, type EdgeGate, openEdgeGate, takeProbe } from "../../../../src/engine/health/edge-gate.ts";
import { type EdgeBaseline, routingGraceMs } from "../../../../src/engine/health/routing.ts";
import type { HealthPolicy } from "../../../../src/model/application.ts";
import type { ProbeResult } from "../../../../src/model/health.ts";
import { failure, policy, status, url } from "./probes.ts";

interface Setting extends Partial<HealthPolicy> {
	baseline?: EdgeBaseline;
	/** Time of every probe. */
	at?: number;
}

/** The gate after these probes. */
function gateAfter(results: ProbeResult[], { baseline, at = 0, ...over }: Setting = {}): EdgeGate {
	return results.reduce((gate, result) => takeProbe(gate, result, at), openEdgeGate(url, policy(over), baseline));
}

function edgeAfter(results: ProbeResult[], setting?: Setting) {
	return decidedEdge(gateAfter(results, setting));
}

function times(count: number, ...results: ProbeResult[]): ProbeResult[] {
	return Array.from({ length: count }, () => results).flat();
}

const ok = status(200);
const down = status(500);
const missing = status(404);

describe("answers in a row decide", () => {
	test("N passes, and not one fewer", () => {
		expect(edgeAfter(times(2, ok))).toBeUndefined();
		expect(edgeAfter(times(3, ok))).toEqual({ url, verdict: "healthy", mode: "strict", status: 200, attempts: 3, latencyMs: 1 });
	});

	test("N failures, and not one fewer", () => {
		expect(edgeAfter(times(2, down))).toBeUndefined();
		expect(edgeAfter(times(3, down))).toMatchObject({ verdict: "unhealthy", status: 500, error: "answered 500, wanted 200", attempts: 3 });
	});

	test("the first answer decides when one is asked for", () => {
		expect(edgeAfter([ok], { retries: 1 })?.verdict).toBe("healthy");
		expect(edgeAfter([down], { retries: 1 })?.verdict).toBe("unhealthy");
	});

	test("an app that starts slowly becomes healthy", () => {
		const results = [failure("connect"), failure("connect"), ok, status(503), ok, ok, ok];
		expect(edgeAfter(results)).toMatchObject({ verdict: "healthy", attempts: 7 });
	});

	test("different failures make one streak; the last one is shown", () => {
		const edge = edgeAfter([status(503), failure("timeout"), failure("connect")]);
		expect(edge).toMatchObject({ verdict: "unhealthy", error: "connect words" });
		expect(edge).not.toHaveProperty("status");
	});

	test("a lenient edge passes on any answer but a gateway's", () => {
		expect(edgeAfter([status(404), status(500), status(302)], { path: "/" })).toMatchObject({ verdict: "healthy", mode: "lenient" });
		expect(edgeAfter([status(502), status(503), status(504)], { path: "/" })).toMatchObject({
			verdict: "unhealthy",
			error: "answered 504",
		});
	});

	test("nothing changes a decision", () => {
		const decided = gateAfter(times(3, ok));
		expect(takeProbe(decided, down, 0)).toBe(decided);
	});
});

describe("flapping", () => {
	test("10 N answers without N alike are unhealthy", () => {
		const results = times(15, ok, down);
		expect(edgeAfter(results.slice(0, 29))).toBeUndefined();
		expect(edgeAfter(results)).toMatchObject({
			verdict: "unhealthy",
			attempts: 30,
			error: "no 3 answers in a row alike in 30 probes",
		});
	});

	test("a streak that ends on the last allowed probe still decides", () => {
		expect(edgeAfter([...times(13, down, ok), down, ok, ok, ok])).toMatchObject({ verdict: "healthy", attempts: 30 });
	});

	test("is not excused by the baseline", () => {
		const baseline = { result: failure("dns"), routed: true };
		expect(edgeAfter(times(15, ok, failure("dns")), { baseline })).toMatchObject({ verdict: "unhealthy" });
	});

	test("404s count towards it", () => {
		expect(edgeAfter(times(15, ok, missing))).toMatchObject({ verdict: "unhealthy", attempts: 30 });
	});
});

describe("404 on a strict path", () => {
	test("N in a row fall back to / leniently, and counting starts anew", () => {
		const gate = gateAfter(times(3, missing));
		expect(gate).toMatchObject({ mode: "lenient", path: "/", fallback: true, attempts: 3 });
		expect(gate.streak).toBeUndefined();
		expect(decidedEdge(gate)).toBeUndefined();
		expect(edgeAfter([...times(3, missing), ...times(2, ok)])).toBeUndefined();
		expect(edgeAfter([...times(3, missing), ...times(3, status(401))])).toEqual({
			url,
			verdict: "healthy",
			mode: "lenient",
			status: 401,
			attempts: 6,
			latencyMs: 1,
			fallback: true,
		});
	});

	test("the fallback can fail as well", () => {
		expect(edgeAfter([...times(3, missing), ...times(3, status(502))])).toMatchObject({ verdict: "unhealthy", fallback: true });
	});

	test("a stray one breaks streaks either way and decides nothing", () => {
		expect(edgeAfter([ok, ok, missing, ok, ok])).toBeUndefined();
		expect(edgeAfter([down, down, missing, down, down])).toBeUndefined();
		expect(edgeAfter([missing, missing, ok, missing, missing, ok, ok, ok])).toMatchObject({
			verdict: "healthy",
			mode: "strict",
			attempts: 8,
		});
	});

	test("on a lenient path it is an answer like any other", () => {
		expect(edgeAfter(times(3, missing), { path: "/" })).toMatchObject({ verdict: "healthy" });
		expect(edgeAfter(times(3, missing), { path: "/" })).not.toHaveProperty("fallback");
	});
});

describe("what was broken before the swap", () => {
	for (const kind of ["dns", "connect", "tls"] as const) {
		test(`${kind} then and now is inconclusive`, () => {
			expect(edgeAfter(times(3, failure(kind)), { baseline: { result: failure(kind), routed: true } })).toMatchObject({
				verdict: "inconclusive",
				preexisting: true,
				error: `${kind} words; it was so before the swap too`,
			});
		});
	}

	test.each<[string, ProbeResult[], EdgeBaseline | undefined]>([
		["no baseline", times(3, failure("dns")), undefined],
		["another kind before", times(3, failure("dns")), { result: failure("connect"), routed: true }],
		["well before", times(3, failure("dns")), { result: ok, routed: true }],
		["timeout, which is not about the way", times(3, failure("timeout")), { result: failure("timeout"), routed: true }],
		["protocol, which is not about the way", times(3, failure("protocol")), { result: failure("protocol"), routed: true }],
		["the same HTTP status", times(3, status(503)), { result: status(503), routed: true }],
		["another failure first", [status(503), failure("dns"), failure("dns")], { result: failure("dns"), routed: true }],
		["another failure amid", [failure("dns"), failure("tls"), failure("dns")], { result: failure("dns"), routed: true }],
		["another failure last", [failure("dns"), failure("dns"), status(503)], { result: failure("dns"), routed: true }],
	])("is blamed on the release: %s", (_name, results, baseline) => {
		const edge = edgeAfter(results, baseline ? { baseline } : {});
		expect(edge?.verdict).toBe("unhealthy");
		expect(edge).not.toHaveProperty("preexisting");
	});

	test("an edge that recovers is healthy", () => {
		expect(edgeAfter(times(3, ok), { baseline: { result: failure("dns"), routed: true } })?.verdict).toBe("healthy");
	});
});

describe("an ingress that knows no route yet", () => {
	const traefik = status(404, "traefik");
	const caddy = status(200, "caddy");
	const unrouted = (result: ProbeResult): EdgeBaseline => ({ result, routed: false });

	test.each([
		["an empty 200", caddy, "/healthz"],
		["an empty 200, leniently", caddy, "/"],
		["a 404", traefik, "/healthz"],
		["a 404, leniently", traefik, "/"],
	])("%s is neither pass nor fail within the grace, and fails after", (_name, answer, path) => {
		const baseline = unrouted(answer);
		const gate = gateAfter(times(100, answer), { path, baseline, at: routingGraceMs - 1 });
		expect(decidedEdge(gate)).toBeUndefined();
		expect(gate).toMatchObject({ attempts: 100, counted: 0, fallback: false });
		expect(edgeAfter(times(3, answer), { path, baseline, at: routingGraceMs })).toMatchObject({
			verdict: "unhealthy",
			error: "not routed: the ingress still answers as it did before the app was there",
		});
	});

	test("it breaks a streak", () => {
		expect(edgeAfter([ok, ok, caddy, ok, ok], { baseline: unrouted(caddy) })).toBeUndefined();
		expect(edgeAfter([down, down, caddy, down, down], { baseline: unrouted(caddy) })).toBeUndefined();
		expect(edgeAfter([missing, missing, traefik, missing, missing], { baseline: unrouted(traefik) })).toBeUndefined();
	});

	test("the app's own answers count as ever", () => {
		expect(edgeAfter([traefik, traefik, ...times(3, ok)], { baseline: unrouted(traefik) })).toMatchObject({
			verdict: "healthy",
			attempts: 5,
		});
		expect(edgeAfter(times(3, status(200, "other")), { baseline: unrouted(caddy) })?.verdict).toBe("healthy");
		expect(gateAfter(times(3, missing), { baseline: unrouted(traefik) }).fallback).toBe(true);
	});

	test("after a fallback it still never passes", () => {
		const results = [...times(3, missing), ...times(3, traefik)];
		expect(edgeAfter(results, { baseline: unrouted(traefik) })).toBeUndefined();
		expect(edgeAfter(results, { baseline: unrouted(traefik), at: routingGraceMs })).toMatchObject({ verdict: "unhealthy" });
	});

	test("a host that was routed before, or a baseline without a signature, is taken at its word", () => {
		expect(edgeAfter(times(3, caddy), { baseline: { result: caddy, routed: true } })?.verdict).toBe("healthy");
		expect(edgeAfter(times(3, ok), { baseline: { result: ok, routed: false } })?.verdict).toBe("healthy");
	});
});
