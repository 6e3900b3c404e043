// Refuses a deploy that is to be taken back unless it is confirmed, where there is nothing that it could be taken back to.
import { DeploymillError } from "../../errors.ts";
import type { Engine } from "../engine.ts";
import { readHistory } from "./history.ts";
import { autoRollbackTargets } from "./targets.ts";
import { ensurePullable, registryLostIt } from "./usable-image.ts";

/**
 * Before there is an image. The targets are those that the revert would choose from, were the deploy live now.
 * @throws nothing_to_return_to; registry_auth_failed, registry_unreachable
 */
export async function ensureReturnable(engine: Engine, applicationId: string): Promise<void> {
	const { candidates } = autoRollbackTargets(readHistory(engine.store, applicationId), { sequence: Number.POSITIVE_INFINITY, digest: "" });
	for (const { point } of candidates) if (await isThere(engine, point)) return;
	const why =
		candidates.length === 0 ? "no earlier deployment has an image to go back to" : "none of the earlier images is in the registry";
	throw nothingToReturnTo(applicationId, why, "Nothing was started.");
}

/** Once its image is known, and before the swap: an image is not taken back to itself. @throws nothing_to_return_to */
export function ensureAnotherImage({ store }: Pick<Engine, "store">, applicationId: string, digest: string): void {
	const { candidates } = autoRollbackTargets(readHistory(store, applicationId), { sequence: Number.POSITIVE_INFINITY, digest });
	if (candidates.length > 0) return;
	const why = "the only image to go back to is the one that it was to put live, and env vars and configuration are not taken back";
	const hint = "Ask your user whether it may go live for good, then deploy without confirmWithin.";
	throw nothingToReturnTo(applicationId, why, "Nothing was swapped.", { hint });
}

function nothingToReturnTo(applicationId: string, why: string, tail: string, options: { hint?: string } = {}): DeploymillError {
	return new DeploymillError("nothing_to_return_to", `confirmWithin: ${applicationId} could not be taken back: ${why}. ${tail}`, options);
}

type Point = Parameters<typeof ensurePullable>[1];

async function isThere(engine: Engine, point: Point): Promise<boolean> {
	try {
		await ensurePullable(engine, point);
		return true;
	} catch (error) {
		if (!(error instanceof DeploymillError) || error.code !== "image_missing") throw error;
		engine.store.markUnusable(point.rollbackId, registryLostIt);
		return false;
	}
}
