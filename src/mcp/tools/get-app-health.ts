// Defines the tool `get_app_health`.
import { z } from "zod";
import { findApplication } from "../../engine/applications.ts";
import { type AppHealth, readAppHealth } from "../../engine/calls/app-health.ts";
import { type WayBack, wayBackFrom } from "../../engine/calls/way-back.ts";
import { describeMismatch } from "../../engine/history/mismatch-words.ts";
import type { Deployment } from "../../model/deployment.ts";
import { probationFields } from "../deployment-view.ts";
import { applicationId } from "../fields.ts";
import { callsBack, confirmCall, type NextCall, onlyIfAgreed } from "../next.ts";
import { defineTool, readsOnly } from "../tool.ts";

export const getAppHealth = defineTool({
	name: "get_app_health",
	title: "Probe an application now",
	description:
		"Probes every edge now, one gate's worth, and reads the Swarm tasks: what runs, what should run, whether they match. Some edges bad is a partial outage: report it, go back only if asked or agreed. Takes as long as a health gate. Changes nothing.",
	hints: { ...readsOnly, idempotentHint: false },
	input: z.strictObject({ applicationId }),
	output: z.looseObject({ verdict: z.enum(["healthy", "unhealthy", "inconclusive"]).nullable(), matches: z.boolean() }),
	async call({ applicationId }, { engine, signal, limits }) {
		const application = findApplication(engine.store, applicationId);
		const seen = await limits.run("health", signal, () => readAppHealth(engine, application, signal));
		const { health, tasks, running, expected, matches, mismatch } = seen;
		const deployment = expected && engine.store.findDeployment(expected.deploymentId);
		const next = nextCalls(seen, deployment, () => wayBackFrom(engine, applicationId, seen.release));
		return {
			content: {
				applicationId,
				verdict: health.verdict,
				edges: health.edges,
				tasks,
				...(running ? { running } : {}),
				...(expected ? { expected } : {}),
				matches,
				...(deployment ? probationFields(deployment) : {}),
				...(mismatch ? { mismatch: describeMismatch(mismatch) } : {}),
				...(next.length > 0 ? { next } : {}),
			},
		};
	},
});

function nextCalls(
	{ applicationId, health, expected, matches, mismatch, tasks }: AppHealth,
	deployment: Deployment | undefined,
	wayBack: () => WayBack,
): NextCall[] {
	if (!expected && mismatch)
		return [{ tool: "reconcile_project", args: { applicationId }, why: "takes over what another server put live" }];
	if (!expected) return [{ tool: "deploy", args: { applicationId }, why: "nothing was put live yet" }];
	const isPartial = health.edges.some((edge) => edge.verdict === "healthy");
	const bad = health.verdict === "unhealthy" || tasks.running < tasks.desired;
	const isAwaited = deployment?.confirm?.state === "awaiting" && matches && !bad;
	return [
		...(isAwaited ? [confirmCall(deployment)] : []),
		...(matches ? [] : [{ tool: "list_deployments", args: { applicationId }, why: "what runs is not what was last put there" }]),
		...(bad ? [{ tool: "get_logs", args: { applicationId, source: "runtime" }, why: "read what the app says" }] : []),
		...(bad ? callsBack(applicationId, wayBack(), isPartial ? onlyIfAgreed : "") : []),
	];
}
