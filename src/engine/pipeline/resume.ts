// Goes on with a deployment whose worker died after its swap: from what was recorded, and what Swarm shows; or gives it up.
import { DeploymillError } from "../../errors.ts";
import type { Deployment } from "../../model/deployment.ts";
import type { ObservedService, ObservedTask } from "../../model/service.ts";
import type { Engine } from "../engine.ts";
import type { EndOfDeployment } from "../ports/store.ts";
import { isSameRevision, replicasOf, revisionOf, runsAlone } from "../service/revision.ts";
import { concludeDeploy } from "./deploy.ts";
import { concludeDistrusted } from "./distrusted.ts";
import { endAs, type RunEnd } from "./end.ts";
import { fateOfSwap } from "./fate-of-swap.ts";
import { type ReleaseEnd, resumeRelease, resumeUndoing } from "./release.ts";
import { carryOutRevert } from "./revert.ts";
import { concludeRollback } from "./rollback.ts";
import type { Run } from "./run.ts";

/** @throws LockLost; what an outage that did not end threw */
export async function resume(engine: Engine, run: Run, deployment: Deployment): Promise<RunEnd> {
	const revertId = deployment.autoRollback?.deploymentId;
	if (revertId) return carryOutRevert(engine, run, revertId);
	if (deployment.distrusted) return concludeDistrusted(engine, run, deployment, deployment.distrusted);
	if ((await fateOfSwap(engine, deployment)) === "never will") return endAsNeverSwapped();
	run.say("resumed");
	const { image } = deployment;
	if (!image) throw new Error(`${deployment.deploymentId} is past its swap without an image`);
	const end = await judgeAgain(engine, run, deployment, image.reference);
	if (deployment.kind !== "deploy") return concludeRollback(end);
	return concludeDeploy(engine, run, { digest: image.digest, migrationFiles: deployment.migrationFiles }, end);
}

/** Docker was away for longer than an update is tried for, and by now it can come true no more. */
function endAsNeverSwapped(): RunEnd {
	const message = "Docker did not answer for so long that the swap was given up. Nothing was swapped; what ran before was not touched.";
	const error = new DeploymillError("docker_unreachable", message, { hint: "Deploy again.", retryable: true });
	return endAs("failed", { error: error.toBody() }, null, "its deployment failed before it ran");
}

async function judgeAgain(engine: Engine, run: Run, deployment: Deployment, image: string): Promise<ReleaseEnd> {
	const ours = { image, deploymentId: deployment.deploymentId };
	const journal = engine.store.readSwapJournal(deployment.deploymentId);
	if (deployment.undoing) return resumeUndoing(engine, run, ours, journal, deployment.undoing);
	return resumeRelease(engine, run, ours, journal, deployment.baseline ?? {});
}

/** After too many workers died over it. Live is said where its tasks all run, and never that it is healthy: nobody judged it to the end. */
export function endAsGivenUp(
	run: Run,
	{ image }: Deployment,
	service: ObservedService | undefined,
	tasks: ObservedTask[],
): EndOfDeployment {
	const ours = { image: image?.reference ?? "", deploymentId: run.deploymentId };
	const isLive = service !== undefined && isSameRevision(revisionOf(service), ours) && runsAlone(tasks, ours, replicasOf(service));
	const error = new DeploymillError("internal", "The workers that were to judge this release ended early, again and again.", {
		hint: "Look at get_app_health for how the app is now, and at the worker's log in the data folder for why.",
	}).toBody();
	const rolloverNote = isLive ? "Its tasks run, but it was not judged." : "Not all of its tasks run alone; the service was left as it is.";
	return endAs(isLive ? "live" : "failed", { error, rolloverNote }, isLive ? "inconclusive" : null);
}
