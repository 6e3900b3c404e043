// Says of an app's health what can be said while tasks of more than one release answer.
import type { Health } from "../../model/health.ts";
import type { ObservedTask } from "../../model/service.ts";
import { judgeApplication } from "../health/verdict.ts";

const error = "tasks of more than one release answered, or could have: ask again once the older ones have ended";

/**
 * Contract section 6: no good answer counts before the old tasks are gone, for they might have given it; only a release that names
 * itself in its answers (`servedBy`) is known by them.
 *
 * @param tasks that were there while the edges were asked
 */
export function whileSeveralAnswer({ verdict, edges }: Health, tasks: readonly ObservedTask[]): Health {
	const releases = new Set(tasks.filter(canAnswer).map(({ release, image }) => `${release?.deploymentId} ${image}`));
	if (releases.size < 2) return { verdict, edges };
	const told = edges.map((edge) =>
		edge.verdict === "healthy" && edge.servedBy === undefined ? { ...edge, verdict: "inconclusive" as const, error } : edge,
	);
	return { verdict: judgeApplication(told), edges: told };
}

/** Also while it is being stopped. */
function canAnswer({ state, nodeReady }: ObservedTask): boolean {
	return state === "running" && nodeReady;
}
