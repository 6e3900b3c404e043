// Suggests what an agent would sensibly call after an answer or a refusal: its `next`, at most three.
import type { WayBack } from "../engine/calls/way-back.ts";
import { differing } from "../engine/history/changed-since.ts";
import type { DeploymillError } from "../errors.ts";
import type { Deployment } from "../model/deployment.ts";
import { listed } from "../text/listed.ts";
import { isRefusal } from "./refusal.ts";

export interface NextCall {
	tool: string;
	args: Record<string, unknown>;
	why: string;
}

/** Of a partial outage: whether it is to be taken back is not for a model to decide. */
export const onlyIfAgreed = "; some edges are well: report it, and go back only if asked or agreed";

/** Not at all: something else is live. */
export type WayBackOrNone = WayBack | "not_live";

/**
 * A dry run, or a look at what there is where a rollback without a rollbackId would be refused.
 * @param caution goes on with the reason
 */
export function callsBack(applicationId: string, wayBack: WayBackOrNone, caution = ""): NextCall[] {
	if (wayBack === "not_live") return [];
	if (wayBack === "last_healthy") {
		const why = `see what going back to the last healthy release would do${caution}`;
		return [{ tool: "rollback", args: { applicationId, dryRun: true }, why }];
	}
	const why = `no earlier release is recorded healthy: see whether there is another to go back to${caution}`;
	return [{ tool: "list_deployments", args: { applicationId }, why }];
}

/** @param before what was live before it, where that is recorded */
export function nextOf(deployment: Deployment, before?: Deployment, wayBack: WayBackOrNone = "last_healthy"): NextCall[] {
	const { applicationId, deploymentId, status, outcome } = deployment;
	if (status === "running") {
		return [{ tool: "get_deployment", args: { deploymentId, wait: 45 }, why: "it goes on by itself; this returns when it ends" }];
	}
	const isAwaited = deployment.confirm?.state === "awaiting";
	// One that was found unhealthy meanwhile is nothing to confirm.
	if (isAwaited && outcome !== "live_unhealthy") return awaiting(deployment, wayBack);
	const health = { tool: "get_app_health", args: { applicationId }, why: "see what runs and how it is now" };
	const runtime = { tool: "get_logs", args: { applicationId, deploymentId, source: "runtime" }, why: "read what the app said" };
	const isPartial = deployment.health?.edges.some(({ verdict }) => verdict === "healthy") ?? false;
	const untilThen = isAwaited ? `; nobody confirmed it, so it is taken back at ${deployment.confirm?.until}` : "";
	const back = callsBack(applicationId, wayBack, `${isPartial ? onlyIfAgreed : ""}${untilThen}`);
	const looks = isPartial ? [health, runtime, ...back] : [...back, runtime, health];
	const env = setEnv(deployment, before);
	const calls: Partial<Record<NonNullable<typeof outcome>, NextCall[]>> = {
		live_unhealthy: deployment.kind === "deploy" ? [...env, ...looks] : [runtime, health],
		unchanged: deployment.health?.verdict === "unhealthy" ? looks : [],
		degraded: [...env, health, runtime],
		rolled_back: [...env, runtime, health],
		orchestrator_rolled_back: [...env, whyItFailed(deployment), health],
		failed: failedCalls(deployment, env, health),
		// Where it is not known whether it ran, one looks first.
		interrupted: deployment.rolledOver === undefined ? [health, whyItFailed(deployment)] : [askedAgain(deployment)],
	};
	return [...((outcome && calls[outcome]) ?? []), ...baking(deployment)].slice(0, 3);
}

/**
 * The same that was asked for, as a dry run: something else may be live by now, and whoever asked may have overridden a refusal. Never a deploy in
 * place of a rollback: the branch may still hold what was to be taken back.
 */
function askedAgain({ applicationId, kind, ref, request: { hold, confirmWithin }, target }: Deployment): NextCall {
	const why = "nothing was swapped: see what the same would do now";
	if (kind === "deploy")
		return {
			tool: "deploy",
			args: { applicationId, ...(ref ? { ref } : {}), ...(confirmWithin ? { confirmWithin } : {}), dryRun: true },
			why,
		};
	const rollbackId = target?.rollbackId;
	return { tool: "rollback", args: { applicationId, ...(rollbackId ? { rollbackId } : {}), ...(hold ? { hold } : {}), dryRun: true }, why };
}

