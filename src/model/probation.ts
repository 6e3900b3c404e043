// Describes what is kept of a release that is live and not yet trusted: its bake, and the confirmation it waits for.

import type { HealthPolicy } from "./application.ts";

/** `unobserved`: nobody watched it. */
export type BakeState = "running" | "passed" | "failed" | "cut_short" | "unobserved";
export type ConfirmState = "awaiting" | "confirmed" | "expired" | "superseded";

/** The time after the gate in which a release is watched on. */
export interface Bake {
	state: BakeState;
	/** ISO 8601, by the wall clock as it was when anybody last watched. */
	until: string;
	/** One sentence of ours. */
	because?: string;
}

/** What was asked for with `confirmWithin`. */
export interface Confirmation {
	state: ConfirmState;
	until: string;
	/** Who confirmed it, when and why. */
	by?: string;
	at?: string;
	reason?: string;
	/** How the waiting ended otherwise. */
	because?: string;
}

/** Deadlines are kept in milliseconds of the machine's monotonic clock: the wall clock may be set back or forward meanwhile. */
export interface Probation {
	deploymentId: string;
	applicationId: string;
	bake?: Bake;
	bakeEndsMs?: number;
	/** From its begin to its end. */
	bakeMs?: number;
	confirm?: Confirmation;
	confirmEndsMs?: number;
	/** As its gate judged it: a later reconcile is the next release's. */
	policy: HealthPolicy;
	/** When somebody last watched. */
	watchedMs: number;
	/** How much of the bake nobody watched, as far as that can be told. */
	unwatchedMs: number;
	/** Hash over what the tasks were made from when the gate ended: another one is somebody else's doing. */
	tasksFingerprint: string;
	/** Ids of tasks that had ended before. */
	endedBefore: string[];
}
