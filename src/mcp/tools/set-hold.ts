// Defines the tool `set_hold`.
import { z } from "zod";
import { setHold as set } from "../../engine/calls/hold.ts";
import { applicationId, reason } from "../fields.ts";
import { defineTool } from "../tool.ts";

export const setHold = defineTool({
	name: "set_hold",
	title: "Hold or release deploys",
	description:
		"While held, every deploy of the application is refused, forced or not; rollback works. Use it after taking a release back that must not return with the branch's next deploy. Lift it only when your user says so.",
	hints: { readOnlyHint: false, destructiveHint: false, idempotentHint: true, openWorldHint: false },
	input: z.strictObject({ applicationId, hold: z.boolean(), reason }),
	output: z.looseObject({ applicationId: z.string(), held: z.boolean() }),
	call({ applicationId, hold, reason }, { engine, requestedBy }) {
		const answer = set(engine, { applicationId, hold, reason, by: requestedBy });
		const running = answer.inProgress?.deploymentId;
		const next = running && [{ tool: "get_deployment", args: { deploymentId: running }, why: "it was begun before the hold, and goes on" }];
		return { content: { applicationId, held: answer.hold !== undefined, ...answer, ...(next ? { next } : {}) } };
	},
});
