// Ends a deployment anew whose release was live and is not trusted any more: taken back where that is due, or live and unhealthy.
import type { Deployment } from "../../model/deployment.ts";
import type { Engine } from "../engine.ts";
import { endAsLive, type RunEnd } from "./end.ts";
import { revertIfDue, revertUnconfirmed } from "./revert.ts";
import type { Run } from "./run.ts";

/**
 * The rules are those of the gate (contract sections 8 and 12), under the application's lock again. Where somebody else changed the
 * service meanwhile, the revert finds that out before its swap.
 */
export async function concludeDistrusted(
	engine: Engine,
	run: Run,
	{ image, migrationFiles, health }: Deployment,
	distrusted: NonNullable<Deployment["distrusted"]>,
): Promise<RunEnd> {
	if (!image) throw new Error(`${run.deploymentId} was live without an image`);
	const deployed = { digest: image.digest, migrationFiles };
	// One that was given up unjudged has none.
	const judged = health ?? { verdict: "inconclusive", edges: [] };
	if (distrusted.because === "not_confirmed") return revertUnconfirmed(engine, run, deployed, judged);
	return (await revertIfDue(engine, run, deployed, judged, distrusted)) ?? endAsLive(judged);
}
