// Judges verdicts against what the apps of a world really do, which only the world knows.
import { autoRollbackTargets } from "../../../src/engine/history/targets.ts";
import type { Deployment } from "../../../src/model/deployment.ts";
import { makeImage } from "../images/image.ts";
import type { Witness } from "../rules/witness.ts";
import { commitOf, isAlwaysIll } from "./apps.ts";
import { apps, type WorldPlan } from "./plan.ts";

export function judgeVerdicts(witness: Witness, { setup }: WorldPlan): void {
	const digests = apps.filter(isAlwaysIll).map((name) => {
		const { content, app } = commitOf(name, setup.namesItself, {});
		return makeImage(content, app).digest;
	});
	const { folder, truth } = witness;
	const deployments = folder.store.listDeployments(truth.applicationId, 100);
	const areIll = deployments.filter(({ image }) => image && digests.some((digest) => digest === image.digest));
	for (const { deploymentId, verdict } of areIll)
		if (verdict === "healthy") witness.breach("healthy is said only of what answers well", `${deploymentId} never did`);
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
