// Owns the refusal to put the very same release live again that was judged unhealthy here before.
import { DeploymillError } from "../../errors.ts";
import type { Deployment } from "../../model/deployment.ts";
import type { SwapPlan } from "../rollout/swap.ts";
import type { Run } from "./run.ts";

const historyDepth = 50;

/**
 * The newest judgement of this exact release (image, env and configuration) decides. A release whose env was changed since
 * is another one, and may be tried. A rollback or revert found unhealthy is no judgement of the release: it came while
 * something was wrong already.
 * @throws known_bad_release
 */
export function ensureNotKnownBad(run: Run, plan: SwapPlan): void {
	const { store } = run.engine;
	const judged = store
		.listDeployments(run.application.applicationId, historyDepth)
		.find((past) => past.deploymentId !== run.deploymentId && past.fingerprint === plan.fingerprint && judges(past));
	if (judged?.verdict !== "unhealthy") return;
	throw new DeploymillError(
		"known_bad_release",
		`The same image with the same configuration was judged unhealthy as ${judged.deploymentId}, and is not live. Nothing was swapped.`,
		{ details: { deploymentId: judged.deploymentId, digest: plan.image.digest } },
	);
}

function judges({ kind, verdict }: Deployment): boolean {
	return verdict !== null && (verdict !== "unhealthy" || kind === "deploy");
}
