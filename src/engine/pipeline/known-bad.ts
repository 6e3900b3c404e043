// Refuses to put a release live again that was judged unhealthy here, or that a person took back.
import { DeploymillError } from "../../errors.ts";
import type { Deployment } from "../../model/deployment.ts";
import { readHistory } from "../history/history.ts";
import { type History, originOf } from "../history/targets.ts";
import type { Store } from "../ports/store.ts";
import type { SwapPlan } from "../rollout/swap.ts";
import { releaseOf } from "../service/spec.ts";

/**
 * The newest word on this exact release (image, env and configuration) decides. A release whose env was changed since is another
 * one, and may be tried. A rollback or revert found unhealthy is no judgement of the release: it came while something was wrong
 * already. A person who rolls back to it has taken it up again.
 * @throws known_bad_release
 */
export function ensureNotKnownBad(store: Store, plan: SwapPlan): void {
	const { application, deploymentId, image } = plan.order;
	const history = readHistory(store, application.applicationId);
	const past = history.deployments.filter((item) => item.deploymentId !== deploymentId);
	const fingerprints = new Map(past.map((item) => [item.deploymentId, item.fingerprint]));
	const isIt = (id: string | undefined) => id !== undefined && fingerprints.get(id) === plan.fingerprint;
	const word = past.find((item) => (isIt(item.deploymentId) && judges(item)) || (isIt(item.replaced) && tookBack(history, item)));
	if (!word) return;
	const now = releaseOf(plan.observed)?.digest === image.digest ? ", and is what the service has now" : "";
	const details = { deploymentId: word.deploymentId, digest: image.digest };
	if (!isIt(word.deploymentId)) throw takenBack(word, now, details);
	if (word.verdict !== "unhealthy") return;
	const message = `The same image with the same configuration was judged unhealthy as ${word.deploymentId}${now}. Nothing was swapped.`;
	throw new DeploymillError("known_bad_release", message, { details });
}

function judges({ kind, verdict, outcome }: Deployment): boolean {
	if (kind === "rollback") return (outcome === "live" || outcome === "unchanged") && verdict !== "unhealthy";
	return verdict !== null && (verdict !== "unhealthy" || kind === "deploy");
}

/** A rollback to something earlier that came to run. One that went forward again says nothing against what it left. */
function tookBack(history: History, { kind, rolledOver, target, replaced }: Deployment): boolean {
	if (kind !== "rollback" || rolledOver !== true || !target || !replaced) return false;
	const [to, from] = [originOf(history, target.deploymentId), originOf(history, replaced)];
	return to !== undefined && from !== undefined && to.sequence < from.sequence;
}

function takenBack(rollback: Deployment, now: string, details: { deploymentId: string; digest: string }): DeploymillError {
	const { deploymentId, requestedBy, startedAt, reason } = rollback;
	return new DeploymillError(
		"known_bad_release",
		`The same image with the same configuration was taken back by ${requestedBy} at ${startedAt}, by ${deploymentId}${reason === undefined ? "" : ` (${reason})`}${now}. Nothing was swapped.`,
		{
			hint: "Ask your user whether what it was taken back for is mended. Then pass force: true to deploy it all the same, or roll forward to it.",
			details: { ...details, takenBackBy: requestedBy, at: startedAt, ...(reason === undefined ? {} : { reason }) },
		},
	);
}
