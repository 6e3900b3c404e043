// Owns how many rollback points are kept, and the local tags of those given up.
import type { Deployment, RollbackPoint } from "../model/deployment.ts";
import { readHistory } from "./history.ts";
import type { Run } from "./run.ts";
import { releaseOf } from "./service-spec.ts";

/**
 * Points to give up: the oldest beyond `keep`, never one whose image is live or was the last recorded healthy. The registry's
 * copies are left to the registry's own clean-up: other tools may use them.
 */
export function pointsToGiveUp(
	points: RollbackPoint[],
	deployments: Deployment[],
	liveDigest: string | undefined,
	keep: number,
): RollbackPoint[] {
	const usable = points.filter(({ unusableBecause }) => unusableBecause === undefined);
	const healthy = deployments.find(
		(deployment) => deployment.verdict === "healthy" && usable.some(({ image }) => image.digest === deployment.image?.digest),
	);
	const needed = new Set([liveDigest, healthy?.image?.digest]);
	return usable.slice(keep).filter(({ image }) => !needed.has(image.digest));
}

export async function giveUpOldPoints(run: Run): Promise<void> {
	const { engine, application } = run;
	const { deployments, points } = readHistory(engine.store, application.applicationId);
	const live = releaseOf(await engine.swarm.inspectService(application.applicationId));
	const { keepRollbacks } = engine.settings;
	for (const point of pointsToGiveUp(points, deployments, live?.digest, keepRollbacks)) {
		engine.store.markUnusable(point.rollbackId, `retention keeps ${keepRollbacks} rollback points (DEPLOYMILL_KEEP_ROLLBACKS)`);
		const [repository] = point.image.reference.split("@");
		await engine.images.untag(`${repository}:${point.deploymentId}`);
	}
}
