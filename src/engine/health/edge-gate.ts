// Turns the probes of one edge into its verdict (contract section 6). Pure: time comes in as data.
import type { HealthPolicy } from "../../model/application.ts";
import type { Edge, ProbeMode, ProbeResult, TransportFailure, Verdict } from "../../model/health.ts";
import { classify, modeFor, type ProbeAnswer } from "./classify.ts";
import { describeFailure, notRoutedWords } from "./probe-words.ts";
import { type EdgeBaseline, graceMsOf, isIngressItself } from "./routing.ts";

/** An edge may give this many times `retries` answers before it counts as flapping. */
const flappingFactor = 10;
/** Failures on the way to the edge, which a release is not blamed for when they were there before it. */
const excusable: ReadonlySet<TransportFailure> = new Set(["dns", "connect", "tls"]);

/** `unrouted`: the ingress answered for itself within the routing grace, which says nothing about the app. */
export type GateAnswer = ProbeAnswer | "unrouted";

/** Answers of one kind in a row. */
interface Streak {
	answer: GateAnswer;
	length: number;
	/** The one transport failure that the whole streak is made of. */
	failure?: TransportFailure;
}

interface Decision {
	verdict: Verdict;
	error?: string;
	preexisting?: true;
	routed?: false;
}

/** Where the gate of one edge stands. Never changed, only replaced by `takeProbe`. */
export interface EdgeGate {
	readonly url: string;
	readonly retries: number;
	readonly baseline?: EdgeBaseline;
	readonly mode: ProbeMode;
	/** To probe next. */
	readonly path: string;
	/** The health path, where `path` is `/` for the moment, to learn whether the app is routed at all. */
	readonly pathAfterCheck?: string;
	/** The app's own answer was seen on `/`. */
	readonly routeProven?: boolean;
	readonly fallback: boolean;
	/** All probes made. */
	readonly attempts: number;
	/** Probes that count towards flapping: all but the `unrouted` ones. */
	readonly counted: number;
	readonly streak?: Streak;
	readonly last?: ProbeResult;
	readonly decision?: Decision;
}

/** @param url the edge without a path, e.g. `https://a.example` */
export function openEdgeGate(url: string, policy: HealthPolicy, baseline?: EdgeBaseline): EdgeGate {
	return {
		url,
		retries: policy.retries,
		mode: modeFor(policy.path),
		path: policy.path,
		fallback: false,
		attempts: 0,
		counted: 0,
		...(baseline ? { baseline } : {}),
	};
}

/**
 * The gate after one more probe. The order of the rules matters: the ingress answering for itself is looked for first,
 * because its 200 or 404 must never pass for the app's.
 *
 * @param elapsedMs since the application's gate began
 */
export function takeProbe(gate: EdgeGate, result: ProbeResult, elapsedMs: number): EdgeGate {
	if (gate.decision) return gate;
	const isKnownEndpointless = gate.routeProven === true && gate.path !== "/" && result.status === 404;
	const ingress = isIngressItself(gate.baseline, result, elapsedMs) && !isKnownEndpointless;
	if (gate.pathAfterCheck !== undefined && !ingress && classify("lenient", result) === "pass") return proveRoute(gate, result);
	const answer = ingress ? (elapsedMs < graceMsOf(gate.baseline) ? "unrouted" : "fail") : classify(gate.mode, result);
	const next: EdgeGate = {
		...gate,
		attempts: gate.attempts + 1,
		counted: gate.counted + (answer === "unrouted" ? 0 : 1),
		streak: extend(gate.streak, answer, result.failure),
		last: result,
	};
	return flapped(settle(turnToRouteCheck(next, ingress), ingress));
}

/**
 * An app without the endpoint may answer 404 in the very words of the ingress (a Go app behind Traefik does). Its `/` tells
 * them apart, so the two paths are asked in turn as long as nobody knows.
 */
function turnToRouteCheck(gate: EdgeGate, ingress: boolean): EdgeGate {
	const { pathAfterCheck, ...rest } = gate;
	if (pathAfterCheck !== undefined) return { ...rest, path: pathAfterCheck };
	if (!ingress || gate.last?.status !== 404 || gate.path === "/") return gate;
	return { ...gate, path: "/", pathAfterCheck: gate.path };
}

/**
 * `/` was answered by something else than the ingress: the app is reached, and a 404 of the health path is its own. On `/`
 * itself the ingress's words never pass, so that this alone makes no edge healthy.
 */
function proveRoute(gate: EdgeGate, result: ProbeResult): EdgeGate {
	const { pathAfterCheck, streak: _restarts, ...rest } = gate;
	return { ...rest, path: pathAfterCheck ?? gate.path, attempts: gate.attempts + 1, last: result, routeProven: true };
}

/** The edge as it is shown, once it is decided. */
export function decidedEdge(gate: EdgeGate): Edge | undefined {
	const { decision, last } = gate;
	if (!decision || !last) return undefined;
	return {
		url: gate.url,
		verdict: decision.verdict,
		mode: gate.mode,
		...(last.status === undefined ? {} : { status: last.status }),
		...(decision.error === undefined ? {} : { error: decision.error }),
		attempts: gate.attempts,
		latencyMs: last.latencyMs,
		...(gate.fallback ? { fallback: true } : {}),
		...(decision.preexisting ? { preexisting: true } : {}),
		...(decision.routed === false ? { routed: false } : {}),
	};
}

function extend(streak: Streak | undefined, answer: GateAnswer, failure: TransportFailure | undefined): Streak {
	const continues = streak?.answer === answer;
	const common = !continues || streak.failure === failure ? failure : undefined;
	return { answer, length: continues ? streak.length + 1 : 1, ...(common ? { failure: common } : {}) };
}

/** What a streak of `retries` answers brings about. */
function settle(gate: EdgeGate, ingress: boolean): EdgeGate {
	const { streak } = gate;
	if (!streak || streak.length < gate.retries) return gate;
	switch (streak.answer) {
		case "pass":
			return { ...gate, decision: { verdict: "healthy" } };
		case "fail":
			return { ...gate, decision: decideFailure(gate, streak, ingress) };
		case "not_found":
			return fallBack(gate);
		case "unrouted":
			return gate;
	}
}

function decideFailure(gate: EdgeGate, streak: Streak, ingress: boolean): Decision {
	const error = ingress ? notRoutedWords : describeFailure(gate.mode, gate.last ?? { latencyMs: 0 });
	const { failure } = streak;
	if (failure && excusable.has(failure) && gate.baseline?.result.failure === failure) {
		return { verdict: "inconclusive", error: `${error}; it was so before the swap too`, preexisting: true };
	}
	return { verdict: "unhealthy", error, ...(ingress ? { routed: false as const } : {}) };
}

/** One stray 404 may come from an app that still starts; `retries` of them say that the endpoint is not there. */
function fallBack(gate: EdgeGate): EdgeGate {
	const { streak: _restarts, ...rest } = gate;
	return { ...rest, mode: "lenient", path: "/", fallback: true };
}

function flapped(gate: EdgeGate): EdgeGate {
	if (gate.decision || gate.counted < flappingFactor * gate.retries) return gate;
	const error = `no ${gate.retries} answers in a row alike in ${gate.counted} probes`;
	return { ...gate, decision: { verdict: "unhealthy", error } };
}
