// Tells which release deploymill last put on an application's service, by its record.
import type { Deployment } from "../../model/deployment.ts";
import type { Store } from "../ports/store.ts";

/** A release, and the image it runs. */
export interface PutRelease {
	deploymentId: string;
	/** Of the image, `sha256:…`. */
	digest: string;
	/** What the service was given. */
	reference: string;
}

/**
 * The release whose tasks were last seen to replace the old ones. That is not always the newest deployment's: one that was recorded as not
 * live, and was brought back by a hand, is opened again and judged. A deployment that found its image and configuration there already
 * has taken up the release that runs them, whoever put it back.
 */
export function lastPutThere(store: Pick<Store, "findLastPut">, applicationId: string): PutRelease | undefined {
	const { image, rolledOver, deploymentId, runsOn } = store.findLastPut(applicationId) ?? {};
	const releaseId = rolledOver ? deploymentId : runsOn;
	return image && releaseId ? { deploymentId: releaseId, ...image } : undefined;
}

/** Whether a release was put there before another; of one that was never seen there, by when it was begun. */
export function isPutBefore(one: Deployment, other: Deployment): boolean {
	if (one.putOrder === undefined || other.putOrder === undefined || one.putOrder === other.putOrder) return one.sequence < other.sequence;
	return one.putOrder < other.putOrder;
}
