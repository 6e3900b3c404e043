// Settles deployments whose worker died: before the swap they are over, after it they are resumed.
import { DeploymillError, errorMessage } from "../../errors.ts";
import { type Deployment, isPastSwap } from "../../model/deployment.ts";
import type { Probation } from "../../model/probation.ts";
import type { Release } from "../../model/service.ts";
import type { Engine } from "../engine.ts";
import type { EndOfDeployment, Hold } from "../ports/store.ts";
import { standingOf } from "../probation/record.ts";
import { isOpen } from "../probation/standing.ts";
import { endedByItself, isOfRevision, isRunning } from "../service/revision.ts";
import { endAs } from "./end.ts";
import { fateOfSwap } from "./fate-of-swap.ts";
import { launchLeaseMs } from "./lease-times.ts";
import { endUnwatched } from "./watch-lease.ts";

/** Settles all that were abandoned, and has what is on probation watched again. One that cannot be settled now (Docker is away) stays `running`; the next caller tries again. */
export async function settleAbandoned(engine: Engine): Promise<void> {
	if (engine.settings.readOnly) return;
	for (const deployment of engine.store.listAbandoned()) {
		await tried(engine, deployment.deploymentId, "an abandoned deployment could not be settled yet", () => settle(engine, deployment));
	}
	for (const probation of engine.store.listUnwatchedProbations()) {
		await tried(engine, probation.deploymentId, "a release on probation could not be watched again yet", () =>
			watchAgain(engine, probation),
		);
	}
}

async function tried({ log }: Engine, deploymentId: string, failed: string, work: () => Promise<void>): Promise<void> {
	try {
		await work();
	} catch (error) {
		log.warn({ deploymentId, error: errorMessage(error) }, failed);
	}
}

/** What is over by now needs no worker. */
async function watchAgain(engine: Engine, { deploymentId }: Probation): Promise<void> {
	const { store, clock, workers } = engine;
	const isLeft = store.decide(() => {
		if (!store.offerWatch(deploymentId, launchLeaseMs)) return false;
		const record = store.findProbation(deploymentId);
		const now = { wallMs: clock.now(), monotonicMs: clock.monotonic() };
		return record !== undefined && isOpen(standingOf(endUnwatched(engine, record, now)));
	});
	if (isLeft) await workers.start(deploymentId);
}

/**
 * A release that the service has, and that is recorded as not live, is opened again at its gate: a create whose answer nobody was
 * there to hear, or somebody who put it there by hand.
 */
export async function reopenIfLive(engine: Engine, live: Release | undefined): Promise<void> {
	if (!live || engine.settings.readOnly) return;
	const deployment = engine.store.findDeployment(live.deploymentId);
	if (!deployment || deployment.status === "running" || deployment.rolledOver || deployment.outcome === "unchanged") return;
	if (!isPastSwap(deployment) || deployment.image?.digest !== live.digest) return;
	if (!(await comesToRun(engine, deployment))) return;
	if (!engine.store.reopenDeployment(deployment.deploymentId, launchLeaseMs)) return;
	engine.log.info({ deploymentId: deployment.deploymentId }, "a release that was recorded as not live is; it is judged now");
	await engine.workers.start(deployment.deploymentId);
}

/**
 * A task of it runs; or is to run, and no worker has judged it yet. One that was judged is not judged again for tasks that do not
 * come up: its application could never be deployed again meanwhile.
 */
async function comesToRun({ swarm }: Engine, { applicationId, deploymentId, image, resumes = 0 }: Deployment): Promise<boolean> {
	const tasks = await swarm.listTasks(applicationId);
	const wanted = tasks.filter(
		(task) => isOfRevision(task, { image: image?.reference ?? "", deploymentId }) && task.desiredState === "running",
	);
	return wanted.some((task) => isRunning(task) || (resumes === 0 && !endedByItself(task)));
}

/** An update of a dead worker that may still be under way is made out of sequence first, so that it cannot come true behind the record. */
async function settle(engine: Engine, deployment: Deployment): Promise<void> {
	const { store, log } = engine;
	const { applicationId, deploymentId } = deployment;
	const hold: Hold = { applicationId, deploymentId, owner: engine.ids.next("run") };
	if (!store.takeOverExpired(hold, launchLeaseMs)) return;
	const fate = await fateOfSwap(engine, deployment);
	if (fate === "came true") {
		log.info({ deploymentId }, "the worker died after the swap; resuming at the gate");
		store.handOver(hold, launchLeaseMs);
		await engine.workers.start(deploymentId);
		return;
	}
	const end = fate === "never will" ? endAsInterrupted(notSwapped, "its deployment was interrupted before it ran") : endAsNotKnown();
	store.finishDeployments(hold, [{ deploymentId, end }]);
}

const notSwapped = {
	message: "The worker process ended before the swap. What ran before was not touched.",
	hint: "Nothing was swapped: ask for the same again, after a dry run.",
};

const notKnown = {
	message: "The worker process ended at the swap, and what came of it cannot be seen any more: the service is gone, or another one by now.",
	hint: "Call get_app_health to see what runs, and find out who else changes this service. Then ask for the same again.",
};

function endAsInterrupted({ message, hint }: typeof notSwapped, givesUp: string): EndOfDeployment {
	const cause = new DeploymillError("internal", message, { hint, retryable: true });
	return endAs("interrupted", { error: cause.toBody() }, null, givesUp);
}

/** Whether it ever ran is not said: nobody saw it. */
function endAsNotKnown(): EndOfDeployment {
	const { facts, ...end } = endAsInterrupted(notKnown, "its deployment was interrupted, and whether it ran is not known");
	const { rolledOver: _notKnown, ...known } = facts ?? {};
	return { ...end, facts: known };
}
