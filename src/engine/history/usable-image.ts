// Tells whether a recorded image can be run now.
import { DeploymillError } from "../../errors.ts";
import type { RollbackPoint } from "../../model/deployment.ts";
import type { Engine } from "../engine.ts";
import { faultWords, isTransient, patienceTold, waitOut } from "../patience.ts";

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

/** How long a registry that does not answer is asked again before the next image is looked at. */
const registryPatienceMs = 60_000;

/**
 * For the auto-rollback: a point that is found to be gone is given up, and the next one is tried. Docker that does not answer is
 * waited out; a registry that does not, for a while.
 * @throws docker_unreachable, swarm_not_ready after a long outage; the signal's reason
 */
export async function usableNow(engine: Engine, asking: Asking, point: RollbackPoint): Promise<boolean> {
	const { clock, store } = engine;
	const registryDeadline = clock.monotonic() + registryPatienceMs;
	const fault = await waitOut(patienceTold(clock, asking, `${point.rollbackId} cannot be looked up yet`), async () => {
		const answer = await faultOfPull(engine, point);
		const isDown = answer?.code === "registry_unreachable";
		if (answer && isTransient(answer) && !(isDown && clock.monotonic() >= registryDeadline)) throw answer;
		return answer;
	});
	if (!fault) return true;
	asking.say(`${point.rollbackId} cannot be used: ${faultWords(fault)}`);
	if (fault.code === "image_missing") store.markUnusable(point.rollbackId, registryLostIt);
	return false;
}

async function faultOfPull(engine: Engine, point: RollbackPoint): Promise<DeploymillError | undefined> {
	try {
		await ensurePullable(engine, point);
		return undefined;
	} catch (error) {
		if (error instanceof DeploymillError) return error;
		throw error;
	}
}

export const registryLostIt = "the registry no longer has its image";

interface Asking {
	say: (text: string) => void;
	signal: AbortSignal;
}

/** The endpoint shows its own node's images alone: of an app that runs elsewhere too, nobody can tell. */
async function everyNodeHas(engine: Engine, point: RollbackPoint): Promise<boolean> {
	const [{ localNodeId }, tasks] = await Promise.all([engine.swarm.facts(), engine.swarm.listTasks(point.applicationId)]);
	const running = tasks.filter(({ state, desiredState }) => state === "running" && desiredState === "running");
	const isHereAlone = running.length > 0 && running.every(({ nodeId }) => nodeId === localNodeId);
	return isHereAlone && engine.images.has(point.image.reference);
}
