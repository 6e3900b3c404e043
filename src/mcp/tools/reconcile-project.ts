// Defines the tool `reconcile_project`.
import { z } from "zod";
import type { ReconcileResult } from "../../engine/reconcile/reconcile.ts";
import { firstLine } from "../../text/first-line.ts";
import { applicationId, ref } from "../fields.ts";
import type { NextCall } from "../next.ts";
import { viewPlan } from "../plan-view.ts";
import { defineTool } from "../tool.ts";

export const reconcileProject = defineTool({
	name: "reconcile_project",
	title: "Apply the project file",
	description:
		"Reads .deploymill/project.json of a repository, shows the plan and applies it: registers the application (and takes over what another server runs of it), turns rollback on or off, sets domains, mounts, health. Never deploys. Use before the first deploy and after the file changed; dryRun: true shows the plan (and today's rollback state) alone.",
	hints: { readOnlyHint: false, destructiveHint: true, idempotentHint: true, openWorldHint: true },
	input: z.strictObject({
		applicationId: applicationId.optional(),
		repoUrl: z.string().min(1).max(500).optional().describe("Finds or registers the application"),
		ref,
		dryRun: z.boolean().default(false),
		prune: z.boolean().default(false).describe("Also remove domains and mounts that left the file"),
	}),
	output: z.looseObject({
		applicationId: z.string().optional(),
		applied: z.boolean(),
		plan: z.looseObject({ steps: z.array(z.unknown()) }),
	}),
	async call(args, context) {
		const { engine, limits, requestedBy } = context;
		const { reconcile } = await import("../../engine/reconcile/reconcile.ts");
		const result = await limits.run("git", context.signal, (signal) => reconcile(engine, { ...args, requestedBy, signal }));
		const { sha, message } = result.commit;
		const { applicationId } = result;
		const again = { ...(applicationId ? { applicationId } : { repoUrl: args.repoUrl }), ...(args.ref ? { ref: args.ref } : {}) };
		const same = { ...again, ...(args.prune ? { prune: true } : {}) };
		const next = result.plan.steps.length > 0 ? [nextCall(result, same)] : [];
		const commit = { sha, message: firstLine(message) };
		return {
			content: {
				...(applicationId ? { applicationId } : {}),
				dryRun: result.dryRun,
				applied: result.applied,
				commit,
				plan: viewPlan(result.plan),
				...(next.length > 0 ? { next } : {}),
			},
		};
	},
});

function nextCall({ dryRun, applicationId, plan: { rollback } }: ReconcileResult, again: NextCall["args"]): NextCall {
	if (dryRun) return { tool: "reconcile_project", args: again, why: "applies this plan" };
	const captures = rollback.enabled && !rollback.was.enabled;
	const why = captures
		? "puts a commit live under this configuration, and captures the first image that can be gone back to"
		: "puts a commit live under this configuration";
	return { tool: "deploy", args: { applicationId }, why };
}
