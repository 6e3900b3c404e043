// Owns the question whether a recorded image can be run now.
import { DeploymillError } from "../../errors.ts";
import type { RollbackPoint } from "../../model/deployment.ts";
import type { Engine } from "../engine.ts";
import type { Run } from "../pipeline/run.ts";

/** What is known of an image before the swap to it. */
export interface Pullable {
	pullable: boolean;
	/** Said where the registry could not be asked, but the swap may go on. */
	warning?: string;
}

/**
 * Looks the manifest up with today's credentials. A registry that is down does not matter where
 * every node that runs the app has the image.
 * @throws registry_auth_failed, image_missing, registry_unreachable
 */
export async function ensurePullable(engine: Engine, point: RollbackPoint): Promise<Pullable> {
	try {
		await engine.registry.checkManifest(point.image.reference);
		return { pullable: true };
	} catch (error) {
		if (!(error instanceof DeploymillError) || error.code !== "registry_unreachable") throw error;
		if (!(await everyNodeHas(engine, point))) throw error;
		return {
			pullable: false,
			warning: "The registry cannot be reached; every node that runs the app has the image, so it goes on without it.",
		};
	}
}

/** For the auto-rollback: a point that is found to be gone is given up, and the next one is tried. */
export async function usableNow(run: Run, point: RollbackPoint): Promise<boolean> {
	try {
		await ensurePullable(run.engine, point);
		return true;
	} catch (error) {
		if (!(error instanceof DeploymillError)) throw error;
		run.say(`${point.rollbackId} cannot be used: ${error.message}`);
		if (error.code === "image_missing") run.engine.store.markUnusable(point.rollbackId, "the registry no longer has its image");
		return false;
	}
}

/** The endpoint shows its own node's images alone: of an app that runs elsewhere too, nobody can tell. */
async function everyNodeHas(engine: Engine, point: RollbackPoint): Promise<boolean> {
	const [{ localNodeId }, tasks] = await Promise.all([engine.swarm.facts(), engine.swarm.listTasks(point.applicationId)]);
	const running = tasks.filter(({ state, desiredState }) => state === "running" && desiredState === "running");
	const isHereAlone = running.length > 0 && running.every(({ nodeId }) => nodeId === localNodeId);
	return isHereAlone && engine.images.has(point.image.reference);
}
