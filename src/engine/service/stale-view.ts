// Checks that what is live is still what the caller believed when it decided.
import { escapeInvisible, quote } from "../../config/quote.ts";
import { DeploymillError } from "../../errors.ts";
import type { ObservedService } from "../../model/service.ts";
import { digestIn, releaseOf } from "./spec.ts";

/** Docker takes none that is longer; what is shown of one is cut all the same. */
const longestReference = 400;

/** What `expectedCurrent` is where nothing was seen to be live. An image of this name is not meant. */
export const nothingLive = "nothing";

/** What `expectedCurrent` has to be for whoever goes on from this look: a deployment's id, or the reference of an image that deploymill did not put there. */
export function currentOf(service: ObservedService | undefined): string | undefined {
	return releaseOf(service)?.deploymentId ?? service?.spec.TaskTemplate.ContainerSpec.Image;
}

/**
 * `expected` is the id of the deployment that is live, the image's digest, or its reference, or `nothing`; undefined takes whatever is live. Of an image
 * that deploymill did not put there, the stamp that was left on the service does not count.
 * @throws stale_view
 */
export function ensureExpectedCurrent(expected: string | undefined, service: ObservedService | undefined): void {
	if (expected === undefined) return;
	const live = releaseOf(service);
	const image = service?.spec.TaskTemplate.ContainerSpec.Image;
	const digest = image === undefined ? undefined : digestIn(image);
	if (expected === nothingLive ? image === undefined : [live?.deploymentId, digest, image].includes(expected)) return;
	const found = live
		? `${live.deploymentId} (${live.digest})`
		: image === undefined
			? "nothing"
			: `${quote(image)}, which deploymill did not put there,`;
	throw new DeploymillError("stale_view", `expectedCurrent: got ${quote(expected)}, but ${found} is live. Nothing was changed.`, {
		details: {
			live:
				live ?? (image === undefined ? null : { image: escapeInvisible(image.slice(0, longestReference)), ...(digest ? { digest } : {}) }),
		},
	});
}
