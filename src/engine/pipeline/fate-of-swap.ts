// Finds out whether the swap of a deployment came true, where its worker is gone or was away for long.
import { type Deployment, isPastSwap } from "../../model/deployment.ts";
import type { Engine } from "../engine.ts";
import { type Fate, fateOf } from "../rollout/late-change.ts";

/** @throws docker_unreachable, swarm_not_ready */
export async function fateOfSwap({ swarm, store }: Pick<Engine, "swarm" | "store">, deployment: Deployment): Promise<Fate> {
	const { applicationId, deploymentId, undoing, phase, phases } = deployment;
	if (!isPastSwap(deployment)) return "never will";
	// One that was opened again was seen on the service then.
	const wasSeenThere = phase !== "release" || undoing !== undefined || phases.some((past) => past.phase === "release");
	if (wasSeenThere) return "came true";
	return fateOf(swarm, { serviceName: applicationId, deploymentId }, store.readSwapJournal(deploymentId));
}
