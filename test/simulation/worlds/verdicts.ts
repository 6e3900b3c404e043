// Judges verdicts against what the apps of a world really do, which only the world knows.
import { autoRollbackTargets } from "../../../src/engine/history/targets.ts";
import type { Deployment } from "../../../src/model/deployment.ts";
import { makeImage } from "../images/image.ts";
import type { Witness } from "../rules/witness.ts";
import { commitOf, isAlwaysIll, isAlwaysWell } from "./apps.ts";
import { type Act, type AppName, apps, type WorldPlan } from "./plan.ts";

/** Nothing of these stands between users and an app that is well. */
const harmless: readonly Act["do"][] = [
	"deploy",
	"roll back",
	"cancel",
	"confirm",
	"look",
	"adopt",
	"set env",
	"hand labels",
	"clock jumps",
	"leader changes",
	"docker is away",
	"registry is away",
	"receiver is away",
	"image is lost",
];

/** @param staged names of the faults that were staged at calls */
export function judgeVerdicts(witness: Witness, { setup, acts }: WorldPlan, staged: readonly string[]): void {
	const digestsOf = (isIt: (name: AppName) => boolean) =>
		apps.filter(isIt).map((name) => {
			const { content, app } = commitOf(name, setup.namesItself, {});
			return makeImage(content, app).digest;
		});
	const { folder, truth } = witness;
	const deployments = folder.store.listDeployments(truth.applicationId, 100);
	const among = (digests: string[]) => deployments.filter(({ image }) => image && digests.includes(image.digest));
	const areIll = among(digestsOf(isAlwaysIll));
	for (const { deploymentId, verdict } of areIll)
		if (verdict === "healthy") witness.breach("healthy is said only of what answers well", `${deploymentId} never did`);
	const isUndisturbed =
		acts.every(({ act }) => harmless.includes(act.do)) && !staged.includes("no connection") && !staged.includes("no answer");
	for (const { deploymentId, verdict } of isUndisturbed ? among(digestsOf(isAlwaysWell)) : [])
		if (verdict === "unhealthy") witness.breach("what answers well is not called unhealthy", `${deploymentId} did, all the time`);
	const live = areIll.find(({ deploymentId, kind }) => kind === "deploy" && truth.runsAlone(deploymentId));
	if (live && setup.rollback === "auto") judgeArmed(witness, live, deployments);
}

/** Unless it could not be judged, or there was nothing to go back to. */
function judgeArmed(
	witness: Witness,
	{ deploymentId, outcome, autoRollback, sequence, image }: Deployment,
	deployments: Deployment[],
): void {
	const { folder, truth, world, changes } = witness;
	const rule = "an armed bad release is reverted";
	if (changes.foreignMs >= 0) return;
	const how = `${deploymentId} is ${outcome} (${autoRollback?.reason}), and runs`;
	const excuses = ["no_rollback_point", "inconclusive", "partial_outage", "swap_failed"];
	if (!excuses.includes(autoRollback?.reason ?? "")) witness.breach(rule, how);
	if (autoRollback?.reason !== "no_rollback_point") return;
	const points = folder.store.listRollbackPoints(truth.applicationId);
	const { candidates } = autoRollbackTargets({ deployments, points }, { sequence, digest: image?.digest ?? "" });
	const isThere = candidates.some(({ point }) => !world.registry.everLost(point.image.reference));
	const wasAway = witness.world.registry.wasAway;
	if (isThere && !wasAway) witness.breach(rule, `${how}, though there was ${candidates[0]?.point.rollbackId}`);
}