function failedCalls(deployment: Deployment, env: NextCall[], health: NextCall): NextCall[] {
	const { applicationId, error } = deployment;
	if (error?.code === "known_bad_release") return knownBad(deployment);
	if (isRefusal(deployment)) {
		return [{ tool: "list_deployments", args: { applicationId }, why: "see what is live now, and decide again" }, health];
	}
	return [...(hasCrashed(deployment) ? env : []), whyItFailed(deployment), health];
}

/** What a task said before it ended stands with the app; everything else is in the deployment's own log. */
function whyItFailed(deployment: Deployment): NextCall {
	const { applicationId, deploymentId } = deployment;
	if (!hasCrashed(deployment)) return { tool: "get_logs", args: { applicationId, deploymentId }, why: "read why it failed" };
	return { tool: "get_logs", args: { applicationId, deploymentId, source: "runtime" }, why: "read what the app said before it ended" };
}

/** One that a node refused never ran, and said nothing. */
function hasCrashed({ orchestrator }: Deployment): boolean {
	return orchestrator?.failedTasks?.some(({ state }) => state !== "rejected") ?? false;
}

const mostNamed = 5;

/** Where the environment is another one than that of the release before: no rollback takes it back. */
function setEnv({ applicationId, kind, autoRollback, envDigests }: Deployment, before: Deployment | undefined): NextCall[] {
	if (kind !== "deploy") return [];
	const sincePrevious = envDigests && before?.envDigests ? differing(before.envDigests, envDigests) : [];
	const names = autoRollback?.changedSince?.env ?? sincePrevious;
	if (names.length === 0) return [];
	const why = `${listed(names, mostNamed)} changed since the release before, and no rollback takes that back: if it is the cause, set it right`;
	return [{ tool: "set_env_vars", args: { applicationId }, why }];
}

/** First of all it is looked at: a confirmation says that somebody did. */
function awaiting(deployment: Deployment, wayBack: WayBackOrNone): NextCall[] {
	const { applicationId } = deployment;
	return [
		{ tool: "get_app_health", args: { applicationId }, why: "see how the app is before you confirm it" },
		confirmCall(deployment),
		...callsBack(applicationId, wayBack, ", if it is not good"),
	];
}

export function confirmCall({ deploymentId, confirm }: Deployment): NextCall {
	return {
		tool: "confirm_deployment",
		args: { deploymentId },
		why: `it is good and stays; without this it is taken back at ${confirm?.until}`,
	};
}

function baking({ deploymentId, bake }: Deployment): NextCall[] {
	if (bake?.state !== "running") return [];
	return [{ tool: "get_deployment", args: { deploymentId }, why: `it is watched until ${bake.until}: look again then` }];
}

/** Why a release is not put live again stands with the deployment that it was found bad by, and in its log. */
function knownBad({ applicationId, error }: Deployment): NextCall[] {
	const deploymentId = error?.details?.deploymentId;
	if (deploymentId === undefined) return [];
	return [
		{ tool: "get_deployment", args: { deploymentId }, why: "read why it is known to be bad" },
		{ tool: "get_logs", args: { applicationId, deploymentId }, why: "read that one's own log" },
	];
}

/** Never the call that was refused with an override: that is a person's to give. */
export function nextOfRefusal({ code, details }: DeploymillError): NextCall[] {
	const applicationId = details?.applicationId;
	const history = { tool: "list_deployments", args: { applicationId }, why: "see what is live, what failed, and what was taken back" };
	if (code === "deployments_held") return [history];
	if (code === "awaiting_confirmation" || code === "not_confirmable") return waiting(details ?? {}, history);
	if (code !== "too_many_failures") return [];
	const [newest] = (details?.failed ?? []) as { deploymentId: string }[];
	return [{ tool: "get_deployment", args: { deploymentId: newest?.deploymentId }, why: "read how the last one failed" }, history];
}

/** A confirmation is given by who looked: it is not put into anybody's mouth. */
function waiting({ deploymentId }: Record<string, unknown>, history: NextCall): NextCall[] {
	if (deploymentId === undefined) return [history];
	return [{ tool: "get_deployment", args: { deploymentId }, why: "see what waits to be confirmed, and how it is" }, history];
}
