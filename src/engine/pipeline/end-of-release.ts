// Owns how a release's end is recorded: live and judged, or not live.
import type { DeploymentFacts } from "../../model/deployment.ts";
import type { EndOfDeployment } from "../ports/store.ts";
import type { ReleaseEnd } from "../rollout/release.ts";
import type { Run } from "./run.ts";

/** The end of a rollback or a revert, resumed ones too. What was gone back to is judged, and never reverted by itself. */
export function endOfRelease(run: Run, end: ReleaseEnd): EndOfDeployment {
	if (!end.live) return notLive(run, end);
	const { verdict } = end.health;
	return {
		status: "done",
		outcome: verdict === "unhealthy" ? "live_unhealthy" : "live",
		verdict,
		facts: { health: end.health, rolledOver: true },
	};
}

/** A point whose image never ran is not offered: it would be gone back to at the worst moment. */
export function notLive(run: Run, end: Extract<ReleaseEnd, { live: false }>): EndOfDeployment {
	const { rollbackId, kind } = run.deployment;
	if (rollbackId && kind === "deploy") run.engine.store.markUnusable(rollbackId, "its tasks did not come to run");
	const facts: DeploymentFacts = { rolledOver: false, rolloverNote: end.rolloverNote, orchestrator: end.orchestrator, error: end.error };
	return { status: "error", outcome: end.outcome, facts };
}
