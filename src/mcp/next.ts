// Owns the `next` of answers: what an agent would sensibly call now, at most three.
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
	const health = { tool: "get_app_health", args: { applicationId }, why: "see what runs and how it is now" };
	const build = { tool: "get_logs", args: { applicationId, deploymentId }, why: "read why it failed" };
	const runtime = { tool: "get_logs", args: { applicationId, source: "runtime" }, why: "read what the app says" };
	const back = { tool: "rollback", args: { applicationId, dryRun: true }, why: "see what going back to the last healthy deploy would do" };
	const calls: Partial<Record<NonNullable<typeof outcome>, NextCall[]>> = {
		live_unhealthy: deployment.kind === "deploy" ? [back, runtime, health] : [runtime, health],
		degraded: [health, runtime],
		rolled_back: [runtime, health],
		orchestrator_rolled_back: [build, health],
		failed: [build, health],
		interrupted: [{ tool: "deploy", args: { applicationId }, why: "nothing was swapped: deploy again" }],
	};
	return (outcome && calls[outcome]) ?? [];
}
