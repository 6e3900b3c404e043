import { describe, expect, test } from "vitest";
import { randomIds } from "../../../../src/adapters/random-ids.ts";
import { systemClock } from "../../../../src/adapters/system-clock.ts";
import { probeBaseline, runGate } from "../../../../src/engine/health/gate.ts";
import type { EdgeAnswer, Prober } from "../../../../src/engine/ports/prober.ts";
import type { HealthPolicy } from "../../../../src/model/application.ts";
import { application } from "../records.ts";
import { answer, edge, noAnswer, policy, untrusted } from "./probes.ts";

const [a, b] = ["https://a.example", "https://b.example"];
const ports = (prober: Prober) => ({ prober, clock: systemClock, ids: randomIds, untrusted });

/** Answers each url from its own list, and for a host that nobody has as an ingress does; the last answer stays. */
function scripted(script: Record<string, EdgeAnswer[]>): Prober & { asked: string[] } {
	const asked: string[] = [];
	return {
		asked,
		async probe({ url, path, asHost }) {
			if (asHost) return answer(404, "404 page not found");
			asked.push(`${url}${path}`);
			const answers = script[`${url}${path}`] ?? [noAnswer("dns")];
			return (answers.length > 1 ? answers.shift() : answers[0]) as EdgeAnswer;
		},
	};
}

function gate(prober: Prober, urls: string[], over: Partial<HealthPolicy> = {}, times = 1, signal?: AbortSignal) {
	const edges = urls.map((url) => edge({ url }));
	return runGate(ports(prober), edges, { policy: policy(over), times, ...(signal ? { signal } : {}) });
}

describe("runGate", () => {
	test("judges nothing where there is no edge", async () => {
		expect(await gate(scripted({}), [])).toEqual({ health: { verdict: null, edges: [] }, sightings: [] });
	});

	test("judges each edge by itself, in the order given, and tells what is to be remembered", async () => {
		const prober = scripted({ [`${a}/healthz`]: [answer(500), answer(200)], [`${b}/healthz`]: [answer(503)] });
		const { health, sightings } = await gate(prober, [a, b]);
		expect(health.verdict).toBe("unhealthy");
		expect(health.edges).toMatchObject([
			{ url: a, path: "/healthz", verdict: "healthy", attempts: 4 },
			{ url: b, verdict: "unhealthy", attempts: 3, error: "answered 503, wanted 200" },
		]);
		expect(sightings).toEqual([
			{ url: a, path: "/healthz", reached: true, healthyIn: "strict" },
			{ url: b, path: "/healthz", reached: false },
		]);
	});

	test("probes / after the fallback", async () => {
		const prober = scripted({ [`${a}/healthz`]: [answer(404, "mine")], [`${a}/`]: [answer(302)] });
		const { health } = await gate(prober, [a], { retries: 2 });
		expect(health).toMatchObject({ verdict: "healthy", edges: [{ fallback: true, mode: "lenient", path: "/" }] });
		expect(prober.asked.slice(-2)).toEqual([`${a}/`, `${a}/`]);
	});

	test("probes the edges side by side, each as often as it is told", async () => {
		let open = 0;
		let most = 0;
		const prober: Prober = {
			async probe() {
				most = Math.max(most, ++open);
				await new Promise((resolve) => setImmediate(resolve));
				open--;
				return answer(200);
			},
		};
		await gate(prober, [a, b, "https://c.example"], {}, 4);
		expect(most).toBe(3 * (4 + 2));
	});

	test("gives an ingress time to find the route, by the clock it is given", async () => {
		let time = 1_000_000;
		const prober: Prober = { probe: async () => answer(404, "404 page not found") };
		const clock = {
			...systemClock,
			monotonic: () => time,
			async sleep() {
				time += 4_000;
			},
		};
		const waiting = edge({ url: a, routeGraceMs: 30_000 });
		const { health } = await runGate({ ...ports(prober), clock }, [waiting], { policy: policy(), times: 1 });
		// Rounds at 0 s to 28 s are within the grace; those at 32, 36 and 40 s fail.
		expect(health.edges).toMatchObject([
			{ verdict: "unhealthy", attempts: 11, waited: { routeMs: 28_000 }, error: expect.stringMatching(/^not routed/) },
		]);
	});

	test.each(["protocol", "tls"] as const)(
		"finds an app behind an ingress that refuses to answer for a host that nobody has (%s)",
		async (refusal) => {
			const prober: Prober = { probe: async ({ asHost }) => (asHost ? noAnswer(refusal) : answer(200)) };
			expect((await gate(prober, [a])).health).toMatchObject({ verdict: "healthy", edges: [{ attempts: 3 }] });
		},
	);

	test("an abort ends the wait at once, with the signal's reason", async () => {
		const stop = new AbortController();
		const prober: Prober = {
			async probe() {
				setTimeout(() => stop.abort(new Error("worker stops")), 1);
				return answer(500);
			},
		};
		await expect(gate(prober, [a], { intervalMs: 60_000 }, 1, stop.signal)).rejects.toThrow("worker stops");
	});
});

test("probeBaseline asks each edge, and keeps nothing of what was said", async () => {
	const settings = { ingress: { edgeScheme: "https" } } as Parameters<typeof probeBaseline>[0]["settings"];
	const prober = scripted({ [`${a}/healthz`]: [answer(200, "secret words", { x: "secret" })] });
	const app = application({ domains: ["a.example", "b.example"] });
	expect(await probeBaseline({ ...ports(prober), settings }, app, new AbortController().signal)).toEqual({
		[a]: { result: { status: 200, latencyMs: 1 } },
		[b]: { result: { failure: "dns", error: "dns words", latencyMs: 1 } },
	});
});
