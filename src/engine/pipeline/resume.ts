// Goes on with a deployment whose worker died after its swap: from what was recorded, and what Swarm shows.
import type { Deployment } from "../../model/deployment.ts";
import type { Engine } from "../engine.ts";
import { concludeDeploy } from "./deploy.ts";
import type { RunEnd } from "./end.ts";
import { concludeDistrusted } from "./out-of-trust.ts";
import { type ReleaseEnd, resumeRelease, resumeUndoing } from "./release.ts";
import { carryOutRevert } from "./revert.ts";
import { concludeRollback } from "./rollback.ts";
import type { Run } from "./run.ts";

/** @throws LockLost; what an outage that did not end threw */
export async function resume(engine: Engine, run: Run, deployment: Deployment): Promise<RunEnd> {
	const revertId = deployment.autoRollback?.deploymentId;
	if (revertId) return carryOutRevert(engine, run, revertId);
	if (deployment.distrusted) return concludeDistrusted(engine, run, deployment, deployment.distrusted);
	run.say("resumed by another worker");
	const { image } = deployment;
	if (!image) throw new Error(`${deployment.deploymentId} is past its swap without an image`);
	const end = await judgeAgain(engine, run, deployment, image.reference);
	if (deployment.kind !== "deploy") return concludeRollback(end);
	return concludeDeploy(engine, run, { digest: image.digest, migrationFiles: deployment.migrationFiles }, end);
}

async function judgeAgain(engine: Engine, run: Run, deployment: Deployment, image: string): Promise<ReleaseEnd> {
	const ours = { image, deploymentId: deployment.deploymentId };
	const journal = engine.store.readSwapJournal(deployment.deploymentId);
	if (deployment.undoing) return resumeUndoing(engine, run, ours, journal, deployment.undoing);
	return resumeRelease(engine, run, ours, journal, deployment.baseline ?? {});
}
