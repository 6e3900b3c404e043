// Decides how many rollback points are kept, and removes the local tags of those given up.

import type { Deployment, RollbackPoint } from "../../model/deployment.ts";
import type { Engine } from "../engine.ts";
import { isTrusted } from "../probation/standing.ts";
import { releaseOf } from "../service/spec.ts";
import { readHistory } from "./history.ts";

/**
 * Points to give up: those of the oldest images beyond `keep`, never one whose image is live or was the last recorded healthy, nor the
 * last healthy one that is trusted: as long as what is live is not, that is what would be gone back to.
 * An image that was deployed many times counts once: redeploying it must not push out what one could go back to. The
 * registry's copies are left to the registry's own clean-up: other tools may use them.
 */
export function pointsToGiveUp(
	points: RollbackPoint[],
	deployments: Deployment[],
	liveDigest: string | undefined,
	keep: number,
): RollbackPoint[] {
	const usable = points.filter(({ unusableBecause }) => unusableBecause === undefined);
	const healthy = deployments.filter(
		(deployment) => deployment.verdict === "healthy" && usable.some(({ image }) => image.digest === deployment.image?.digest),
	);
	const [last, lastTrusted] = [healthy[0], healthy.find(isTrusted)];
	const newest = [...new Set(usable.map(({ image }) => image.digest))].slice(0, keep);
	const needed = new Set([liveDigest, last?.image?.digest, lastTrusted?.image?.digest, ...newest]);
	return usable.filter(({ image }) => !needed.has(image.digest));
}

/** Nothing is given up while another deployment is under way: it may be going back to one of them. */
export async function giveUpOldPoints(engine: Engine, applicationId: string): Promise<void> {
	const { store, swarm, images, settings } = engine;
	const live = releaseOf(await swarm.inspectService(applicationId));
	const { deployments, points } = readHistory(store, applicationId);
	const because = `retention keeps ${settings.keepRollbacks} rollback points (DEPLOYMILL_KEEP_ROLLBACKS)`;
	for (const point of pointsToGiveUp(points, deployments, live?.digest, settings.keepRollbacks)) {
		if (store.lockHolder(applicationId)) return;
		store.markUnusable(point.rollbackId, because);
		const [repository] = point.image.reference.split("@");
		await images.untag(`${repository}:${point.deploymentId}`);
	}
}
