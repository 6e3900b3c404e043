// Turns the probes of one edge into its verdict (contract section 6). Pure: time comes in as data.
import type { HealthPolicy } from "../../model/application.ts";
import type { Edge, EdgeSighting, ProbeMode, ProbeResult, TransportFailure, Verdict } from "../../model/health.ts";
import { modeFor } from "./classify.ts";
import type { KnownEdge } from "./known-edge.ts";
import * as words from "./probe-words.ts";
import { type Reading, readRound } from "./reading.ts";
import type { ServedBy } from "./release-name.ts";
import type { Round } from "./round.ts";

/** An edge may be asked this many times `retries` rounds before it counts as flapping. */
const flappingFactor = 10;
/** For so long an answer of an older release may be that of a task which still ends. Longer than a rollout waits for older tasks. */
const drainGraceMs = 150_000;
/** Failures on the way to the edge, which a release is not blamed for when they were there before it. */
const excusable: ReadonlySet<TransportFailure> = new Set(["dns", "connect", "tls"]);

/** Rounds of one kind in a row. `bad`: the app failed, or the ingress has no route to it. */
interface Streak {
	kind: "pass" | "bad" | "not_found" | "hidden" | "unsure";
	length: number;
	/** The one transport failure that the whole streak is made of. */
	failure?: TransportFailure;
	/** All of it was the ingress's own answers. */
	isOwn: boolean;
}

interface Decision {
	verdict: Verdict;
	error?: string;
	preexisting?: true;
}

/** Where the gate of one edge stands. Never changed, only replaced by `takeRound`. */
export interface EdgeGate {
	readonly known: KnownEdge;
	readonly policy: Pick<HealthPolicy, "path" | "retries" | "releaseHeader">;
	readonly mode: ProbeMode;
	/** To ask next. */
	readonly path: string;
	readonly fallback: boolean;
	/** All rounds. */
	readonly rounds: number;
	/** Rounds that count towards flapping: all but those that were waited through. */
	readonly counted: number;
	/** Answers of the counted rounds. */
	readonly tally: words.Tally;
	readonly waited: { routeMs?: number; certificateMs?: number };
	readonly reached: boolean;
	readonly streak?: Streak;
	readonly last?: ProbeResult;
	/** Who the last answer said that it is of. */
	readonly servedBy?: ServedBy;
	/** The last answer that was not of the release that is judged, and who it said that it is of. */
	readonly stranger?: { answer: ProbeResult; servedBy: ServedBy | undefined };
	readonly decision?: Decision;
}

export function openEdgeGate(known: KnownEdge, policy: EdgeGate["policy"]): EdgeGate {
	const { path } = policy;
	return {
		known,
		policy,
		mode: modeFor(path),
		path,
		fallback: false,
		rounds: 0,
		counted: 0,
		tally: { failed: 0, own: 0, another: 0, of: 0 },
		waited: {},
		reached: false,
	};
}

/**
 * The gate after one more round.
 *
 * @param elapsedMs since the application's gate began
 */
export function takeRound(gate: EdgeGate, round: Round, elapsedMs: number): EdgeGate {
	if (gate.decision) return gate;
	const reading = readRound(gate.mode, round);
	const { servedBy: _before, ...rest } = gate;
	const next: EdgeGate = {
		...rest,
		rounds: gate.rounds + 1,
		reached: gate.reached || reading.reached,
		last: reading.shown,
		...(reading.servedBy ? { servedBy: reading.servedBy } : {}),
		...(reading.kind === "another" ? { stranger: { answer: reading.shown, servedBy: reading.servedBy } } : {}),
	};
	// Until the older tasks have ended, it is no wonder.
	if (reading.kind === "another" && round.olderMayAnswer && elapsedMs < drainGraceMs) return next;
	return waitedThrough(next, reading, elapsedMs) ?? flapped(settle(count(next, reading)));
}

/** The edge as it is shown, once it is decided. */
export function decidedEdge(gate: EdgeGate): Edge | undefined {
	const { decision, last, waited } = gate;
	if (!decision || !last) return undefined;
	return {
		url: gate.known.url,
		path: gate.path,
		verdict: decision.verdict,
		mode: gate.mode,
		...(last.status === undefined ? {} : { status: last.status }),
		...(decision.error === undefined ? {} : { error: decision.error }),
		attempts: gate.rounds,
		latencyMs: last.latencyMs,
		...(gate.fallback ? { fallback: true } : {}),
		...(decision.preexisting ? { preexisting: true } : {}),
		...(gate.servedBy ? { servedBy: gate.servedBy.text } : {}),
		...(waited.routeMs === undefined && waited.certificateMs === undefined ? {} : { waited }),
	};
}

