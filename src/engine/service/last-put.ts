// Tells which release deploymill last put on an application's service, by its record.
import type { Deployment } from "../../model/deployment.ts";
import { historyDepth } from "../../model/history-depth.ts";
import type { Store } from "../ports/store.ts";

/** A release, and the image it runs. */
export interface PutRelease {
	deploymentId: string;
	/** Of the image, `sha256:…`. */
	digest: string;
	/** What the service was given. */
	reference: string;
}

const pageSize = 20;

/**
 * The release whose tasks were last seen to replace the old ones. That is not always the newest deployment's: one that was recorded as not
 * live, and was brought back by a hand, is opened again and judged. A deployment that found its image and configuration there already
 * has taken up the release that runs them, whoever put it back.
 */
export function lastPutThere(store: Pick<Store, "listDeployments">, applicationId: string): PutRelease | undefined {
	let before: number | undefined;
	for (let seen = 0; seen < historyDepth; seen += pageSize) {
		const page = store.listDeployments(applicationId, pageSize, before);
		const found = page
			.toSorted((a, b) => orderOf(b) - orderOf(a) || b.sequence - a.sequence)
			.map(releasePutBy)
			.find((release) => release !== undefined);
		if (found || page.length < pageSize) return found;
		before = page.at(-1)?.sequence;
	}
	return undefined;
}

/** Of those from before it was recorded all were put there earlier. */
function orderOf({ putOrder = 0 }: Deployment): number {
	return putOrder;
}

/** Whether a release was put there before another; of one that was never seen there, by when it was begun. */
export function isPutBefore(one: Deployment, other: Deployment): boolean {
	if (one.putOrder === undefined || other.putOrder === undefined || one.putOrder === other.putOrder) return one.sequence < other.sequence;
	return one.putOrder < other.putOrder;
}

function releasePutBy({ deploymentId, image, rolledOver, outcome, runsOn }: Deployment): PutRelease | undefined {
	if (!image) return undefined;
	if (rolledOver) return { deploymentId, ...image };
	return outcome === "unchanged" && runsOn ? { deploymentId: runsOn, ...image } : undefined;
}
