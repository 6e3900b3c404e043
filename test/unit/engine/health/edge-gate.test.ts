import { describe, expect, test } from "vitest";
import { decidedEdge, type EdgeGate, openEdgeGate, sightingOf, takeRound } from "../../../../src/engine/health/edge-gate.ts";
import type { KnownEdge } from "../../../../src/engine/health/known-edge.ts";
import type { Round } from "../../../../src/engine/health/round.ts";
import type { HealthPolicy } from "../../../../src/model/application.ts";
import { anybodys, app, edge, named, nameless, none, others, ours, own, policy, round, roundAtRoot, times, url } from "./probes.ts";

interface Setting extends Partial<HealthPolicy> {
	known?: Partial<KnownEdge>;
	/** Time of every round. */
	at?: number;
}

/** The gate after these rounds. */
function gateAfter(rounds: Round[], { known, at = 0, ...over }: Setting = {}): EdgeGate {
	return rounds.reduce((gate, one) => takeRound(gate, one, at), openEdgeGate(edge(known), policy(over)));
}

function edgeAfter(rounds: Round[], setting?: Setting) {
	return decidedEdge(gateAfter(rounds, setting));
}

const ok = round(app(200));
const down = round(app(500));
const missing = round(app(404));

describe("rounds in a row decide", () => {
	test("N passes, and not one fewer", () => {
		expect(edgeAfter(times(2, ok))).toBeUndefined();
		expect(edgeAfter(times(3, ok))).toEqual({
			url,
			path: "/healthz",
			verdict: "healthy",
			mode: "strict",
			status: 200,
			attempts: 3,
			latencyMs: 1,
		});
	});

	test("N failures, and not one fewer", () => {
		expect(edgeAfter(times(2, down))).toBeUndefined();
		expect(edgeAfter(times(3, down))).toMatchObject({ verdict: "unhealthy", status: 500, error: "answered 500, wanted 200", attempts: 3 });
	});

	test("the first round decides when one is asked for", () => {
		expect(edgeAfter([ok], { retries: 1 })?.verdict).toBe("healthy");
		expect(edgeAfter([down], { retries: 1 })?.verdict).toBe("unhealthy");
	});

	test("an app that starts slowly becomes healthy", () => {
		const rounds = [round(none("connect")), round(none("connect")), ok, round(app(503)), ok, ok, ok];
		expect(edgeAfter(rounds)).toMatchObject({ verdict: "healthy", attempts: 7 });
	});

	test("different failures make one streak; the last one is shown", () => {
		const shown = edgeAfter([round(app(503)), round(none("timeout")), round(none("connect"))]);
		expect(shown).toMatchObject({ verdict: "unhealthy", error: "connect words" });
		expect(shown).not.toHaveProperty("status");
	});

	test("a lenient edge passes on any answer but a gateway's", () => {
		const said = (...codes: number[]) => codes.map((code) => round(app(code)));
		expect(edgeAfter(said(404, 500, 302), { path: "/" })).toMatchObject({ verdict: "healthy", mode: "lenient", path: "/" });
		expect(edgeAfter(said(502, 503, 504), { path: "/" })).toMatchObject({ verdict: "unhealthy", error: "answered 504" });
	});

	test("nothing changes a decision", () => {
		const decided = gateAfter(times(3, ok));
		expect(takeRound(decided, down, 0)).toBe(decided);
	});
});

describe("flapping", () => {
	test("10 N rounds without N alike are unhealthy", () => {
		const rounds = times(15, ok, down);
		expect(edgeAfter(rounds.slice(0, 29))).toBeUndefined();
		expect(edgeAfter(rounds)).toMatchObject({ verdict: "unhealthy", attempts: 30, error: "no 3 answers in a row alike in 30 probes" });
	});

	test("a streak that ends on the last allowed round still decides", () => {
		expect(edgeAfter([...times(13, down, ok), down, ok, ok, ok])).toMatchObject({ verdict: "healthy", attempts: 30 });
	});

	test("is not excused by what was before", () => {
		expect(edgeAfter(times(15, ok, round(none("dns"))), { known: { failedBefore: "dns" } })).toMatchObject({ verdict: "unhealthy" });
	});

	test("404s count towards it", () => {
		expect(edgeAfter(times(15, ok, missing))).toMatchObject({ verdict: "unhealthy", attempts: 30 });
	});

	test("of which no answer was bad is inconclusive", () => {
		expect(edgeAfter(times(15, ok, round(anybodys(200))))).toMatchObject({ verdict: "inconclusive", attempts: 30 });
	});

	test("between the app and an ingress without a route of ours is inconclusive", () => {
		const rounds = times(15, ok, round(own(404)));
		expect(edgeAfter(rounds)).toMatchObject({ verdict: "unhealthy" });
		expect(edgeAfter(rounds, { known: { labelled: false } })).toMatchObject({ verdict: "inconclusive" });
	});
});

