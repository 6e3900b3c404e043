// Owns the way from a deployment's id to its answer: wait for it, observe what is live, show it.
import { findApplication, findDeployment } from "../engine/applications.ts";
import { lookAtLive } from "../engine/calls/live.ts";
import { waitForEnd } from "../engine/calls/wait.ts";
import { deploymentAnswer } from "./deployment-view.ts";
import type { ToolAnswer, ToolContext } from "./tool.ts";

/** @param seconds how long to wait for the end */
export async function showDeployment(
	{ engine, signal, onProgress }: ToolContext,
	deploymentId: string,
	seconds: number,
): Promise<ToolAnswer> {
	const { applicationId } = await waitForEnd(engine, deploymentId, { seconds, signal, onLook: onProgress });
	const live = await lookAtLive(engine, findApplication(engine.store, applicationId));
	const deployment = findDeployment(engine.store, deploymentId);
	const point = deployment.rollbackId ? engine.store.findRollbackPoint(deployment.rollbackId) : undefined;
	return deploymentAnswer(deployment, { live, point });
}
