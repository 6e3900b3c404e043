// Refuses to put a release live again that was judged unhealthy here, or that a person took back.
import { isDeepStrictEqual } from "node:util";
import { reasonGiven } from "../../config/quote.ts";
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
	const live = releaseOf(plan.observed);
	const history = readHistory(store, application.applicationId, live?.deploymentId);
	const past = { ...history, deployments: history.deployments.filter((item) => item.deploymentId !== deploymentId) };
	const word = wordAgainst(past, ({ fingerprint }) => fingerprint === plan.fingerprint);
	if (!word) return;
	const now = live?.digest === image.digest ? ", and is what the service has now" : "";
	const details = { deploymentId: word.deployment.deploymentId, digest: image.digest };
	throw knownBad(word, `The same image with the same configuration`, `${now}. Nothing was swapped.`, details);
}

/**
 * The same before a build, so that it can only go by the commit: the build may give another image, which is another release then.
 * @param now env and configuration, as they are recorded with a deployment that is put live
 * @throws known_bad_release
 */
export function ensureCommitNotKnownBad(
	history: History,
	sha: string,
	now: Required<Pick<Deployment, "envDigests" | "configDigests">>,
): void {
	const word = wordAgainst(
		history,
		({ commit, envDigests, configDigests }) =>
			commit?.sha === sha && isDeepStrictEqual(envDigests, now.envDigests) && isDeepStrictEqual(configDigests, now.configDigests),
	);
	if (!word) return;
	const details = { deploymentId: word.deployment.deploymentId, commit: sha };
	throw knownBad(word, `Commit ${sha.slice(0, 7)} with the same env vars and configuration`, ".", details);
}

/** The rollback by which a person took this image back, where nothing newer speaks for it. No rollback to it is refused for that. */
export function takenBackBy(history: History, { image }: Deployment): Deployment | undefined {
	const word = wordAgainst(history, (deployment) => deployment.image?.digest === image?.digest);
	return word?.how === "taken_back" ? word.deployment : undefined;
}

/** Of the rollback that did it. */
export function takenBackWords({ deploymentId, requestedBy, startedAt, reason }: Deployment): string {
	return `taken back by ${requestedBy} at ${startedAt}, by ${deploymentId}${reasonGiven(reason)}`;
}

/** What the newest deployment that says anything of a release says against it. */
interface WordAgainst {
	deployment: Deployment;
	how: "judged_unhealthy" | "taken_back";
}

function wordAgainst(history: History, isIt: (deployment: Deployment) => boolean): WordAgainst | undefined {
	const ofIt = new Set(history.deployments.filter(isIt).map(({ deploymentId }) => deploymentId));
	const isOfIt = (id: string | undefined) => id !== undefined && ofIt.has(id);
	const deployment = history.deployments.find(
		(item) => (isOfIt(item.deploymentId) && judges(item)) || (isOfIt(item.replaced) && tookBack(history, item)),
	);
	if (!deployment) return undefined;
	if (!isOfIt(deployment.deploymentId)) return { deployment, how: "taken_back" };
	return deployment.verdict === "unhealthy" ? { deployment, how: "judged_unhealthy" } : undefined;
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

/** @param tail how the sentence ends */
function knownBad({ deployment, how }: WordAgainst, what: string, tail: string, details: Record<string, unknown>): DeploymillError {
	const { deploymentId, requestedBy, startedAt, reason } = deployment;
	if (how === "judged_unhealthy") {
		return new DeploymillError("known_bad_release", `${what} was judged unhealthy as ${deploymentId}${tail}`, { details });
	}
	return new DeploymillError("known_bad_release", `${what} was ${takenBackWords(deployment)}${tail}`, {
		hint: "Ask your user whether what it was taken back for is mended. Then pass force: true to deploy it all the same, or roll forward to it.",
		details: { ...details, takenBackBy: requestedBy, at: startedAt, ...(reason === undefined ? {} : { reason }) },
	});
}
