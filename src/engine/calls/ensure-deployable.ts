// Refuses a deploy of an application that is held, or whose deploys fail one after the other (contract section 12).
import { reasonGiven } from "../../config/quote.ts";
import { DeploymillError } from "../../errors.ts";
import type { Deployment, DeploymentRequest } from "../../model/deployment.ts";
import type { DeploymentsHold } from "../../model/deployments-hold.ts";
import { historyDepth } from "../../model/history-depth.ts";
import type { Probation } from "../../model/probation.ts";
import type { Engine } from "../engine.ts";
import { failedDeploysInARow } from "../history/failed-deploys.ts";

/** As many of the failed ones are named. */
const mostNamed = 10;

/**
 * Synchronous, so that it can be asked in the transaction that records the deployment.
 * @throws deployments_held, awaiting_confirmation, forced or not; too_many_failures, unless forced
 */
export function ensureDeployable(
	{ store, clock, settings }: Pick<Engine, "store" | "clock" | "settings">,
	applicationId: string,
	{ force }: DeploymentRequest,
): void {
	const hold = store.holdOnDeployments(applicationId);
	if (hold) throw held(applicationId, hold);
	const waiting = store.listOpenProbations(applicationId).find(({ confirm }) => confirm?.state === "awaiting");
	if (waiting) throw awaited(applicationId, waiting);
	const most = settings.maxFailedDeploys;
	if (force || most === 0) return;
	const failed = failedDeploysInARow(store.listDeployments(applicationId, historyDepth), clock.now());
	if (failed.length >= most) throw tooManyFailures(applicationId, failed, most);
}

function held(applicationId: string, hold: DeploymentsHold): DeploymillError {
	const { by, since, reason } = hold;
	return new DeploymillError(
		"deployments_held",
		`${applicationId}: deploys are held by ${by} since ${since}${reasonGiven(reason)}. Nothing was started.`,
		{ details: { applicationId, ...hold } },
	);
}

function awaited(applicationId: string, { deploymentId, confirm }: Probation): DeploymillError {
	return new DeploymillError(
		"awaiting_confirmation",
		`${applicationId}: ${deploymentId} is live and waits until ${confirm?.until} to be confirmed; without that it is taken back. Nothing was started.`,
		{ details: { applicationId, deploymentId, until: confirm?.until } },
	);
}

function tooManyFailures(applicationId: string, failed: Deployment[], most: number): DeploymillError {
	return new DeploymillError(
		"too_many_failures",
		`${applicationId}: the last ${failed.length} deploys failed, all within an hour; from ${most} on a deploy must be forced. Nothing was started.`,
		{ details: { applicationId, failedInARow: failed.length, failed: failed.slice(0, mostNamed).map(evidenceOf) } },
	);
}

function evidenceOf({ deploymentId, outcome, commit, startedAt, error }: Deployment) {
	return {
		deploymentId,
		outcome,
		startedAt,
		...(commit ? { commit: commit.sha } : {}),
		...(error ? { error: error.code } : {}),
	};
}
