// Defines the tool `list_deployments`.

import { z } from "zod";
import { quote } from "../../config/quote.ts";
import { findApplication } from "../../engine/applications.ts";
import { lookAtLive } from "../../engine/calls/live.ts";
import { describeMismatch } from "../../engine/history/mismatch-words.ts";
import { DeploymillError } from "../../errors.ts";
import type { Deployment } from "../../model/deployment.ts";
import { viewInList } from "../deployment-view.ts";
import { applicationId } from "../fields.ts";
import { defineTool, readsOnly } from "../tool.ts";

export const listDeployments = defineTool({
	name: "list_deployments",
	title: "List deployments",
	description:
		"History of an application, newest first: outcome, verdict (inconclusive: nobody could tell; null: never judged), commit, rollbackId and whether it can be rolled back to, and because: why it ended badly. Look here before deploying again after a lost call. Changes nothing.",
	hints: readsOnly,
	input: z.strictObject({
		applicationId,
		limit: z.number().int().min(1).max(100).default(10),
		cursor: z.string().max(40).optional().describe("nextCursor of the page before"),
	}),
	output: z.looseObject({
		deployments: z.array(z.looseObject({ deploymentId: z.string(), rollbackId: z.string().nullable() })),
		nextCursor: z.string().optional(),
	}),
	async call({ applicationId, limit, cursor }, { engine }) {
		const application = findApplication(engine.store, applicationId);
		const live = await lookAtLive(engine, application);
		const page = engine.store.listDeployments(applicationId, limit + 1, cursor === undefined ? undefined : readCursor(cursor));
		const shown = page.slice(0, limit);
		// A page may be of any age, and points of old deployments are found by their names alone.
		const pointOf = ({ rollbackId }: Deployment) => (rollbackId ? engine.store.findRollbackPoint(rollbackId) : undefined);
		const deployments = shown.map((deployment) => viewInList(deployment, { live, point: pointOf(deployment) }));
		const last = shown.at(-1);
		const mismatch = live.mismatch ? { mismatch: describeMismatch(live.mismatch) } : {};
		return {
			content: {
				applicationId,
				...mismatch,
				deployments,
				...(page.length > limit && last ? { nextCursor: `before-${last.sequence}` } : {}),
			},
		};
	},
});

function readCursor(cursor: string): number {
	const [, sequence] = /^before-(\d{1,15})$/.exec(cursor) ?? [];
	if (sequence) return Number(sequence);
	throw new DeploymillError("invalid_input", `cursor: got ${quote(cursor)}, expected the nextCursor of an earlier answer.`);
}
