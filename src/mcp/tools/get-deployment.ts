// Defines the tool `get_deployment`.
import { z } from "zod";
import { deploymentId, deploymentOutput, wait } from "../fields.ts";
import { showDeployment } from "../show-deployment.ts";
import { defineTool, readsOnly } from "../tool.ts";

export const getDeployment = defineTool({
	name: "get_deployment",
	title: "Look at one deployment",
	description:
		"One deployment: phase, outcome, rolledOver (its tasks replaced the old ones), health of each edge (attempts: rounds of probes), what Swarm did, errors. With wait, returns when it ends or after that many seconds. Changes nothing.",
	hints: readsOnly,
	input: z.strictObject({ deploymentId, wait: wait(0) }),
	output: deploymentOutput,
	call: ({ deploymentId, wait }, context) => showDeployment(context, deploymentId, wait),
});
