// Judges that nobody waits until a deadline for what is certain already: what is scaled to nothing does not come up, and neither does
// what keeps ending.
import { isPastSwap } from "../../../src/model/deployment.ts";
import { isOver, isWanted } from "../swarm/records.ts";
import { stampOf } from "./truth.ts";
import type { Witness } from "./witness.ts";

/** Longer than any step of a worker that is well, and shorter than any deadline of a rollout. */
const longestMs = 25_000;
/** So many tasks of one replica ended, and none runs. */
const enough = 4;

/** To be asked every few seconds. */
export class Waiting {
	readonly #witness: Witness;
	#sinceMs: number | undefined;
	#isTold = false;

	constructor(witness: Witness) {
		this.#witness = witness;
	}

	look(): void {
		const { world } = this.#witness;
		const now = world.clock.monotonic();
		const certain = world.cluster.state === "ready" && !world.isAnybodySuspended ? this.#whatIsCertain() : undefined;
		this.#sinceMs = certain ? (this.#sinceMs ?? now) : undefined;
		if (!certain || this.#isTold || now - (this.#sinceMs ?? now) < longestMs) return;
		this.#isTold = true;
		this.#witness.breach("nobody waits until a deadline for what is certain", certain);
	}

	/** Of a deployment past its swap whose worker is at work. */
	#whatIsCertain(): string | undefined {
		const { folder, truth, world } = this.#witness;
		const holder = folder.store.lockHolder(truth.applicationId);
		const deployment = holder && folder.store.findDeployment(holder.deploymentId);
		const { service } = truth;
		if (deployment?.status !== "running" || !isPastSwap(deployment) || !service) return undefined;
		const tasks = world.cluster.raft.tasksOf(service.id);
		if (service.spec.Mode.Replicated.Replicas === 0 && tasks.every(isOver)) return `${deployment.deploymentId} waits for nothing at all`;
		const stamp = stampOf({ template: service.spec.TaskTemplate });
		const ofRelease = Map.groupBy(
			tasks.filter((task) => stampOf(task) === stamp),
			({ slot }) => slot,
		);
		for (const [slot, all] of ofRelease) {
			const ended = all.filter(({ state }) => state === "failed" || state === "rejected" || state === "complete");
			const runs = all.some((task) => task.state === "running" && isWanted(task));
			if (ended.length >= enough && !runs)
				return `${deployment.deploymentId} waits for replica ${slot} of ${stamp}, whose tasks keep ending`;
		}
		return undefined;
	}
}
