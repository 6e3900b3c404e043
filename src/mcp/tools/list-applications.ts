// Defines the tool `list_applications`.
import { z } from "zod";
import { inProgressOf } from "../../engine/calls/in-progress.ts";
import { type Live, lookAtAllLive } from "../../engine/calls/live.ts";
import { describeMismatch } from "../../engine/history/mismatch-words.ts";
import type { Application } from "../../model/application.ts";
import type { Deployment } from "../../model/deployment.ts";
import type { Release } from "../../model/service.ts";
import { firstLine } from "../../text/first-line.ts";
import { probationFields } from "../deployment-view.ts";
import { defineTool, readsOnly, type ToolContext } from "../tool.ts";

export const listApplications = defineTool({
	name: "list_applications",
	title: "List applications",
	description:
		"What this server manages, what is live of each, and what is in progress. Begin here to find an applicationId. Changes nothing.",
	alwaysLoad: true,
	hints: readsOnly,
	input: z.strictObject({}),
	output: z.looseObject({ applications: z.array(z.looseObject({ applicationId: z.string() })) }),
	async call(_args, context) {
		const applications = context.engine.store.listApplications();
		const live = await lookAtAllLive(context.engine, applications);
		return { content: { applications: applications.map((application, at) => view(context, application, live[at])) } };
	},
});

function view(
	{ engine }: ToolContext,
	application: Application,
	{ observed, release, mismatch }: Live = { observed: false },
): Record<string, unknown> {
	const { applicationId, repoUrl, config } = application;
	const hold = engine.store.holdOnDeployments(applicationId);
	return {
		applicationId,
		name: config.name,
		repoUrl,
		workload: config.workload,
		domains: config.domains,
		rollback: config.rollback,
		...(release ? { current: viewCurrent(release, engine.store.findDeployment(release.deploymentId)) } : {}),
		...inProgressOf(engine.store, applicationId),
		...(hold ? { hold } : {}),
		...(mismatch ? { mismatch: describeMismatch(mismatch) } : {}),
		// Not known is not "nothing is live".
		...(observed ? {} : { liveUnknown: true }),
	};
}

/** Another data folder's release is shown as far as Swarm tells of it. */
function viewCurrent({ deploymentId, digest }: Release, deployment: Deployment | undefined): Record<string, unknown> {
	if (!deployment) return { deploymentId, digest, verdict: null };
	const { kind, commit, verdict, finishedAt, startedAt, requestedBy } = deployment;
	return {
		deploymentId,
		...(commit ? { commit: { sha: commit.sha, message: firstLine(commit.message) } } : {}),
		digest,
		verdict,
		...probationFields(deployment),
		// Since when others had it live, and who put it there, is not recorded.
		...(kind === "adopted" ? {} : { since: finishedAt ?? startedAt, by: requestedBy }),
	};
}
