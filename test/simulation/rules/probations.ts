// Judges what is written down of a release on probation at the moment when it is written: then what it says has to be so.
import type { Probation } from "../../../src/model/probation.ts";
import type { DataFolder } from "../world/data-folder.ts";
import type { World } from "../world/world.ts";
import type { TellBreach } from "./breach.ts";

interface Moment {
	now: number;
	isLive: boolean;
}

/** From now on, whatever any process writes. */
export function judgeProbations({ clock }: World, { store }: DataFolder, tell: TellBreach): void {
	const save = store.saveProbation.bind(store);
	store.saveProbation = (after) => {
		const { deploymentId } = after;
		const before = store.findProbation(deploymentId);
		const moment = { now: clock.monotonic(), isLive: store.findDeployment(deploymentId)?.status === "done" };
		const broken = [...brokenByBake(before, after, moment), ...brokenByConfirmation(before, after, moment)];
		for (const rule of broken) tell(rule, `${deploymentId}: ${JSON.stringify(after)}`);
		save(after);
	};
}

function brokenByBake(before: Probation | undefined, { bake, bakeEndsMs = 0 }: Probation, { now, isLive }: Moment): string[] {
	if (!bake || bake.state === before?.bake?.state) return [];
	if (before?.bake?.state !== "running") return ["a bake that is over stays over"];
	if (bake.state !== "passed") return [];
	return [...(now < bakeEndsMs ? ["never trusted before its time"] : []), ...(isLive ? [] : ["only what is live passes its bake"])];
}

function brokenByConfirmation(before: Probation | undefined, { confirm, confirmEndsMs = 0 }: Probation, { now, isLive }: Moment): string[] {
	if (!confirm || confirm.state === before?.confirm?.state) return [];
	if (before?.confirm?.state !== "awaiting") return ["a confirmation that is over stays over"];
	if (confirm.state === "expired" && now < confirmEndsMs) return ["never taken back before its time"];
	return confirm.state === "confirmed" && !isLive ? ["only what is live is confirmed"] : [];
}
