// Owns the putting back of what ran, when a rollout ended badly and Swarm did not do it by itself. Says what was seen, not what was asked for.
import type { ObservedService } from "../../model/service.ts";
import type { Run } from "../pipeline/run.ts";
import { ServiceChanged } from "../ports/swarm.ts";
import { chooseGate } from "../service/container-check.ts";
import { releaseOf } from "../service/spec.ts";
import { replicasOf, runsAlone } from "./reading.ts";
import { applySwap, planSwap, pullCredentials, type SwapPlan } from "./swap.ts";
import type { RolloutEnd } from "./watch.ts";

const restoredWithinMs = 60_000;
const leftAlone = "The service was changed by somebody else and was left as it is.";

/** Puts back the very spec that was there before the swap. */
export async function putBack(run: Run, plan: SwapPlan, end: RolloutEnd): Promise<string> {
	const { swarm } = run.engine;
	const before = plan.observed;
	if (!before) return removeFirst(run, end);
	const now = await ownService(run, end);
	if (!now) return leftAlone;
	try {
		await swarm.updateService(run.application.applicationId, now.version, before.spec, await pullCredentials(run.engine, plan.image));
	} catch (error) {
		if (error instanceof ServiceChanged) return leftAlone;
		throw error;
	}
	return observeRestored(run, releaseOf(before)?.deploymentId ?? "", replicasOf(before));
}

/** In a worker that resumed, the spec from before is gone; the record tells which image it had. */
export async function putBackRecorded(run: Run, end: RolloutEnd): Promise<string> {
	const { replaced } = run.deployment;
	if (!replaced) return removeFirst(run, end);
	if (!(await ownService(run, end))) return leftAlone;
	const before = run.engine.store.findDeployment(replaced);
	if (!before?.image) return `What ran before it (${replaced}) is not in this server's record and was not put back.`;
	const asBefore = run.as(replaced);
	await applySwap(asBefore, await planSwap(asBefore, before.image, chooseGate(run.application.config, before.probePrograms ?? [])));
	return observeRestored(run, replaced, run.application.config.replicas);
}

async function removeFirst(run: Run, end: RolloutEnd): Promise<string> {
	if (!(await ownService(run, end))) return leftAlone;
	await run.engine.swarm.removeService(run.application.applicationId);
	return "This was the first release: nothing ran before it, and the service made for it was removed.";
}

/** The service as long as it still has this release; whoever changed it since knows more than we do. */
async function ownService(run: Run, end: RolloutEnd): Promise<ObservedService | undefined> {
	if (end.state === "superseded") return undefined;
	const now = await run.engine.swarm.inspectService(run.application.applicationId);
	return releaseOf(now)?.deploymentId === run.deploymentId ? now : undefined;
}

async function observeRestored(run: Run, deploymentId: string, replicas: number): Promise<string> {
	const { swarm, clock } = run.engine;
	const { applicationId } = run.application;
	const deadline = clock.monotonic() + restoredWithinMs;
	while (clock.monotonic() < deadline) {
		if (runsAlone(await swarm.listTasks(applicationId), deploymentId, replicas)) return "The previous release was put back; its tasks run.";
		await swarm.waitForChange(applicationId, 200, run.signal);
		run.signal.throwIfAborted();
	}
	return `The previous release was put back on the service, but its tasks were not seen to run within ${restoredWithinMs / 1000} s.`;
}
