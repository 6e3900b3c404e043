// Waits for a moment of a world: what its newest deployment has come to, or the death of a worker.
import { type Deployment, isPastSwap } from "../../../src/model/deployment.ts";
import type { Folder, Moment } from "./plan.ts";
import { homeOf, newestOf, type Stage } from "./stage.ts";

/** A moment that does not come in this time will not. */
const patienceMs = 40_000;
const lookEveryMs = 50;

export async function waitFor(stage: Stage, moment: Moment, folder: Folder): Promise<void> {
	const { clock } = stage.world;
	const home = homeOf(stage, folder);
	const killedBefore = killed(stage);
	const endMs = clock.monotonic() + patienceMs;
	let seen = -1;
	let isSo = false;
	// What was asked for a moment ago is on its way.
	do {
		await clock.sleep(lookEveryMs);
		if (moment === "lost its worker") isSo = killed(stage) > killedBefore;
		// Looked up only where it may be another by now.
		else if (home.witness.written !== seen) isSo = hasCome(moment, newestOf(home));
		seen = home.witness.written;
	} while (!isSo && clock.monotonic() < endMs);
}

function hasCome(moment: Exclude<Moment, "lost its worker">, newest: Deployment | undefined): boolean {
	if (newest?.status !== "running") return moment === "is over";
	if (moment === "is put there") return isPastSwap(newest);
	return newest.phase === (moment === "is built" ? "push" : "health") && moment !== "is over";
}

function killed({ world }: Stage): number {
	return world.lives.filter(({ isKilled }) => isKilled).length;
}
