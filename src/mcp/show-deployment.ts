// Owns the way from a deployment's id to its answer: wait for it, observe what is live, show it.
import { findApplication } from "../engine/applications.ts";
import { waitForEnd } from "../engine/calls/wait.ts";
import { observeLive } from "../engine/service/live-release.ts";
import { deploymentAnswer } from "./deployment-view.ts";
import type { ToolAnswer, ToolContext } from "./tool.ts";

/** @param seconds how long to wait for the end */
export async function showDeployment(
	{ engine, signal, onProgress }: ToolContext,
	deploymentId: string,
	seconds: number,
): Promise<ToolAnswer> {
	const deployment = await waitForEnd(engine, deploymentId, { seconds, signal, onLook: onProgress });
	const live = await observeLive(engine, findApplication(engine.store, deployment.applicationId));
	const point = deployment.rollbackId ? engine.store.findRollbackPoint(deployment.rollbackId) : undefined;
	return deploymentAnswer(deployment, { live, point });
}
