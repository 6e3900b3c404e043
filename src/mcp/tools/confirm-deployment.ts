// Defines the tool `confirm_deployment`.
import { z } from "zod";
import { confirmDeployment as confirm } from "../../engine/calls/confirm.ts";
import { deploymentId, deploymentOutput, reason } from "../fields.ts";
import { showDeployment } from "../show-deployment.ts";
import { defineTool } from "../tool.ts";

export const confirmDeployment = defineTool({
	name: "confirm_deployment",
	title: "Confirm a deployment",
	description:
		"Says that a deployment made with confirmWithin is good and stays. Check the app first. Without it in time, it is taken back.",
	hints: { readOnlyHint: false, destructiveHint: false, idempotentHint: true, openWorldHint: false },
	input: z.strictObject({ deploymentId, reason }),
	output: deploymentOutput,
	async call({ deploymentId, reason }, context) {
		await confirm(context.engine, deploymentId, context.requestedBy, reason);
		return showDeployment(context, deploymentId, 0);
	},
});
