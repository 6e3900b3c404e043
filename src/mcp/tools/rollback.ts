// Defines the tool `rollback`.
import { z } from "zod";
import { previewRollback } from "../../engine/calls/preview-rollback.ts";
import { startRollback } from "../../engine/calls/start-rollback.ts";
import { applicationId, deploymentOutput, expectedCurrent, reason, requestId, wait } from "../fields.ts";
import { showDeployment } from "../show-deployment.ts";
import { defineTool } from "../tool.ts";

export const rollback = defineTool({
	name: "rollback",
	title: "Roll back to an earlier image",
	description:
		"Swaps the running image for that of an earlier deployment, in seconds, without a build. Changes production. Env, mounts, domains, data and schema stay as they are today: where one of them is the cause, it does not help. The branch's next deploy brings back what was taken back, unless deploys are held or it is reverted there. Rolling forward is a rollback to the deployment just left. dryRun shows what would happen and changes nothing.",
	alwaysLoad: true,
	hints: { readOnlyHint: false, destructiveHint: true, idempotentHint: false, openWorldHint: true },
	input: z.strictObject({
		applicationId,
		rollbackId: z
			.string()
			.min(1)
			.max(80)
			.optional()
			.describe("From list_deployments; absent: the last healthy earlier one, which may hold the very change you want gone"),
		dryRun: z.boolean().default(false),
		allowMigrations: z.boolean().default(false).describe("Also past schema migrations"),
		hold: z.boolean().default(false).describe("Also refuse deploys until set_hold lifts it"),
		expectedCurrent,
		requestId,
		reason,
		wait: wait(45),
	}),
	output: deploymentOutput.extend({ dryRun: z.boolean().optional() }),
	async call({ applicationId, rollbackId, dryRun, allowMigrations, hold, expectedCurrent, requestId, reason, wait }, context) {
		const { engine, signal, limits } = context;
		const request = { allowMigrations, hold, ...(expectedCurrent ? { expectedCurrent } : {}) };
		if (dryRun) {
			const question = { applicationId, rollbackId, asker: context.requestedBy, request };
			// A preview asks git, which may be slow; the rollback itself must not stand behind it.
			const { answer } = await limits.run("git", signal, (cancel) => previewRollback(engine, question, cancel));
			return { content: answer };
		}
		const call = { applicationId, requestId, reason, requestedBy: context.requestedBy };
		const { deploymentId } = await limits.run("start", signal, () => startRollback(engine, call, rollbackId, request));
		return showDeployment(context, deploymentId, wait);
	},
});
