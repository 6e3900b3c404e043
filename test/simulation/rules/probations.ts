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
	/** As they were when they began, whatever is written since. */
	const begun = new Map<string, Pick<Probation, "bakeEndsMs" | "confirmEndsMs">>();
	store.saveProbation = (after) => {
		const { deploymentId } = after;
		const found = store.findProbation(deploymentId);
		const { bakeEndsMs, confirmEndsMs } = begun.get(deploymentId) ?? found ?? {};
		const ends = { ...(bakeEndsMs === undefined ? {} : { bakeEndsMs }), ...(confirmEndsMs === undefined ? {} : { confirmEndsMs }) };
		begun.set(deploymentId, ends);
		const before = found && { ...found, ...ends };
		const moment = { now: clock.monotonic(), isLive: store.findDeployment(deploymentId)?.status === "done" };
		const broken = [...brokenByBake(before, after, moment), ...brokenByConfirmation(before, after, moment)];
		for (const rule of broken) tell(rule, `${deploymentId}: ${JSON.stringify(after)}`);
		save(after);
	};
}

function brokenByBake(before: Probation | undefined, { bake }: Probation, { now, isLive }: Moment): string[] {
	if (!bake || bake.state === before?.bake?.state) return [];
	if (before?.bake?.state !== "running") return ["a bake that is over stays over"];
	if (bake.state !== "passed") return [];
	return [
		...(now < (before.bakeEndsMs ?? 0) ? ["never trusted before its time"] : []),
		...(isLive ? [] : ["only what is live passes its bake"]),
	];
}

function brokenByConfirmation(before: Probation | undefined, { confirm }: Probation, { now, isLive }: Moment): string[] {
	if (!confirm || confirm.state === before?.confirm?.state) return [];
	if (before?.confirm?.state !== "awaiting") return ["a confirmation that is over stays over"];
	if (confirm.state === "expired" && now < (before.confirmEndsMs ?? 0)) return ["never taken back before its time"];
	return confirm.state === "confirmed" && !isLive ? ["only what is live is confirmed"] : [];
}
