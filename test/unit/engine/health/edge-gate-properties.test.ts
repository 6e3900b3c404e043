import { expect, test } from "vitest";
import { decidedEdge, type EdgeGate, openEdgeGate, takeProbe } from "../../../../src/engine/health/edge-gate.ts";
import { type EdgeBaseline, routingGraceMs } from "../../../../src/engine/health/routing.ts";
import type { ProbeMode, ProbeResult } from "../../../../src/model/health.ts";
import { failure, policy, status, url } from "./probes.ts";

const ingress = status(200, "ingress");
const answers: ProbeResult[] = [
	...[200, 200, 200, 204, 301, 404, 404, 404, 500, 502, 503].map((code) => status(code)),
	status(404, "ingress"),
	ingress,
	ingress,
	...(["dns", "dns", "connect", "tls", "timeout", "protocol"] as const).map(failure),
];
const baselines: (EdgeBaseline | undefined)[] = [
	undefined,
	{ result: ingress, routed: false },
	{ result: ingress, routed: true },
	{ result: status(404, "ingress"), routed: false },
	{ result: failure("dns"), routed: true },
	{ result: failure("dns"), routed: false },
	{ result: failure("timeout"), routed: true },
];

/** mulberry32: the same numbers from the same seed, on every machine. */
function generator(seed: number): (below: number) => number {
	let state = seed;
	return (below) => {
		state = (state + 0x6d2b79f5) | 0;
		let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
		mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
		return (((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below;
	};
}

function pick<T>(random: (below: number) => number, items: readonly T[]): T {
	return items[Math.floor(random(items.length))] as T;
}

interface Step {
	result: ProbeResult;
	/** The mode the probe was made in. */
	mode: ProbeMode;
	/** It asked `/` to learn whether the app is routed, and judges nothing. */
	checksRoute: boolean;
	/** The app's own answer was seen on `/` before. */
	routeProven: boolean;
	elapsedMs: number;
}

interface Run {
	gate: EdgeGate;
	steps: Step[];
	retries: number;
	baseline: EdgeBaseline | undefined;
}

/** A whole gate over random answers; answers come in runs, as they do in life, or nothing would ever be decided. */
function play(seed: number): Run {
	const random = generator(seed);
	const retries = 1 + Math.floor(random(5));
	const baseline = pick(random, baselines);
	const path = pick(random, ["/healthz", "/healthz", "/"]);
	const stickiness = random(1);
	let gate = openEdgeGate(url, policy({ path, retries }), baseline);
	let result = pick(random, answers);
	const steps: Step[] = [];
	while (!gate.decision) {
		if (random(1) > stickiness) result = pick(random, answers);
		const elapsedMs = steps.length * 700;
		const { mode, pathAfterCheck, routeProven = false } = gate;
		steps.push({ result, mode, checksRoute: pathAfterCheck !== undefined, routeProven, elapsedMs });
		gate = takeProbe(gate, result, elapsedMs);
	}
	return { gate, steps, retries, baseline };
}

function isIngress({ baseline }: Run, { result }: Step): boolean {
	return baseline?.routed === false && baseline.result.signature !== undefined && baseline.result.signature === result.signature;
}

function passes({ mode, result }: Step): boolean {
	if (result.status === undefined) return false;
	return mode === "strict" ? result.status === 200 : ![502, 503, 504].includes(result.status);
}

const runs = Array.from({ length: 4000 }, (_, seed) => play(seed + 1));

test("the random runs reach every kind of end", () => {
	const ends = new Set(runs.map(({ gate }) => `${gate.decision?.verdict} ${gate.mode} ${gate.fallback}`));
	expect([...ends].sort()).toEqual([
		"healthy lenient false",
		"healthy lenient true",
		"healthy strict false",
		"inconclusive lenient false",
		"inconclusive lenient true",
		"inconclusive strict false",
		"unhealthy lenient false",
		"unhealthy lenient true",
		"unhealthy strict false",
	]);
	expect(runs.some(({ gate }) => gate.decision?.error?.startsWith("no "))).toBe(true);
	expect(runs.some(({ gate }) => gate.decision?.error?.startsWith("not routed"))).toBe(true);
});

test("healthy means that the last N probes all passed in one mode, and none was the ingress's own answer", () => {
	for (const run of runs.filter(({ gate }) => gate.decision?.verdict === "healthy")) {
		const last = run.steps.slice(-run.retries);
		expect(last).toHaveLength(run.retries);
		expect(last.every((step) => passes(step) && step.mode === run.gate.mode && !isIngress(run, step))).toBe(true);
	}
});

test("healthy is found at the first chance: no earlier N probes in a row passed", () => {
	for (const run of runs) {
		const earlier = run.steps.slice(0, -1);
		const good = earlier.map((step) => passes(step) && !step.checksRoute && !isIngress(run, step));
		for (let end = run.retries; end <= earlier.length; end++) {
			const window = earlier.slice(end - run.retries, end);
			const oneMode = window.every((step) => step.mode === window[0]?.mode);
			expect(oneMode && good.slice(end - run.retries, end).every(Boolean)).toBe(false);
		}
	}
});

test("unhealthy means N failures in a row, or 10 N counted probes", () => {
	for (const run of runs.filter(({ gate }) => gate.decision?.verdict === "unhealthy")) {
		const last = run.steps.slice(-run.retries);
		const failed = (step: Step) => (isIngress(run, step) ? step.elapsedMs >= routingGraceMs : !passes(step));
		const flapped = run.gate.decision?.error?.startsWith("no ") ?? false;
		expect(flapped ? run.gate.counted === 10 * run.retries : last.every(failed)).toBe(true);
	}
});

test("inconclusive means that the last N probes and the baseline failed alike on the way", () => {
	for (const { gate, steps, retries, baseline } of runs.filter((run) => run.gate.decision?.verdict === "inconclusive")) {
		const kind = baseline?.result.failure;
		expect(["dns", "connect", "tls"]).toContain(kind);
		expect(steps.slice(-retries).every(({ result }) => result.failure === kind)).toBe(true);
		expect(decidedEdge(gate)?.preexisting).toBe(true);
	}
});

test("a gate ends: never more than 10 N counted probes, and every probe is an attempt", () => {
	for (const { gate, steps, retries } of runs) {
		expect(gate.counted).toBeLessThanOrEqual(10 * retries);
		expect(gate.attempts).toBe(steps.length);
	}
});

test("the fallback is only taken after N 404s in a row that were not the ingress's, or once `/` proved that the app is reached", () => {
	for (const run of runs.filter(({ gate }) => gate.fallback)) {
		const first = run.steps.findIndex(({ mode }) => mode === "lenient");
		const before = first === -1 ? run.steps.slice(-run.retries) : run.steps.slice(first - run.retries, first);
		expect(before).toHaveLength(run.retries);
		expect(before.every((step) => step.result.status === 404 && (step.routeProven || !isIngress(run, step)))).toBe(true);
	}
});