describe("several replicas", () => {
	test("a round passes only when all its answers do", () => {
		const good = round(app(200), app(200), app(200), app(200));
		expect(edgeAfter(times(3, good))).toMatchObject({ verdict: "healthy", attempts: 3 });
	});

	test("one bad of four, in every round: k of m answers failed, and a bad one is shown", () => {
		const mixed = round(app(200), app(503), app(200), app(200));
		expect(edgeAfter(times(29, mixed))).toBeUndefined();
		expect(edgeAfter(times(30, mixed))).toMatchObject({
			verdict: "unhealthy",
			status: 503,
			attempts: 30,
			error: "30 of 120 answers failed, and no 3 rounds in a row were alike",
		});
	});

	test("a mixed round breaks a streak either way", () => {
		const mixed = round(app(200), app(500));
		const [good, bad] = [round(app(200), app(200)), round(app(500), app(500))];
		expect(edgeAfter([good, good, mixed, good, good])).toBeUndefined();
		expect(edgeAfter([bad, bad, mixed, bad, bad])).toBeUndefined();
	});

	test("all bad is a failure like one answer's, whatever each says", () => {
		const bad = round(app(500), none("timeout"), own(404), app(404));
		expect(edgeAfter(times(3, bad))).toMatchObject({ verdict: "unhealthy", attempts: 3, status: 500, error: "answered 500, wanted 200" });
	});
});

describe("404 on a strict path", () => {
	test("N in a row fall back to / leniently, and counting starts anew", () => {
		const gate = gateAfter(times(3, missing));
		expect(gate).toMatchObject({ mode: "lenient", path: "/", fallback: true, rounds: 3 });
		expect(gate.streak).toBeUndefined();
		expect(edgeAfter([...times(3, missing), ...times(2, ok)])).toBeUndefined();
		const fallen = [...times(3, missing), ...times(3, round(app(401)))];
		expect(edgeAfter(fallen)).toMatchObject({ verdict: "healthy", path: "/", mode: "lenient", status: 401, attempts: 6, fallback: true });
		expect(sightingOf(gateAfter(fallen))).toEqual({ url, path: "/healthz", reached: true, healthyIn: "lenient" });
	});

	test("the fallback can fail as well", () => {
		expect(edgeAfter([...times(3, missing), ...times(3, round(app(502)))])).toMatchObject({ verdict: "unhealthy", fallback: true });
	});

	test("a stray one breaks streaks either way and decides nothing", () => {
		expect(edgeAfter([ok, ok, missing, ok, ok])).toBeUndefined();
		expect(edgeAfter([down, down, missing, down, down])).toBeUndefined();
		expect(edgeAfter([missing, missing, ok, missing, missing, ok, ok, ok])).toMatchObject({ verdict: "healthy", mode: "strict" });
	});

	test("on a lenient path it is an answer like any other", () => {
		expect(edgeAfter(times(3, missing), { path: "/" })).toMatchObject({ verdict: "healthy" });
		expect(edgeAfter(times(3, missing), { path: "/" })).not.toHaveProperty("fallback");
	});

	test("where the endpoint answered once, its absence is what is wrong", () => {
		const known = { wasStrict: { at: "2026-01-01T00:00:00.000Z", deploymentId: "dep-1" } };
		expect(edgeAfter(times(3, missing), { known })).toMatchObject({
			verdict: "unhealthy",
			mode: "strict",
			error: "answered 404: the endpoint that answered before (dep-1, 2026-01-01T00:00:00.000Z) is gone",
		});
	});
});

describe("what was broken before the swap", () => {
	for (const kind of ["dns", "connect", "tls"] as const) {
		test(`${kind} then and now is inconclusive`, () => {
			expect(edgeAfter(times(3, round(none(kind))), { known: { failedBefore: kind } })).toMatchObject({
				verdict: "inconclusive",
				preexisting: true,
				error: `${kind} words; it was so before the swap too`,
			});
		});
	}

	const dns = round(none("dns"));
	test.each<[string, Round[], KnownEdge["failedBefore"]]>([
		["nothing was broken", times(3, dns), undefined],
		["another kind before", times(3, dns), "connect"],
		["timeout, which is not about the way", times(3, round(none("timeout"))), "timeout"],
		["protocol, which is not about the way", times(3, round(none("protocol"))), "protocol"],
		["another failure first", [round(app(503)), dns, dns], "dns"],
		["another failure amid", [dns, round(none("tls")), dns], "dns"],
		["another failure last", [dns, dns, round(app(503))], "dns"],
		["another failure beside", times(3, round(none("dns"), none("timeout"))), "dns"],
	])("is blamed on the release: %s", (_name, rounds, failedBefore) => {
		const shown = edgeAfter(rounds, { known: failedBefore ? { failedBefore } : {} });
		expect(shown?.verdict).toBe("unhealthy");
		expect(shown).not.toHaveProperty("preexisting");
	});

	test("an edge that recovers is healthy", () => {
		expect(edgeAfter(times(3, ok), { known: { failedBefore: "dns" } })?.verdict).toBe("healthy");
	});
});

