import { describe, expect, test } from "vitest";
import { systemClock } from "../../../../src/adapters/system-clock.ts";
import { type GateAttempt, probeBaseline, runGate } from "../../../../src/engine/health/gate.ts";
import type { Prober } from "../../../../src/engine/ports/prober.ts";
import type { ProbeResult } from "../../../../src/model/health.ts";
import { failure, policy, status } from "./probes.ts";

const [a, b] = ["https://a.example", "https://b.example"];

/** Answers each url from its own list; the last answer stays. */
function scripted(script: Record<string, ProbeResult[]>): Prober & { asked: string[] } {
	const asked: string[] = [];
	return {
		asked,
		async probe(url) {
			asked.push(url);
			const answers = script[url] ?? [failure("dns")];
			return (answers.length > 1 ? answers.shift() : answers[0]) as ProbeResult;
		},
	};
}

describe("runGate", () => {
	test("judges nothing where there is no edge", async () => {
		expect(await runGate({ clock: systemClock, prober: scripted({}), urls: [], policy: policy() })).toEqual({ verdict: null, edges: [] });
	});

	test("judges each edge by itself, in the order given", async () => {
		const prober = scripted({ [`${a}/healthz`]: [status(500), status(200)], [`${b}/healthz`]: [status(503)] });
		const health = await runGate({ clock: systemClock, prober, urls: [a, b], policy: policy() });
		expect(health.verdict).toBe("unhealthy");
		expect(health.edges).toMatchObject([
			{ url: a, verdict: "healthy", attempts: 4 },
			{ url: b, verdict: "unhealthy", attempts: 3, error: "answered 503, wanted 200" },
		]);
	});

	test("probes / after the fallback", async () => {
		const prober = scripted({ [`${a}/healthz`]: [status(404)], [`${a}/`]: [status(302)] });
		const health = await runGate({ clock: systemClock, prober, urls: [a], policy: policy({ retries: 2 }) });
		expect(prober.asked).toEqual([`${a}/healthz`, `${a}/healthz`, `${a}/`, `${a}/`]);
		expect(health).toMatchObject({ verdict: "healthy", edges: [{ fallback: true, mode: "lenient" }] });
	});

	test("probes the edges side by side", async () => {
		let open = 0;
		let most = 0;
		const prober: Prober = {
			async probe() {
				most = Math.max(most, ++open);
				await new Promise((resolve) => setImmediate(resolve));
				open--;
				return status(200);
			},
		};
		await runGate({ clock: systemClock, prober, urls: [a, b, "https://c.example"], policy: policy() });
		expect(most).toBe(3);
	});

	test("excuses an edge by its own baseline", async () => {
		const baseline = { [a]: { result: failure("tls"), routed: true } };
		const prober = scripted({ [`${a}/healthz`]: [failure("tls")], [`${b}/healthz`]: [status(200)] });
		const health = await runGate({ clock: systemClock, prober, urls: [a, b], policy: policy(), baseline });
		expect(health).toMatchObject({ verdict: "healthy", edges: [{ verdict: "inconclusive", preexisting: true }, { verdict: "healthy" }] });
	});

	test("gives an ingress time to find the route, by the clock it is given", async () => {
		let time = 1_000_000;
		const baseline = { [a]: { result: status(404, "ingress"), routed: false } };
		const health = await runGate({
			prober: {
				async probe() {
					time += 4_000;
					return status(404, "ingress");
				},
			},
			urls: [a],
			policy: policy(),
			baseline,
			clock: { ...systemClock, monotonic: () => time },
		});
		// Probes at 4 s to 28 s are within the grace; those at 32, 36 and 40 s fail.
		expect(health.edges).toMatchObject([{ verdict: "unhealthy", attempts: 10, error: expect.stringMatching(/^not routed/) }]);
	});

	test("tells of every attempt", async () => {
		const attempts: GateAttempt[] = [];
		const prober = scripted({ [`${a}/healthz`]: [status(404), status(500), status(200)] });
		await runGate({
			clock: systemClock,
			prober,
			urls: [a],
			policy: policy({ retries: 2 }),
			onAttempt: (attempt) => attempts.push(attempt),
		});
		expect(attempts.map(({ attempt, answer, streak, needed }) => [attempt, answer, streak, needed])).toEqual([
			[1, "not_found", 1, 2],
			[2, "fail", 1, 2],
			[3, "pass", 1, 2],
			[4, "pass", 2, 2],
		]);
	});

	test("an abort ends the wait at once, with the signal's reason", async () => {
		const stop = new AbortController();
		const gate = runGate({
			clock: systemClock,
			prober: scripted({ [`${a}/healthz`]: [status(200)] }),
			urls: [a],
			policy: policy({ intervalMs: 60_000 }),
			signal: stop.signal,
			onAttempt: () => setImmediate(() => stop.abort(new Error("worker stops"))),
		});
		await expect(gate).rejects.toThrow("worker stops");
	});

	test("a probe that was called off does not count", async () => {
		const stop = new AbortController();
		const attempts: GateAttempt[] = [];
		const prober: Prober = {
			async probe() {
				stop.abort(new Error("worker stops"));
				return failure("timeout");
			},
		};
		const gate = runGate({
			clock: systemClock,
			prober,
			urls: [a],
			policy: policy({ retries: 1 }),
			signal: stop.signal,
			onAttempt: (attempt) => attempts.push(attempt),
		});
		await expect(gate).rejects.toThrow("worker stops");
		expect(attempts).toEqual([]);
	});

	test("when a listener throws, no edge is probed on", async () => {
		const prober = scripted({ [`${a}/healthz`]: [status(200)], [`${b}/healthz`]: [status(200)] });
		const gate = runGate({
			clock: systemClock,
			prober,
			urls: [a, b],
			policy: policy({ retries: 20 }),
			onAttempt: () => {
				throw new Error("lock lost");
			},
		});
		await expect(gate).rejects.toThrow("lock lost");
		expect(prober.asked.length).toBeLessThanOrEqual(2);
	});
});

test("probeBaseline asks each edge once, and notes who was routed before it asked", async () => {
	const routed = new Set([a]);
	const prober: Prober = {
		async probe(url, timeoutMs) {
			routed.add(b);
			return { ...status(url.startsWith(a) ? 200 : 404), latencyMs: timeoutMs };
		},
	};
	expect(await probeBaseline(prober, [a, b], policy(), (url) => ({ routed: routed.has(url) }))).toEqual({
		[a]: { result: { status: 200, latencyMs: 50 }, routed: true },
		[b]: { result: { status: 404, latencyMs: 50 }, routed: false },
	});
});
