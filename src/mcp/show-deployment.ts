// Makes a deployment's answer from its id: waits for it, observes what is live, shows it.
import { findApplication, findDeployment } from "../engine/applications.ts";
import { lookAtLive } from "../engine/calls/live.ts";
import { waitForEnd } from "../engine/calls/wait.ts";
import { wayBackFrom } from "../engine/calls/way-back.ts";
import type { Engine, Log } from "../engine/engine.ts";
import type { LiveView } from "../engine/service/observe.ts";
import { DeploymillError } from "../errors.ts";
import { faultNotice, recordFault } from "../fault.ts";
import type { Deployment } from "../model/deployment.ts";
import { deploymentAnswer } from "./deployment-view.ts";
import type { WayBackOrNone } from "./next.ts";
import type { ToolAnswer, ToolContext } from "./tool.ts";

/**
 * Whatever keeps it from being shown, the answer says which deployment it is: it is recorded, and goes on.
 * @param seconds how long to wait for the end
 */
export async function showDeployment(context: ToolContext, deploymentId: string, seconds: number): Promise<ToolAnswer> {
	try {
		return await waitAndShow(context, deploymentId, seconds);
	} catch (error) {
		if (error instanceof DeploymillError && error.code === "deployment_not_found") throw error;
		throw stillThere(error, deploymentId, context.engine.log);
	}
}

function stillThere(error: unknown, deploymentId: string, log: Log): DeploymillError {
	const known = error instanceof DeploymillError ? error : undefined;
	const faultId = known ? undefined : recordFault(log, error, "a deployment could not be shown", { deploymentId });
	const why = known ? known.message : faultNotice(faultId ?? "");
	return new DeploymillError(known?.code ?? "internal", `${deploymentId} is recorded, but it cannot be shown now: ${why}`, {
		hint: `Call get_deployment for ${deploymentId}. Do not start another one before you have seen it.`,
		retryable: true,
		details: { ...known?.details, deploymentId, ...(faultId ? { faultId } : {}) },
		cause: error,
	});
}

async function waitAndShow({ engine, signal, onProgress }: ToolContext, deploymentId: string, seconds: number): Promise<ToolAnswer> {
	const { applicationId } = await waitForEnd(engine, deploymentId, { seconds, signal, onLook: onProgress });
	const live = await lookAtLive(engine, findApplication(engine.store, applicationId));
	const deployment = findDeployment(engine.store, deploymentId);
	const point = deployment.rollbackId ? engine.store.findRollbackPoint(deployment.rollbackId) : undefined;
	const before = deployment.replaced === undefined ? undefined : engine.store.findDeployment(deployment.replaced);
	return deploymentAnswer(deployment, { live, point, before, ...wayBackOf(engine, deployment, live) });
}

/** Asked only where it may be needed. Where Docker could not be asked, what is live is not known. */
function wayBackOf(engine: Engine, deployment: Deployment, { observed, release }: LiveView): { wayBack?: WayBackOrNone } {
	const { applicationId, deploymentId, runsOn, verdict, confirm } = deployment;
	if (!observed || (verdict !== "unhealthy" && confirm?.state !== "awaiting")) return {};
	if (release?.deploymentId !== (runsOn ?? deploymentId)) return { wayBack: "not_live" };
	return { wayBack: wayBackFrom(engine, applicationId, release) };
}