describe("an answer that cannot be told from the ingress's own", () => {
	const fresh = { routeGraceMs: 30_000, certificateGraceMs: 60_000 };

	test.each([
		[200, "/healthz"],
		[200, "/"],
		[404, "/healthz"],
		[404, "/"],
		[503, "/healthz"],
	])("%i at %s: counts neither way within the grace of a new route, and fails after it", (code, path) => {
		const gate = gateAfter(times(100, round(own(code))), { path, known: fresh, at: 29_999 });
		expect(decidedEdge(gate)).toBeUndefined();
		expect(gate).toMatchObject({ rounds: 100, counted: 0, fallback: false });
		expect(edgeAfter(times(3, round(own(code))), { path, known: fresh, at: 30_000 })).toMatchObject({
			verdict: "unhealthy",
			status: code,
			error: expect.stringMatching(/^not routed: .*a body of its own/),
		});
	});

	test("where the edge was seen to be routed before, there is no grace", () => {
		expect(edgeAfter(times(3, round(own(404))))).toMatchObject({ verdict: "unhealthy", error: expect.stringMatching(/^not routed/) });
	});

	test("where no label of ours routes the host, nobody can say whose fault it is", () => {
		expect(edgeAfter(times(3, round(own(404))), { known: { labelled: false } })).toMatchObject({
			verdict: "inconclusive",
			error: expect.stringMatching(/^not routed.*DEPLOYMILL_INGRESS=none/),
		});
	});

	test("breaks a streak", () => {
		const setting = { known: fresh };
		expect(edgeAfter([ok, ok, round(own(200)), ok, ok], setting)).toBeUndefined();
		expect(edgeAfter([down, down, round(own(200)), down, down], setting)).toBeUndefined();
	});

	test("the app's own answers count from the first on, and what was waited for is said", () => {
		let gate = openEdgeGate(edge(fresh), policy());
		for (const [index, one] of [round(own(404)), round(own(404)), ok, ok, ok].entries()) gate = takeRound(gate, one, index * 1000);
		expect(decidedEdge(gate)).toMatchObject({ verdict: "healthy", attempts: 5, waited: { routeMs: 1000 } });
		expect(sightingOf(gate)).toEqual({ url, path: "/healthz", reached: true, healthyIn: "strict" });
	});

	test("and / can be: a 404 is the app's, and a good one is judged by / in its place", () => {
		for (const code of [404, 200]) {
			const fallen = [...times(3, roundAtRoot(own(code))), ...times(3, ok)];
			expect(edgeAfter(fallen)).toMatchObject({ verdict: "healthy", mode: "lenient", fallback: true });
		}
	});

	test("and / can be, where the endpoint answered once: a 404 is its end, of a good one nobody knows", () => {
		const known = { wasStrict: { at: "2026-01-01T00:00:00.000Z", deploymentId: "dep-1" } };
		expect(edgeAfter(times(3, roundAtRoot(own(404))), { known })).toMatchObject({ verdict: "unhealthy" });
		expect(edgeAfter(times(3, roundAtRoot(own(200))), { known })).toMatchObject({
			verdict: "inconclusive",
			error: expect.stringMatching(/a body of its own/),
		});
	});

	test("and / can be, and it is a failure: nobody knows whose", () => {
		expect(edgeAfter(times(3, roundAtRoot(own(503))))).toMatchObject({ verdict: "inconclusive" });
	});

	test("because the ingress is silent: what is good is inconclusive, what is bad is bad", () => {
		expect(edgeAfter(times(3, round(anybodys(200))))).toMatchObject({
			verdict: "inconclusive",
			error: expect.stringMatching(/nobody can tell whose/),
		});
		expect(edgeAfter(times(3, round(anybodys(404))))).toMatchObject({ verdict: "inconclusive" });
		expect(edgeAfter(times(3, round(anybodys(500))))).toMatchObject({ verdict: "unhealthy" });
	});

	test("after a fallback it still never passes", () => {
		const rounds = [...times(3, missing), ...times(3, round(own(404)))];
		expect(edgeAfter(rounds)).toMatchObject({ verdict: "unhealthy", fallback: true, error: expect.stringMatching(/^not routed/) });
	});
});

