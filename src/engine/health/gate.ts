// Runs a health gate: asks the prober, feeds the answers to the rules of `edge-gate.ts`, and waits in between.
import type { HealthPolicy } from "../../model/application.ts";
import type { Baseline, Edge, Health, ProbeResult, Route } from "../../model/health.ts";
import type { Clock } from "../ports/clock.ts";
import type { Prober } from "../ports/prober.ts";
import { decidedEdge, type EdgeGate, type GateAnswer, openEdgeGate, takeProbe } from "./edge-gate.ts";
import { judgeApplication } from "./verdict.ts";

/** One probe of a gate that runs, for progress and logs. */
export interface GateAttempt {
	url: string;
	/** 1 for the first probe of this edge. */
	attempt: number;
	result: ProbeResult;
	/** Absent when this probe made the edge fall back to `/`, where counting starts anew. */
	answer?: GateAnswer;
	/** How many answers of this kind came in a row; `needed` of them decide. */
	streak: number;
	needed: number;
}

export interface GateOptions {
	prober: Prober;
	/** Edges without a path, e.g. `https://a.example`. */
	urls: readonly string[];
	policy: HealthPolicy;
	/** From before the swap. Without one nothing is excused, and an ingress that answers for itself is not told apart. */
	baseline?: Baseline;
	signal?: AbortSignal;
	/** What it throws ends the gate. */
	onAttempt?: (attempt: GateAttempt) => void;
	clock: Clock;
}

/**
 * Probes all edges side by side until each is decided. An edge is asked again `intervalMs` after its last answer.
 * Ends by itself: after 10 × `retries` counted probes per edge at the latest, and the routing grace before them.
 *
 * @throws the signal's reason when aborted; what `onAttempt` throws
 */
export async function runGate(options: GateOptions): Promise<Health> {
	const { clock } = options;
	const startedAt = clock.monotonic();
	const failed = new AbortController();
	const signal = options.signal ? AbortSignal.any([options.signal, failed.signal]) : failed.signal;
	try {
		const edges = await Promise.all(options.urls.map((url) => judgeEdge(url, options, signal, () => clock.monotonic() - startedAt)));
		return { verdict: judgeApplication(edges), edges };
	} finally {
		// Where one edge's loop threw, the others must not probe on.
		failed.abort();
	}
}

/**
 * One probe of the health path per edge, side by side: what the edges answered before the swap.
 *
 * @param routeOf what is known of the ingress's way to an edge when this is called
 */
export async function probeBaseline(
	prober: Prober,
	urls: readonly string[],
	policy: HealthPolicy,
	routeOf: (url: string) => Route,
	signal?: AbortSignal,
): Promise<Baseline> {
	const edges = urls.map((url) => ({ url, route: routeOf(url) }));
	const entries = edges.map(async ({ url, route }) => {
		const result = await prober.probe(`${url}${policy.path}`, policy.timeoutMs, signal);
		return [url, { result, ...route }] as const;
	});
	return Object.fromEntries(await Promise.all(entries));
}

async function judgeEdge(url: string, options: GateOptions, signal: AbortSignal, elapsedMs: () => number): Promise<Edge> {
	const { prober, policy, clock } = options;
	let gate = openEdgeGate(url, policy, options.baseline?.[url]);
	for (;;) {
		signal.throwIfAborted();
		const result = await prober.probe(`${url}${gate.path}`, policy.timeoutMs, signal);
		// A probe that was called off looks like a failed one; it must not count.
		signal.throwIfAborted();
		gate = takeProbe(gate, result, elapsedMs());
		options.onAttempt?.(describeAttempt(gate, result));
		const edge = decidedEdge(gate);
		if (edge) return edge;
		// An abort ends the wait early; the check on top of the loop then throws the signal's own reason.
		await clock.sleep(policy.intervalMs, signal);
	}
}

function describeAttempt(gate: EdgeGate, result: ProbeResult): GateAttempt {
	return {
		url: gate.url,
		attempt: gate.attempts,
		result,
		...(gate.streak ? { answer: gate.streak.answer } : {}),
		streak: gate.streak?.length ?? 0,
		needed: gate.retries,
	};
}
