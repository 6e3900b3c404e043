// Counts an application's failed deploys in a row. Pure.
import type { Deployment } from "../../model/deployment.ts";

/** How far back failures count (contract section 12). */
const windowMs = 3_600_000;

/**
 * The newest deploys that failed one after the other, newest first: until one that went well, or that ended over an hour ago. A refusal
 * counts like a crash, since it was tried. What was cancelled, what still runs, and rollbacks say nothing either way.
 * @param nowMs as the record's times are: wall clock
 */
export function failedDeploysInARow(newestFirst: readonly Deployment[], nowMs: number): Deployment[] {
	const deploys = newestFirst.filter(({ kind, status }) => kind === "deploy" && status !== "running" && status !== "cancelled");
	const end = deploys.findIndex((deploy) => !failed(deploy) || nowMs - Date.parse(deploy.finishedAt ?? deploy.startedAt) > windowMs);
	return end === -1 ? deploys : deploys.slice(0, end);
}

function failed({ status, outcome }: Deployment): boolean {
	return status === "error" || outcome === "live_unhealthy";
}
