// Refuses to put the very same release live again that was judged unhealthy here before.
import { DeploymillError } from "../../errors.ts";
import type { Deployment } from "../../model/deployment.ts";
import { historyDepth } from "../history/history.ts";
import type { Store } from "../ports/store.ts";
import type { SwapPlan } from "../rollout/swap.ts";
import { releaseOf } from "../service/spec.ts";

/**
 * The newest judgement of this exact release (image, env and configuration) decides. A release whose env was changed since
 * is another one, and may be tried. A rollback or revert found unhealthy is no judgement of the release: it came while
 * something was wrong already.
 * @throws known_bad_release
 */
export function ensureNotKnownBad(store: Store, plan: SwapPlan): void {
	const { application, deploymentId, image } = plan.order;
	const judged = store
		.listDeployments(application.applicationId, historyDepth)
		.find((past) => past.deploymentId !== deploymentId && past.fingerprint === plan.fingerprint && judges(past));
	if (judged?.verdict !== "unhealthy") return;
	throw new DeploymillError(
		"known_bad_release",
		`The same image with the same configuration was judged unhealthy as ${judged.deploymentId}${isOn(plan, image.digest) ? ", and is what the service has now" : ""}. Nothing was swapped.`,
		{ details: { deploymentId: judged.deploymentId, digest: image.digest } },
	);
}

function judges({ kind, verdict }: Deployment): boolean {
	return verdict !== null && (verdict !== "unhealthy" || kind === "deploy");
}

/** Somebody may have put it there since. */
function isOn({ observed }: SwapPlan, digest: string): boolean {
	return releaseOf(observed)?.digest === digest;
}
