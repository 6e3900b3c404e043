// Refuses a deploy that is to be taken back unless it is confirmed, where there is nothing that it could be taken back to.
import { DeploymillError } from "../../errors.ts";
import type { Engine } from "../engine.ts";
import { readHistory } from "../history/history.ts";
import { autoRollbackTargets } from "../history/targets.ts";
import { ensurePullable, registryLostIt } from "../history/usable-image.ts";

/**
 * The targets are those that the revert would choose from, were the deploy live now.
 * @throws nothing_to_return_to; registry_auth_failed, registry_unreachable
 */
export async function ensureReturnable(engine: Engine, applicationId: string): Promise<void> {
	const history = readHistory(engine.store, applicationId);
	const { candidates } = autoRollbackTargets(history, { sequence: Number.POSITIVE_INFINITY, digest: "" });
	for (const { point } of candidates) if (await isThere(engine, point)) return;
	const why =
		candidates.length === 0 ? "no earlier deployment has an image to go back to" : "none of the earlier images is in the registry";
	throw new DeploymillError(
		"nothing_to_return_to",
		`confirmWithin: ${applicationId} could not be taken back: ${why}. Nothing was started.`,
	);
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
