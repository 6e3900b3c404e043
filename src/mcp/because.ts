// Says in one line why a deployment ended badly: for a list, where there is no room for its evidence.
import type { Deployment } from "../model/deployment.ts";
import type { Edge } from "../model/health.ts";
import { firstLine } from "../text/first-line.ts";

const longest = 160;

/** Our own words alone. Undefined for what ended well, was cancelled, or goes on. */
export function becauseOf({ status, outcome, error, health, autoRollback, cancelRequested }: Deployment): string | undefined {
	if (status === "running" || cancelRequested) return undefined;
	if (outcome === "live" || outcome === "unchanged") return undefined;
	if (error) return cut(`${error.code}: ${error.message}`);
	const edge = health?.edges.find(({ verdict }) => verdict === "unhealthy");
	if (!edge) return undefined;
	return cut(`${edgeWords(edge)}${outcome === "degraded" ? revertWords(autoRollback?.health?.edges, autoRollback?.reason) : ""}`);
}

function edgeWords({ url, error, status }: Edge): string {
	return `${url}: ${error ?? `answered ${status}`}`;
}

function revertWords(edges: Edge[] | undefined, reason: string | undefined): string {
	const after = edges?.find(({ verdict }) => verdict !== "healthy");
	if (after) return `; after the revert: ${after.error ?? `answered ${after.status}`}`;
	return reason === undefined ? "" : `; the revert: ${reason}`;
}

function cut(text: string): string {
	const line = firstLine(text);
	return line.length <= longest ? line : `${line.slice(0, longest - 1).toWellFormed()}…`;
}
