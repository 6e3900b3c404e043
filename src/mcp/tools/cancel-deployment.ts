// Defines the tool `cancel_deployment`.
import { z } from "zod";
import { cancelDeployment as cancel } from "../../engine/calls/cancel.ts";
import { deploymentId, deploymentOutput, reason } from "../fields.ts";
import { showDeployment } from "../show-deployment.ts";
import { defineTool } from "../tool.ts";

export const cancelDeployment = defineTool({
	name: "cancel_deployment",
	title: "Cancel a running deployment",
	description:
		"Stops a deployment that has not swapped yet, its build too; the old version keeps serving. Past the swap: not_cancellable, use rollback after it ends.",
	hints: { readOnlyHint: false, destructiveHint: true, idempotentHint: true, openWorldHint: true },
	input: z.strictObject({ deploymentId, reason }),
	output: deploymentOutput,
	async call({ deploymentId, reason }, context) {
		await cancel(context.engine, deploymentId, context.requestedBy, reason);
		return showDeployment(context, deploymentId, 0);
	},
});
