// Owns what a worker process does: keep the lease, run or resume one deployment, write down its end.
import { DeploymillError, errorMessage } from "../../errors.ts";
import { type Deployment, isPastSwap } from "../../model/deployment.ts";
import { findApplication, findDeployment } from "../applications.ts";
import type { Engine } from "../engine.ts";
import { giveUpOldPoints } from "../history/retention.ts";
import { type EndOfDeployment, LockLost } from "../ports/store.ts";
import { replicasOf, runsAlone } from "../rollout/reading.ts";
import { resumeRelease } from "../rollout/release.ts";
import { releaseOf } from "../service/spec.ts";
import { cancelled, conclude, deploy } from "./deploy.ts";
import { endOfRelease } from "./end-of-release.ts";
import { Lease } from "./lease.ts";
import { carryOutRevert } from "./revert.ts";
import { rollback } from "./rollback.ts";
import { Run } from "./run.ts";

/** Resolves when the deployment is over and recorded, or when it is not this process's to finish any more. */
export async function runDeployment(engine: Engine, deploymentId: string): Promise<void> {
	const deployment = findDeployment(engine.store, deploymentId);
	if (deployment.status !== "running") return;
	const application = findApplication(engine.store, deployment.applicationId);
	// Known to the masking from here on, should a build, a commit or a task print one.
	engine.store.readEnv(application.applicationId);
	using lease = new Lease(engine.store, deployment, engine.ids.next("run"), engine.clock);
	const run = new Run(engine, application, deploymentId, lease.signal);
	const end = await carryOut(run, deployment).catch((error: unknown) => endOfFault(run, error));
	if (!end || lease.lost) return;
	engine.store.finishDeployment(deploymentId, end);
	run.say(`== finished: ${end.outcome}`);
	lease.stop();
	await giveUpOldPoints(run).catch((error: unknown) => run.warn("old rollback points were not given up", error));
}

function carryOut(run: Run, deployment: Deployment): Promise<EndOfDeployment> {
	if (isPastSwap(deployment)) return resume(run, deployment);
	return deployment.kind === "deploy" ? deploy(run) : rollback(run);
}

/** The worker before this one died after the swap: what Swarm shows says how far it came. */
async function resume(run: Run, deployment: Deployment): Promise<EndOfDeployment> {
	run.say("resumed by another worker");
	const baseline = deployment.baseline ?? {};
	const revertId = deployment.autoRollback?.deploymentId;
	if (revertId && run.engine.store.findDeployment(revertId)) {
		const revertRun = run.as(revertId);
		return carryOutRevert(run, revertRun, async () => {
			const live = releaseOf(await run.engine.swarm.inspectService(run.application.applicationId));
			if (live?.deploymentId === revertId) return resumeRelease(revertRun, baseline);
			throw new DeploymillError("internal", "The worker process ended before the revert was swapped in.");
		});
	}
	const end = await resumeRelease(run, baseline);
	return deployment.kind === "deploy" ? conclude(run, end) : endOfRelease(run, end);
}

/** Undefined: not ours to end. Another process has the lock by now, or nobody can tell what runs until Docker is back. */
async function endOfFault(run: Run, error: unknown): Promise<EndOfDeployment | undefined> {
	const { deployment } = run;
	if (error instanceof LockLost || run.signal.reason instanceof LockLost) {
		run.warn("the lock was lost; another process goes on", error);
		return undefined;
	}
	const pastSwap = isPastSwap(deployment);
	if (deployment.cancelRequested && !pastSwap) return cancelled(run);
	run.say(`failed: ${run.engine.untrusted.line(errorMessage(error))}`);
	if (pastSwap) return endOfFaultPastSwap(run, error);
	if (deployment.rollbackId && deployment.kind === "deploy")
		run.engine.store.markUnusable(deployment.rollbackId, "its deployment failed before it ran");
	return { status: "error", outcome: "failed", facts: { rolledOver: false, error: run.faultOf(error).toBody() } };
}

/** After the swap a fault of ours says nothing about the release: only what Swarm shows may be told. */
async function endOfFaultPastSwap(run: Run, error: unknown): Promise<EndOfDeployment | undefined> {
	if (error instanceof DeploymillError && error.code === "docker_unreachable") {
		run.warn("Docker cannot be reached after the swap; whoever looks next resumes this deployment", error);
		return undefined;
	}
	const { applicationId } = run.application;
	const [service, tasks] = await Promise.all([run.engine.swarm.inspectService(applicationId), run.engine.swarm.listTasks(applicationId)]);
	const live = releaseOf(service);
	const isOurs = service !== undefined && live?.deploymentId === run.deploymentId;
	// What was asked of Swarm proves nothing: only tasks that run do.
	const isLive = isOurs && runsAlone(tasks, run.deploymentId, replicasOf(service));
	const { rollbackId, kind } = run.deployment;
	if (!isLive && rollbackId && kind === "deploy") run.engine.store.markUnusable(rollbackId, "its tasks were not seen to run");
	const ours = isLive
		? "This release runs, but it was not judged: call get_app_health."
		: "The service was given this release, but not all of its tasks were seen to run: call get_app_health.";
	return {
		status: isLive ? "done" : "error",
		outcome: isLive ? "live" : "failed",
		verdict: isLive ? "inconclusive" : null,
		facts: {
			rolloverNote: isOurs ? ours : `The service has ${live?.deploymentId ?? "no release"}, not this one.`,
			rolledOver: isLive,
			error: run.faultOf(error).toBody(),
		},
	};
}
