// Owns the beginning of every deployment: the lock, the checks that refuse a call, the record, and the worker's start.
import { DeploymillError, errorMessage } from "../../errors.ts";
import type { Application } from "../../model/application.ts";
import type { Deployment, DeploymentFacts, DeploymentKind, DeploymentRequest } from "../../model/deployment.ts";
import { findApplication } from "../applications.ts";
import type { Engine } from "../engine.ts";
import { launchLeaseMs, startLeaseMs } from "../pipeline/lease-times.ts";
import { settleAbandoned } from "../pipeline/recovery.ts";

export interface StartOrder {
	applicationId: string;
	kind: DeploymentKind;
	request: DeploymentRequest;
	/** The same id again returns the same deployment. */
	requestId?: string | undefined;
	reason?: string | undefined;
	requestedBy: string;
}

/**
 * Starts a deployment, or returns the one that this `requestId` started before. `prepare` runs under the lock and refuses
 * the call by throwing: then nothing is recorded.
 * @throws application_not_found, deploy_in_progress, whatever `prepare` throws
 */
export async function startDeployment(
	engine: Engine,
	order: StartOrder,
	prepare: (application: Application) => Promise<DeploymentFacts>,
): Promise<Deployment> {
	const { store } = engine;
	const application = findApplication(store, order.applicationId);
	await settleAbandoned(engine);
	const known = sameRequest(engine, order);
	if (known) return known;
	const deploymentId = engine.ids.next("dep");
	const holder = store.acquireLock(application.applicationId, deploymentId, order.requestedBy, startLeaseMs);
	if (holder) {
		return (
			sameRequest(engine, order) ??
			refuse(
				new DeploymillError(
					"deploy_in_progress",
					`${application.applicationId} is being changed by ${holder.deploymentId}, asked for by ${holder.requestedBy}, since ${holder.since}.`,
					{ details: { deploymentId: holder.deploymentId, requestedBy: holder.requestedBy, since: holder.since } },
				),
			)
		);
	}
	const deployment = await recordOrRelease(engine, order, deploymentId, () => prepare(application));
	await launch(engine, deployment);
	return deployment;
}

function sameRequest(engine: Engine, { applicationId, requestId, kind }: StartOrder): Deployment | undefined {
	const known = requestId === undefined ? undefined : engine.store.findByRequestId(applicationId, requestId);
	if (known && known.kind !== kind) {
		throw new DeploymillError(
			"invalid_input",
			`requestId: ${JSON.stringify(requestId)} already stands for the ${known.kind} ${known.deploymentId}.`,
			{
				hint: "Give every new request an id of its own.",
			},
		);
	}
	return known;
}

async function recordOrRelease(
	engine: Engine,
	order: StartOrder,
	deploymentId: string,
	prepare: () => Promise<DeploymentFacts>,
): Promise<Deployment> {
	const { applicationId, kind, request, requestId, reason, requestedBy } = order;
	try {
		const facts = await prepare();
		return engine.store.createDeployment({
			deploymentId,
			applicationId,
			kind,
			request,
			requestedBy,
			facts,
			...(requestId === undefined ? {} : { requestId }),
			...(reason === undefined ? {} : { reason }),
		});
	} catch (error) {
		engine.store.releaseLock(applicationId, deploymentId);
		throw error;
	}
}

/** A worker that cannot be started is known at once, and leaves nothing locked. */
async function launch(engine: Engine, { deploymentId, applicationId, requestedBy }: Deployment): Promise<void> {
	engine.store.acquireLock(applicationId, deploymentId, requestedBy, launchLeaseMs);
	try {
		await engine.workers.start(deploymentId);
	} catch (error) {
		engine.log.error({ deploymentId, error: errorMessage(error) }, "the worker process could not be started");
		const fault = new DeploymillError("internal", "The worker process could not be started; nothing was changed.");
		engine.store.finishDeployment(deploymentId, {
			status: "error",
			outcome: "failed",
			facts: { error: fault.toBody(), rolledOver: false },
		});
	}
}

function refuse(error: DeploymillError): never {
	throw error;
}
