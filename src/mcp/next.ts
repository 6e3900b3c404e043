// Suggests what an agent would sensibly call after an answer or a refusal: its `next`, at most three.
import type { DeploymillError } from "../errors.ts";
import type { Deployment } from "../model/deployment.ts";

export interface NextCall {
	tool: string;
	args: Record<string, unknown>;
	why: string;
}

export function nextOf(deployment: Deployment): NextCall[] {
	const { applicationId, deploymentId, status, outcome } = deployment;
	if (status === "running") {
		return [{ tool: "get_deployment", args: { deploymentId, wait: 45 }, why: "it goes on by itself; this returns when it ends" }];
	}
	if (deployment.confirm?.state === "awaiting") return awaiting(deployment);
	const health = { tool: "get_app_health", args: { applicationId }, why: "see what runs and how it is now" };
	const build = { tool: "get_logs", args: { applicationId, deploymentId }, why: "read why it failed" };
	const runtime = { tool: "get_logs", args: { applicationId, source: "runtime" }, why: "read what the app says" };
	const back = { tool: "rollback", args: { applicationId, dryRun: true }, why: "see what going back to the last healthy deploy would do" };
	const calls: Partial<Record<NonNullable<typeof outcome>, NextCall[]>> = {
		live_unhealthy: deployment.kind === "deploy" ? [back, runtime, health] : [runtime, health],
		degraded: [health, runtime],
		rolled_back: [runtime, health],
		orchestrator_rolled_back: [build, health],
		failed: [...knownBad(deployment), build, health],
		interrupted: [{ tool: "deploy", args: { applicationId }, why: "nothing was swapped: deploy again" }],
	};
	return [...((outcome && calls[outcome]) ?? []), ...baking(deployment)];
}

/** First of all it is looked at: a confirmation says that somebody did. */
function awaiting(deployment: Deployment): NextCall[] {
	const { applicationId } = deployment;
	return [
		{ tool: "get_app_health", args: { applicationId }, why: "see how the app is before you confirm it" },
		confirmCall(deployment),
		{ tool: "rollback", args: { applicationId, dryRun: true }, why: "it is not good: see what going back would do" },
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

/** Why a release is not put live again stands with the deployment that it was found bad by. */
function knownBad({ error }: Deployment): NextCall[] {
	const deploymentId = error?.code === "known_bad_release" ? error.details?.deploymentId : undefined;
	return deploymentId === undefined ? [] : [{ tool: "get_deployment", args: { deploymentId }, why: "read why it is known to be bad" }];
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