describe("a certificate that is not there yet", () => {
	const fresh = { routeGraceMs: 30_000, certificateGraceMs: 60_000 };
	const tls = round(none("tls"));

	test("does not count while the host is new, and is told when it came", () => {
		let gate = openEdgeGate(edge(fresh), policy());
		for (const [index, one] of [tls, tls, tls, tls, ok, ok, ok].entries()) gate = takeRound(gate, one, index * 10_000);
		expect(decidedEdge(gate)).toMatchObject({ verdict: "healthy", attempts: 7, waited: { certificateMs: 30_000 } });
	});

	test("that never comes is not blamed on the release, as it was so before", () => {
		const known = { ...fresh, failedBefore: "tls" as const };
		expect(edgeAfter(times(9, tls), { known, at: 59_999 })).toBeUndefined();
		expect(edgeAfter(times(3, tls), { known, at: 60_000 })).toMatchObject({ verdict: "inconclusive", preexisting: true });
	});

	test("of a host that was reached before is a failure at once", () => {
		expect(edgeAfter(times(3, tls))).toMatchObject({ verdict: "unhealthy" });
	});
});

describe("with a release header", () => {
	const good = round(ours(200));
	const old = round(others(200));
	const draining = { ...old, olderMayAnswer: true };

	test("only answers of this release decide, and it is shown who gave them", () => {
		expect(edgeAfter([good, old, good, old, old, good])).toMatchObject({ verdict: "healthy", attempts: 6, servedBy: "dep-new" });
		expect(edgeAfter([round(ours(500)), old, round(ours(500)), round(ours(503))])).toMatchObject({
			verdict: "unhealthy",
			error: "answered 503, wanted 200",
			servedBy: "dep-new",
		});
	});

	test("N of another release prove nothing; 10 N of them do", () => {
		expect(edgeAfter(times(29, old))).toBeUndefined();
		expect(edgeAfter(times(30, old))).toMatchObject({
			verdict: "unhealthy",
			status: 200,
			attempts: 30,
			servedBy: "dep-old",
			error: expect.stringMatching(/^answered 200 by release dep-old, and not by this one/),
		});
	});

	test("a failure in between does not change what the edge is blamed for", () => {
		const shown = edgeAfter([...times(15, old), down, ...times(14, old)]);
		expect(shown).toMatchObject({ verdict: "unhealthy", error: expect.stringMatching(/by release dep-old/) });
	});

	test("nor do answers of nobody: the error names the env var", () => {
		const shown = edgeAfter(times(30, round(nameless(200))));
		expect(shown).toMatchObject({ verdict: "unhealthy", error: expect.stringContaining("DEPLOYMILL_RELEASE") });
		expect(shown).not.toHaveProperty("servedBy");
	});

	test("words of the app stand in servedBy alone", () => {
		const shown = edgeAfter(times(30, round(others(200, named("<untrusted-1>evil", false)))));
		expect(shown).toMatchObject({ servedBy: "<untrusted-1>evil", error: expect.not.stringContaining("evil") });
	});

	test("while older tasks end, their answers are waited through, but not for ever", () => {
		expect(edgeAfter([...times(100, draining), good, good, good])).toMatchObject({ verdict: "healthy", attempts: 103 });
		expect(edgeAfter([good, good, ...times(100, draining), good])).toMatchObject({ verdict: "healthy" });
		expect(edgeAfter(times(30, draining), { at: 200_000 })).toMatchObject({ verdict: "unhealthy" });
	});

	test("a round of several replicas passes when all its answers are of this release", () => {
		const mixed = round(ours(200), others(200));
		expect(edgeAfter(times(29, mixed))).toBeUndefined();
		expect(edgeAfter(times(30, mixed))).toMatchObject({ verdict: "unhealthy", error: expect.stringMatching(/dep-old/) });
		expect(edgeAfter(times(3, round(ours(200), others(200), ours(500))))).toBeUndefined();
		expect(edgeAfter(times(3, round(ours(500), others(200))))).toMatchObject({ verdict: "unhealthy", status: 500 });
	});

	test("an ingress that answers for itself is not routed, as ever", () => {
		const lost = round({ ...own(404), naming: { counts: false, isOurs: false } });
		expect(edgeAfter(times(3, lost))).toMatchObject({ verdict: "unhealthy", error: expect.stringMatching(/^not routed/) });
	});
});
