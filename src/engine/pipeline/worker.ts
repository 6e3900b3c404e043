// Runs one deployment in a worker process: keeps the lease, begins or resumes the pipeline, writes down the end.
import { errorMessage } from "../../errors.ts";
import { type Deployment, isPastSwap } from "../../model/deployment.ts";
import { findApplication, findDeployment } from "../applications.ts";
import type { Engine } from "../engine.ts";
import { giveUpOldPoints } from "../history/retention.ts";
import { faultWords, waitOut } from "../patience.ts";
import { LockLost } from "../ports/store.ts";
import type { Watchdog } from "../ports/watchdog.ts";
import { deploy } from "./deploy.ts";
import { endAs, type RunEnd } from "./end.ts";
import { Lease } from "./lease.ts";
import { NotSwapped } from "./release.ts";
import { resume } from "./resume.ts";
import { rollback } from "./rollback.ts";
import { Run } from "./run.ts";
import { endAsCancelled, endAsGivenUp } from "./stages.ts";

/**
 * Resolves when the deployment is over and recorded, or when it is not this process's to finish any more.
 * @param secretsKnown waited for before anything is built or read, with the lease kept meanwhile
 * @param watchdog of the process, which is for this deployment alone
 */
export async function runDeployment(engine: Engine, deploymentId: string, secretsKnown: Promise<void>, watchdog?: Watchdog): Promise<void> {
	const deployment = findDeployment(engine.store, deploymentId);
	if (deployment.status !== "running") return;
	const application = findApplication(engine.store, deployment.applicationId);
	// Known to the masking from here on, should a build, a commit or a task print one.
	engine.store.readEnv(application.applicationId);
	const hold = { applicationId: application.applicationId, deploymentId, owner: engine.ids.next("run") };
	using lease = new Lease(engine.store, engine.clock, hold, watchdog);
	await secretsKnown;
	const { kind, request, rollbackId } = deployment;
	const values = { deploymentId, kind, application, request, hold, signal: lease.signal, ensureHeld: () => lease.ensureHeld() };
	const run = new Run(engine, { ...values, ...(rollbackId ? { rollbackId } : {}) });
	try {
		await finish(engine, run, await carryOut(engine, run, deployment));
		lease[Symbol.dispose]();
	} catch (error) {
		if (!isLockLost(run, error)) throw error;
		run.warn("the lock was lost; another process goes on", error);
		return;
	}
	await giveUpOldPoints(engine, application.applicationId).catch((error: unknown) =>
		run.warn("old rollback points were not given up", error),
	);
}

/** @throws LockLost; past the swap, what an outage that did not end threw: then whoever looks next goes on */
async function carryOut(engine: Engine, run: Run, deployment: Deployment): Promise<RunEnd> {
	if (isPastSwap(deployment)) return resumeOrGiveUp(engine, run, deployment);
	try {
		return await (deployment.kind === "deploy" ? deploy(engine, run) : rollback(engine, run));
	} catch (error) {
		return endOfFault(engine, run, error);
	}
}

/** Another worker comes after one that died as often as this; then the fault is ours, and lasts. */
const mostResumes = 10;

/** What cannot be judged for ever is told as it is seen, and the application is free again. */
async function resumeOrGiveUp(engine: Engine, run: Run, deployment: Deployment): Promise<RunEnd> {
	const resumes = (deployment.resumes ?? 0) + 1;
	run.record({ resumes });
	if (resumes <= mostResumes) return resume(engine, run, deployment);
	const { clock, swarm } = engine;
	const onFault = (fault: unknown) => run.say(`Swarm cannot be looked at (${faultWords(fault)})`);
	const [service, tasks] = await waitOut({ clock, signal: run.signal, onFault }, () =>
		Promise.all([swarm.inspectService(run.application.applicationId), swarm.listTasks(run.application.applicationId)]),
	);
	return endAsGivenUp(run, deployment, service, tasks);
}

/** A fault from before the swap, or one that says that nothing was swapped. @throws the fault where it came after */
function endOfFault(engine: Engine, run: Run, error: unknown): RunEnd {
	if (isLockLost(run, error)) throw error;
	const now = findDeployment(engine.store, run.deploymentId);
	const fault = error instanceof NotSwapped ? error.fault : error;
	if (isPastSwap(now) && !(error instanceof NotSwapped)) throw error;
	if (now.cancelRequested && !isPastSwap(now)) return endAsCancelled(run);
	run.say(`failed: ${engine.untrusted.line(errorMessage(fault))}`);
	return endAs("failed", { error: run.faultOf(fault).toBody() }, null, "its deployment failed before it ran");
}

/** An end that cannot be written down now is written down later: what it says is still so. */
async function finish({ store, clock, log }: Engine, run: Run, { revert, ...end }: RunEnd): Promise<void> {
	const { deploymentId } = run;
	const onFault = (fault: unknown) => log.warn({ deploymentId, error: faultWords(fault) }, "the end could not be written down yet");
	// Without the run's signal: a lock that is lost shows in the write itself.
	const { signal } = new AbortController();
	await waitOut({ clock, signal, onFault }, () =>
		store.finishDeployments(run.values.hold, [...(revert ? [revert] : []), { deploymentId, end }]),
	);
	run.say(`== finished: ${end.outcome}`);
}

function isLockLost({ signal }: Run, error: unknown): boolean {
	return error instanceof LockLost || signal.reason instanceof LockLost;
}
