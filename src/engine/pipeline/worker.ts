// Runs one deployment in a worker process: keeps the lease, begins or resumes the pipeline, writes down the end.
import { DeploymillError, errorMessage } from "../../errors.ts";
import { type Deployment, isPastSwap } from "../../model/deployment.ts";
import { findApplication, findDeployment } from "../applications.ts";
import type { Engine } from "../engine.ts";
import { deliverWithin, keepDelivering } from "../events/keep-delivering.ts";
import { giveUpOldPoints } from "../history/retention.ts";
import { faultWords, type Patience, patienceTold, waitOut } from "../patience.ts";
import { LockLost } from "../ports/store.ts";
import type { Watchdog } from "../ports/watchdog.ts";
import { deploy } from "./deploy.ts";
import { endAs, type RunEnd } from "./end.ts";
import { withProbation } from "./enter-probation.ts";
import { Lease } from "./lease.ts";
import { NotSwapped } from "./not-swapped.ts";
import { endAsGivenUp, resume } from "./resume.ts";
import { rollback } from "./rollback.ts";
import { Run } from "./run.ts";
import { endAsCancelled } from "./stages.ts";
import { watchOver } from "./watch-probation.ts";

/** How long the worker stays for events that wait, when the deployment is over and nobody waits for it. */
const deliveryMs = 60_000;

/**
 * Resolves when the deployment is over, recorded and told, and trusted as far as that was asked for, or when it is not this process's
 * to finish or to watch any more.
 * @param secretsKnown waited for before anything is built or read, with the lease kept meanwhile
 * @param watchdog of the process, which is for this deployment alone
 */
export async function runDeployment(engine: Engine, deploymentId: string, secretsKnown: Promise<void>, watchdog?: Watchdog): Promise<void> {
	using _deliveries = keepDelivering(engine);
	try {
		do await runToItsEnd(engine, deploymentId, secretsKnown, watchdog);
		while (await watchOver(engine, deploymentId));
	} finally {
		await deliverWithin(engine, deliveryMs);
	}
}

async function runToItsEnd(engine: Engine, deploymentId: string, secretsKnown: Promise<void>, watchdog?: Watchdog): Promise<void> {
	const begun = await waitOut(outsideOfARun(engine, deploymentId), () => begin(engine, deploymentId, watchdog));
	if (!begun) return;
	using lease = begun.lease;
	const { run, deployment } = begun;
	await secretsKnown;
	try {
		await finish(engine, run, await withProbation(engine, run, await carryOut(engine, run, deployment)));
		lease[Symbol.dispose]();
	} catch (error) {
		if (!isLockLost(run, error)) throw error;
		run.warn("the lock was lost; another process goes on", error);
		return;
	}
	await giveUpOldPoints(engine, deployment.applicationId).catch((error: unknown) =>
		run.warn("old rollback points were not given up", error),
	);
}

/** Undefined where the deployment is over. @throws LockLost when another process keeps it */
function begin(engine: Engine, deploymentId: string, watchdog: Watchdog | undefined) {
	const { store, ids } = engine;
	const deployment = findDeployment(store, deploymentId);
	if (deployment.status !== "running") return undefined;
	const application = findApplication(store, deployment.applicationId);
	// Known to the masking from here on, should a build, a commit or a task print one.
	store.readEnv(application.applicationId);
	const hold = { applicationId: application.applicationId, deploymentId, owner: ids.next("run") };
	const lease = new Lease(engine, hold, watchdog);
	const { kind, request, rollbackId } = deployment;
	const values = { deploymentId, kind, application, request, hold, signal: lease.signal, ensureHeld: () => lease.ensureHeld() };
	return { deployment, lease, run: new Run(engine, { ...values, ...(rollbackId ? { rollbackId } : {}) }) };
}

/** @throws LockLost; past the swap, what an outage that did not end threw: then whoever looks next goes on */
async function carryOut(engine: Engine, run: Run, deployment: Deployment): Promise<RunEnd> {
	if (isPastSwap(deployment)) return goOn(engine, run, deployment);
	try {
		return await (deployment.kind === "deploy" ? deploy(engine, run) : rollback(engine, run));
	} catch (error) {
		// A cancel has aborted the signal of the run, and is an end to be told.
		const now = await waitOut(outsideOfARun(engine, run.deploymentId), () => findDeployment(engine.store, run.deploymentId));
		return endOfFault(engine, run, now, error) ?? resumeUntilItEnds(engine, run);
	}
}

/** Past the swap every fault but a lost lock is waited out, and what was begun is gone on with from what is recorded and seen. */
function resumeUntilItEnds(engine: Engine, run: Run): Promise<RunEnd> {
	return waitOut(patienceOf(engine, run), () => resume(engine, run, findDeployment(engine.store, run.deploymentId)));
}

/** Of a fault from before the swap, or one that says that nothing was swapped; undefined past it. @throws LockLost */
function endOfFault(engine: Engine, run: Run, now: Deployment, error: unknown): RunEnd | undefined {
	if (isLockLost(run, error)) throw error;
	const fault = error instanceof NotSwapped ? error.fault : error;
	if (isPastSwap(now) && !(error instanceof NotSwapped)) return undefined;
	if (now.cancelRequested && !isPastSwap(now)) return endAsCancelled(run);
	const failed = `failed: ${engine.untrusted.line(errorMessage(fault))}`;
	if (fault instanceof DeploymillError) run.say(failed);
	else run.sayOfOthers(failed);
	const facts = { error: run.faultOf(fault).toBody(), rolloverNote: "Nothing was swapped: what ran before it was left as it is." };
	return endAs("failed", facts, null, "its deployment failed before it ran");
}

/** Another worker comes after one that died as often as this; then the fault is ours, and lasts. */
const mostResumes = 10;

/** What cannot be judged for ever is told as it is seen, and the application is free again. */
async function goOn(engine: Engine, run: Run, deployment: Deployment): Promise<RunEnd> {
	const resumes = (deployment.resumes ?? 0) + 1;
	await waitOut(patienceOf(engine, run), () => run.record({ resumes }));
	if (resumes <= mostResumes) return resumeUntilItEnds(engine, run);
	const { applicationId } = run.application;
	const [service, tasks] = await waitOut(patienceOf(engine, run), () =>
		Promise.all([engine.swarm.inspectService(applicationId), engine.swarm.listTasks(applicationId)]),
	);
	return endAsGivenUp(run, deployment, service, tasks);
}

/** An end that cannot be written down now is written down later: what it says is still so. */
async function finish(engine: Engine, run: Run, { revert, ...end }: RunEnd): Promise<void> {
	const { deploymentId } = run;
	// Without the run's signal: a lock that is lost shows in the write itself.
	await waitOut(outsideOfARun(engine, deploymentId), () =>
		engine.store.finishDeployments(run.values.hold, [...(revert ? [revert] : []), { deploymentId, end }]),
	);
	run.say(`== finished: ${end.outcome}`);
}

function patienceOf({ clock }: Engine, run: Run): Patience {
	return patienceTold(clock, run, "waiting for an answer");
}

/** Before there is a run, and after its end: only the process's own log can be told. */
function outsideOfARun({ clock, log }: Engine, deploymentId: string): Patience {
	const onFault = (fault: unknown) => log.warn({ deploymentId, error: faultWords(fault) }, "the worker waits for an answer");
	return { clock, signal: new AbortController().signal, onFault };
}

function isLockLost({ signal }: Run, error: unknown): boolean {
	return error instanceof LockLost || signal.reason instanceof LockLost;
}
