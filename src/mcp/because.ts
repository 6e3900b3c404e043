// Says in one line why a deployment ended badly: for a list, where there is no room for its evidence.
import type { Deployment } from "../model/deployment.ts";
import type { Edge } from "../model/health.ts";
import { firstLine } from "../text/first-line.ts";

const longest = 160;

/** Our own words alone. Undefined for what ended well, was cancelled, or goes on. */
export function becauseOf(deployment: Deployment): string | undefined {
	const { status, outcome, error, health, autoRollback, cancelRequested } = deployment;
	if (status === "running" || cancelRequested) return undefined;
	if (outcome === "live" || (outcome === "unchanged" && health?.verdict !== "unhealthy")) return undefined;
	if (error) return cut(`${error.code}: ${error.message}`);
	const edge = health?.edges.find(({ verdict }) => verdict === "unhealthy");
	const cause = edge ? edgeWords(edge) : afterGateWords(deployment);
	if (cause === undefined) return undefined;
	return cut(`${cause}${outcome === "degraded" ? revertWords(autoRollback?.health?.edges, autoRollback?.reason) : ""}`);
}

/** Of what was well in its gate, and where no edge tells. */
function afterGateWords({ bake, confirm }: Deployment): string | undefined {
	if (confirm?.state === "expired") return confirm.because;
	return bake?.state === "failed" ? bake.because : undefined;
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