/** What is to be remembered of the edge, once it is decided. */
export function sightingOf({ known, policy, reached, decision, mode }: EdgeGate): EdgeSighting {
	return { url: known.url, path: policy.path, reached, ...(decision?.verdict === "healthy" ? { healthyIn: mode } : {}) };
}

/** Within the grace of a new route the ingress's own answers count neither way, nor does a certificate that is not there yet. */
function waitedThrough(gate: EdgeGate, { own, kind, lacksCertificate }: Reading, elapsedMs: number): EdgeGate | undefined {
	const { routeGraceMs, certificateGraceMs } = gate.known;
	const { streak: _broken, ...rest } = gate;
	if (lacksCertificate && elapsedMs < certificateGraceMs) return { ...rest, waited: { ...gate.waited, certificateMs: elapsedMs } };
	if ((own > 0 || kind === "unsure") && elapsedMs < routeGraceMs) return { ...rest, waited: { ...gate.waited, routeMs: elapsedMs } };
	return undefined;
}

function count(gate: EdgeGate, reading: Reading): EdgeGate {
	const { streak, ...rest } = gate;
	const { failed, own, another, of } = gate.tally;
	const tally = {
		failed: failed + reading.failed,
		own: own + reading.own,
		another: another + reading.another,
		of: of + reading.of,
	};
	const longer = extend(streak, reading);
	return { ...rest, counted: gate.counted + 1, tally, ...(longer ? { streak: longer } : {}) };
}

/** Good and bad answers in one round are no step either way. Answers of another release are not even a break. */
function extend(streak: Streak | undefined, { kind, failure }: Reading): Streak | undefined {
	if (kind === "another") return streak;
	if (kind === "mixed") return undefined;
	const now = { kind: kind === "fail" || kind === "own" ? "bad" : kind, isOwn: kind === "own" } as const;
	if (streak?.kind !== now.kind) return { ...now, length: 1, ...(failure ? { failure } : {}) };
	const isOwn = streak.isOwn && now.isOwn;
	return { kind: now.kind, isOwn, length: streak.length + 1, ...(failure && failure === streak.failure ? { failure } : {}) };
}

/** What a streak of `retries` rounds brings about. */
function settle(gate: EdgeGate): EdgeGate {
	const { streak, last, known, policy } = gate;
	if (!streak || !last || streak.length < policy.retries) return gate;
	const decided = (decision: Decision): EdgeGate => ({ ...gate, decision });
	switch (streak.kind) {
		case "pass":
			return decided({ verdict: "healthy" });
		case "bad":
			return decided(decideFailure(gate, streak, last));
		case "not_found":
			return known.wasStrict ? decided({ verdict: "unhealthy", error: words.endpointGone(known.wasStrict) }) : fallBack(gate);
		case "hidden":
			return known.wasStrict ? decided({ verdict: "inconclusive", error: words.hidden(last) }) : fallBack(gate);
		case "unsure":
			return decided({ verdict: "inconclusive", error: words.unsure(last) });
	}
}

function decideFailure({ known, mode }: EdgeGate, streak: Streak, last: ProbeResult): Decision {
	if (streak.isOwn)
		return known.labelled ? { verdict: "unhealthy", error: words.notRouted(last) } : inconclusive(words.notRoutedByUs(last));
	const error = words.failed(mode, last);
	const { failure } = streak;
	if (failure === undefined || !excusable.has(failure) || failure !== known.failedBefore) return { verdict: "unhealthy", error };
	return { ...inconclusive(`${error}; it was so before the swap too`), preexisting: true };
}

/** One stray 404 may come from an app that still starts; `retries` of them say that the endpoint is not there. */
function fallBack(gate: EdgeGate): EdgeGate {
	const { streak: _restarts, ...rest } = gate;
	return { ...rest, mode: "lenient", path: "/", fallback: true };
}

function flapped(gate: EdgeGate): EdgeGate {
	const { decision, counted, tally, policy, known } = gate;
	if (decision || counted < flappingFactor * policy.retries) return gate;
	const blamed = known.labelled ? tally.failed + tally.own : tally.failed;
	if (gate.stranger && tally.another >= tally.of / 2) {
		const error = words.anotherRelease(gate.stranger.answer, gate.stranger.servedBy, policy.releaseHeader);
		return { ...gate, decision: { verdict: "unhealthy", error } };
	}
	const error = words.flapping(policy.retries, counted, tally);
	return { ...gate, decision: blamed > 0 ? { verdict: "unhealthy", error } : inconclusive(error) };
}

function inconclusive(error: string): Decision {
	return { verdict: "inconclusive", error };
}
