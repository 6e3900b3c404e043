// Defines the tool `deploy`.
import { z } from "zod";
import { previewDeploy } from "../../engine/calls/preview-deploy.ts";
import { startDeploy } from "../../engine/calls/start-deploy.ts";
import { applicationId, deploymentOutput, expectedCurrent, reason, ref, requestId, wait } from "../fields.ts";
import { showDeployment } from "../show-deployment.ts";
import { defineTool } from "../tool.ts";

export const deploy = defineTool({
	name: "deploy",
	title: "Deploy a commit",
	description:
		"Builds a commit's image, swaps it onto the running service, lets the app's health endpoint judge, and reverts by itself where rollback is auto. Changes production. To go back use rollback. dryRun shows which commits, migrations and refusals it would meet, without a build. Returns the deployment: outcome says what is live; running: follow next. After a lost call, list_deployments first.",
	hints: { readOnlyHint: false, destructiveHint: true, idempotentHint: false, openWorldHint: true },
	input: z.strictObject({
		applicationId,
		ref,
		dryRun: z.boolean().default(false),
		noCache: z.boolean().default(false),
		force: z.boolean().default(false).describe("Also when unchanged, known bad, or after many failures"),
		confirmWithin: z.int().min(30).max(86_400).optional().describe("Seconds until it is taken back unless confirm_deployment was called"),
		expectedCurrent,
		requestId,
		reason,
		wait: wait(45),
	}),
	output: deploymentOutput.extend({ dryRun: z.boolean().optional() }),
	async call({ applicationId, ref, dryRun, noCache, force, confirmWithin, expectedCurrent, requestId, reason, wait }, context) {
		const { engine, signal, limits, requestedBy } = context;
		const request = {
			noCache,
			force,
			...(ref ? { ref } : {}),
			...(confirmWithin ? { confirmWithin } : {}),
			...(expectedCurrent ? { expectedCurrent } : {}),
		};
		if (dryRun) {
			const question = { applicationId, asker: requestedBy, request };
			const { answer } = await limits.run("git", signal, (cancel) => previewDeploy(engine, question, cancel));
			return { content: answer };
		}
		const call = { applicationId, requestId, reason, requestedBy };
		const { deploymentId } = await limits.run("start", signal, () => startDeploy(engine, call, request));
		return showDeployment(context, deploymentId, wait);
	},
});
