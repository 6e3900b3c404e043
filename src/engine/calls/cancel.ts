// Cancels a deployment, which is possible up to the swap.
import { DeploymillError } from "../../errors.ts";
import type { Deployment } from "../../model/deployment.ts";
import { findDeployment } from "../applications.ts";
import type { Engine } from "../engine.ts";
import { waitForEnd } from "./wait.ts";

/** How long the call waits to see the worker stop. */
const stopSeconds = 20;

/** @throws deployment_not_found, not_cancellable */
export async function cancelDeployment(engine: Engine, deploymentId: string, by: string, reason: string | undefined): Promise<Deployment> {
	const deployment = findDeployment(engine.store, deploymentId);
	if (!engine.store.requestCancel(deploymentId, by, reason)) {
		const { status, phase, outcome } = findDeployment(engine.store, deployment.deploymentId);
		const how = status === "running" ? `it is past the swap (${phase})` : `it is over (${outcome})`;
		throw new DeploymillError("not_cancellable", `${deploymentId} cannot be cancelled: ${how}.`, { details: { status, phase } });
	}
	return waitForEnd(engine, deploymentId, { seconds: stopSeconds });
}
