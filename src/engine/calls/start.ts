// Starts a deployment: the checks that refuse a call, the record with the lock, and the worker.
import { quote } from "../../config/quote.ts";
import { DeploymillError, errorMessage } from "../../errors.ts";
import type { Application } from "../../model/application.ts";
import type { Deployment, DeploymentFacts, DeploymentKind, DeploymentRequest } from "../../model/deployment.ts";
import { findApplication } from "../applications.ts";
import type { Engine } from "../engine.ts";
import { endAs } from "../pipeline/end.ts";
import { launchLeaseMs } from "../pipeline/lease-times.ts";
import { type Begun, type LockHolder, LockLost, type NewDeployment, type Store } from "../ports/store.ts";
import type { WorkerLauncher } from "../ports/worker-launcher.ts";
import { makeWay } from "../probation/happen.ts";

export interface StartOrder {
	applicationId: string;
	kind: DeploymentKind;
	request: DeploymentRequest;
	/** The same id again returns the same deployment. */
	requestId?: string | undefined;
	reason?: string | undefined;
	requestedBy: string;
}

/** What is asked before a deployment is recorded, and with it. */
export interface StartChecks {
	/** Refuses the call by throwing: then nothing is recorded. Returns what is known of the deployment. */
	check(application: Application): Promise<DeploymentFacts>;
	/** In the transaction that records the deployment: what it throws refuses the call, what it writes is written with the record. */
	withRecord?(deployment: Deployment): void;
}

/** What was decided by may change under the checks as often as this before the call is refused. */
const mostAttempts = 5;

/**
 * Starts a deployment, or returns the one that this `requestId` started before. `check` holds no lock, so that a process that
 * ends in it leaves nothing behind; where another deployment was begun meanwhile, it is asked again.
 * @throws application_not_found, deploy_in_progress, whatever the checks throw
 */
export async function startDeployment(engine: Engine, order: StartOrder, checks: StartChecks): Promise<Deployment> {
	findApplication(engine.store, order.applicationId);
	const known = startedBefore(engine, order);
	if (known) return known;
	// It begins while the call is checked, and ends by itself where the call is refused.
	using worker = engine.workers.prepare();
	for (let attempt = 1; attempt <= mostAttempts; attempt++) {
		const begun = await checkAndBegin(engine, order, checks);
		if (begun.state !== "overtaken") return concludeStart(engine, order, begun, worker);
		const knownByNow = startedBefore(engine, order);
		if (knownByNow) return knownByNow;
	}
	throw overtaken(order.applicationId);
}

/** What this request started. @throws deploy_in_progress where another one is under way */
function startedBefore(engine: Engine, order: StartOrder): Deployment | undefined {
	const holder = engine.store.lockHolder(order.applicationId);
	// After the look at the lock: whoever holds it may do so for the same request.
	const known = sameRequest(engine, order);
	if (!known && holder) throw inProgress(holder);
	return known;
}

async function checkAndBegin(engine: Engine, order: StartOrder, checks: StartChecks): Promise<Begun> {
	const { store } = engine;
	const newestSeen = store.listDeployments(order.applicationId, 1)[0]?.sequence ?? 0;
	const facts = await checks.check(findApplication(store, order.applicationId));
	return store.decide(() => {
		const begun = store.beginDeployment(newDeployment(engine, order, facts), newestSeen, launchLeaseMs);
		if (begun.state !== "begun") return begun;
		checks.withRecord?.(begun.deployment);
		makeWay(store, begun.deployment);
		return begun;
	});
}

async function concludeStart(
	engine: Engine,
	order: StartOrder,
	begun: Exclude<Begun, { state: "overtaken" }>,
	worker: Pick<WorkerLauncher, "start">,
): Promise<Deployment> {
	if (begun.state === "begun") return launch(engine, begun.deployment, worker);
	if (begun.state === "known") return ofKind(begun.deployment, order);
	throw inProgress(begun.holder);
}

function newDeployment(engine: Engine, order: StartOrder, facts: DeploymentFacts): NewDeployment {
	const { applicationId, kind, request, requestId, reason, requestedBy } = order;
	return {
		deploymentId: engine.ids.next("dep"),
		applicationId,
		kind,
		request,
		requestedBy,
		facts,
		...(requestId === undefined ? {} : { requestId }),
		...(reason === undefined ? {} : { reason }),
	};
}

function sameRequest({ store }: Engine, order: StartOrder): Deployment | undefined {
	const known = order.requestId === undefined ? undefined : store.findByRequestId(order.applicationId, order.requestId);
	return known && ofKind(known, order);
}

/** @throws invalid_input where the id stands for something else */
function ofKind(known: Deployment, { requestId, kind }: StartOrder): Deployment {
	if (known.kind === kind) return known;
	throw new DeploymillError("invalid_input", `requestId: ${quote(requestId)} already stands for the ${known.kind} ${known.deploymentId}.`, {
		hint: "Give every new request an id of its own.",
	});
}

/** A worker that cannot be started is known at once, and leaves nothing locked. */
async function launch(engine: Engine, deployment: Deployment, worker: Pick<WorkerLauncher, "start">): Promise<Deployment> {
	const { deploymentId } = deployment;
	try {
		await worker.start(deploymentId);
	} catch (error) {
		engine.log.error({ deploymentId, error: errorMessage(error) }, "the worker process could not be started");
		endUnstarted(engine, deployment);
	}
	return deployment;
}

/** Where somebody keeps the lock by now, the worker is at work after all, and goes on. */
function endUnstarted({ store, ids }: Engine, { deploymentId, applicationId }: Deployment): void {
	const fault = new DeploymillError("internal", "The worker process could not be started; nothing was changed.");
	const hold = { applicationId, deploymentId, owner: ids.next("run") };
	try {
		store.renewLock(hold, launchLeaseMs);
		store.finishDeployments(hold, [{ deploymentId, end: endAs("failed", { error: fault.toBody() }) }]);
	} catch (error) {
		if (!(error instanceof LockLost)) throw error;
	}
}

/** @throws deploy_in_progress */
export function ensureIdle(store: Pick<Store, "lockHolder">, applicationId: string): void {
	const holder = store.lockHolder(applicationId);
	if (holder) throw inProgress(holder);
}

function inProgress({ applicationId, deploymentId, requestedBy, since }: LockHolder): DeploymillError {
	return new DeploymillError(
		"deploy_in_progress",
		`${applicationId} is being changed by ${deploymentId}, asked for by ${requestedBy}, since ${since}. Nothing was started.`,
		{ details: { deploymentId, requestedBy, since } },
	);
}

function overtaken(applicationId: string): DeploymillError {
	return new DeploymillError(
		"deploy_in_progress",
		`${applicationId}: other deployments were begun while this call was being checked, ${mostAttempts} times. Nothing was started.`,
	);
}
