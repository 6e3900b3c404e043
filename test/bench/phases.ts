// Tells how long a deployment was in each of its phases.
import type { DeploymentAnswer } from "../support/deployment-answer.ts";
import { medianOf, type Round, seconds } from "./pairs.ts";

const names = ["queued", "checkout", "build", "push", "release", "health"] as const;

export type PhaseTimes = Round<(typeof names)[number]>;

/** In milliseconds; 0 for a phase that it was not in. */
export function phasesOf({ phases }: DeploymentAnswer): PhaseTimes {
	const times = names.map((name) => [name, phases.find(({ phase }) => phase === name)?.durationMs ?? 0]);
	return Object.fromEntries(times) as PhaseTimes;
}

/** The medians, of those that took any time. */
export function toldPhases(all: PhaseTimes[]): string {
	const told = names.map((name) => ({ name, ms: medianOf(all, name) })).filter(({ ms }) => ms > 0);
	return told.map(({ name, ms }) => `\`${name}\` ${seconds(ms)}`).join(", ");
}
