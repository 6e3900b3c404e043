// Defines the arguments and answers that several tools share, so that they read the same everywhere.
import { z } from "zod";
import { clean } from "../text/clean.ts";

export const applicationId = z.string().min(1).max(80);
export const deploymentId = z.string().min(1).max(80).describe("From deploy or list_deployments");
/** Read by people and models for as long as the history is: one line, without what is not seen. */
export const reason = z
	.string()
	.max(500)
	.transform((text) => asLine(text) || undefined)
	.optional()
	.describe("Why; kept in the history");
/** Compared, and shown as it is: one with something unseen in it would not be the one that people read. */
export const requestId = z
	.string()
	.min(1)
	.max(100)
	.refine((text) => asLine(text) === text, "expected no invisible or control characters, line breaks, or spaces around it")
	.optional()
	.describe("Same id again: same deployment, nothing new");
export const expectedCurrent = z
	.string()
	.min(1)
	.max(400)
	.optional()
	.describe("deploymentId, digest or image reference you believe is live, or nothing; else stale_view");
export const ref = z.string().min(1).max(200).optional().describe("Branch, tag or commit; default branch if absent");
export const wait = (seconds: number) => z.int().min(0).max(600).default(seconds).describe("Seconds this call waits for the end");

/** `{tool, args, why}` each. */
const next = z.array(z.unknown()).optional();

/** The fields an agent decides by are typed; the rest is described in the guides and kept out of the token budget. */
export const deploymentOutput = z.looseObject({
	deploymentId: z.string().optional(),
	status: z.enum(["running", "done", "error", "cancelled"]).optional(),
	outcome: z
		.enum([
			"live",
			"live_unhealthy",
			"unchanged",
			"rolled_back",
			"degraded",
			"orchestrator_rolled_back",
			"failed",
			"cancelled",
			"interrupted",
		])
		.optional(),
	rollbackId: z.string().nullable().optional(),
	rolledOver: z.boolean().optional(),
	next,
});

function asLine(text: string): string {
	return clean(text).replace(/\s+/g, " ").trim();
}
