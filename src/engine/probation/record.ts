// Keeps the record of a release on probation true: how it begins, what an event makes of it, and what its deadlines mean by now. Pure.
import type { Bake, Confirmation, Probation } from "../../model/probation.ts";
import { type Happening, isOpen, nextStanding, type Standing } from "./standing.ts";

/** Whoever watches says so more often than this; a longer silence is a time in which nobody watched. */
export const watchLeaseMs = 15_000;

/** The wall clock is believed to this point: a deadline is shown anew where it is further off. */
const shownWithinMs = 5_000;

export interface Now {
	/** Milliseconds since 1970. */
	wallMs: number;
	/** Of the monotonic clock. */
	monotonicMs: number;
}

/** What was asked for of a release that is about to be live. */
export interface Asked {
	/** 0: no bake. */
	bakeMs: number;
	/** 0: no confirmation is waited for. */
	confirmMs: number;
}

/** Undefined where nothing begins. @param found what is there when the gate ends */
export function beginProbation(
	{ bakeMs, confirmMs }: Asked,
	happening: Extract<Happening, `the gate ${string}`>,
	found: Pick<Probation, "deploymentId" | "applicationId" | "policy" | "tasksFingerprint" | "endedBefore">,
	now: Now,
): Probation | undefined {
	const asked: Standing = { gate: "running", bake: bakeMs > 0 ? "asked" : "none", confirm: confirmMs > 0 ? "asked" : "none" };
	const begun = nextStanding(asked, happening);
	if (!begun || !isOpen(begun)) return undefined;
	const ends = (ms: number) => ({ until: new Date(now.wallMs + ms).toISOString(), endsMs: now.monotonicMs + ms });
	const [bake, confirm] = [ends(bakeMs), ends(confirmMs)];
	return {
		...found,
		watchedMs: now.monotonicMs,
		unwatchedMs: 0,
		...(begun.bake === "running" ? { bake: { state: "running", until: bake.until }, bakeEndsMs: bake.endsMs, bakeMs } : {}),
		...(begun.confirm === "awaiting" ? { confirm: { state: "awaiting", until: confirm.until }, confirmEndsMs: confirm.endsMs } : {}),
	};
}

/** Undefined: whoever asks for it is refused. @param because one sentence of ours, for what ends by it and does not end well */
export function afterHappening(probation: Probation, happening: Happening, because?: string): Probation | undefined {
	const { bake, confirm } = probation;
	const then = nextStanding(standingOf(probation), happening);
	if (!then) return undefined;
	const why = because === undefined ? {} : { because };
	return {
		...probation,
		...(bake && then.bake !== bake.state ? { bake: { ...bake, state: then.bake as Bake["state"], ...why } } : {}),
		...(confirm && then.confirm !== confirm.state ? { confirm: { ...confirm, state: then.confirm as Confirmation["state"], ...why } } : {}),
	};
}

export function standingOf({ bake, confirm }: Pick<Probation, "bake" | "confirm">): Standing {
	return { gate: "passed", bake: bake?.state ?? "none", confirm: confirm?.state ?? "none" };
}

/**
 * The record when somebody watches again. After the machine was started anew its monotonic clock began anew: what was left of a
 * deadline when somebody last watched is left still, so that it ends late and never early.
 */
export function watchedAgain(probation: Probation, now: Now): Probation {
	const silentMs = now.monotonicMs - probation.watchedMs;
	const isStartedAnew = silentMs < 0;
	const moved = (endsMs: number) => (isStartedAnew ? endsMs + silentMs : endsMs);
	const { bake, bakeEndsMs, bakeMs = 0, confirm, confirmEndsMs } = probation;
	// For how long the machine was off nobody can tell.
	const missedMs = isStartedAnew ? bakeMs : silentMs > watchLeaseMs ? silentMs : 0;
	return {
		...probation,
		watchedMs: now.monotonicMs,
		unwatchedMs: probation.unwatchedMs + missedMs,
		...(bake && bakeEndsMs !== undefined ? { bake: shown(bake, "running", moved(bakeEndsMs), now), bakeEndsMs: moved(bakeEndsMs) } : {}),
		...(confirm && confirmEndsMs !== undefined
			? { confirm: shown(confirm, "awaiting", moved(confirmEndsMs), now), confirmEndsMs: moved(confirmEndsMs) }
			: {}),
	};
}

function shown<Part extends Bake | Confirmation>(part: Part, open: Part["state"], endsMs: number, { wallMs, monotonicMs }: Now): Part {
	const until = wallMs + endsMs - monotonicMs;
	if (part.state !== open || Math.abs(until - Date.parse(part.until)) <= shownWithinMs) return part;
	return { ...part, until: new Date(until).toISOString() };
}

export function isBakeOver({ bake, bakeEndsMs = 0 }: Probation, monotonicMs: number): boolean {
	return bake?.state === "running" && monotonicMs >= bakeEndsMs;
}

export function isTimeToConfirmOver({ confirm, confirmEndsMs = 0 }: Probation, monotonicMs: number): boolean {
	return confirm?.state === "awaiting" && monotonicMs >= confirmEndsMs;
}

/** Somebody watched its end, and the better part of it. To be asked of a record that is over, before it is watched again. */
export function wasWatched(probation: Probation, monotonicMs: number): boolean {
	const silentMs = monotonicMs - probation.watchedMs;
	return silentMs >= 0 && silentMs <= watchLeaseMs && isMostlyWatched(probation);
}

export function isMostlyWatched({ unwatchedMs, bakeMs = 0 }: Probation): boolean {
	return unwatchedMs <= bakeMs / 2;
}

/** For a bake that passed with a gap in it. */
export function gapWords({ unwatchedMs }: Probation): string | undefined {
	return unwatchedMs > 0 ? `nobody watched for ${Math.round(unwatchedMs / 1000)} s of it` : undefined;
}
