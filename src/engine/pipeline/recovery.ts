// Owns the settling of deployments whose worker died: before the swap they are over, after it they are resumed.
import { DeploymillError, errorMessage } from "../../errors.ts";
import { type Deployment, isPastSwap } from "../../model/deployment.ts";
import type { Engine } from "../engine.ts";
import { releaseOf } from "../service/spec.ts";
import { launchLeaseMs } from "./lease-times.ts";

/** Settles all that were abandoned. One that cannot be settled now (Docker is away) stays `running`; the next caller tries again. */
export async function settleAbandoned(engine: Engine): Promise<void> {
	if (engine.settings.readOnly) return;
	for (const deployment of engine.store.listAbandoned()) {
		try {
			await settle(engine, deployment);
		} catch (error) {
			engine.log.warn(
				{ deploymentId: deployment.deploymentId, error: errorMessage(error) },
				"an abandoned deployment could not be settled yet",
			);
		}
	}
}

async function settle(engine: Engine, deployment: Deployment): Promise<void> {
	const { store } = engine;
	const { applicationId, deploymentId } = deployment;
	const swapped = isPastSwap(deployment) && (await wasSwapped(engine, deployment));
	if (!store.takeOverExpired(applicationId, deploymentId, launchLeaseMs)) return;
	if (swapped) {
		engine.log.info({ deploymentId }, "the worker died after the swap; resuming at the gate");
		await engine.workers.start(deploymentId);
		return;
	}
	if (deployment.rollbackId && deployment.kind === "deploy")
		store.markUnusable(deployment.rollbackId, "its deployment was interrupted before it ran");
	const fault = new DeploymillError("internal", "The worker process ended before the swap. The old version was not touched.", {
		hint: "Nothing was swapped: deploy again.",
		retryable: true,
	});
	store.finishDeployment(deploymentId, { status: "error", outcome: "interrupted", facts: { rolledOver: false, error: fault.toBody() } });
}

/** The stamp on the service tells; where Swarm put the old release back, the stamp on the tasks still does. */
async function wasSwapped(engine: Engine, { applicationId, deploymentId, autoRollback }: Deployment): Promise<boolean> {
	const ours = [deploymentId, autoRollback?.deploymentId];
	const [service, tasks] = await Promise.all([engine.swarm.inspectService(applicationId), engine.swarm.listTasks(applicationId)]);
	const stamps = [releaseOf(service)?.deploymentId, ...tasks.map(({ release }) => release?.deploymentId)];
	return stamps.some((stamp) => stamp !== undefined && ours.includes(stamp));
}
