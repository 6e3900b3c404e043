// Ends deployments: which outcomes there are for which kind, and what each of them claims.
import type { DeploymentFacts, DeploymentKind, DeploymentStatus, Outcome } from "../../model/deployment.ts";
import type { Health, Verdict } from "../../model/health.ts";
import type { EndOfDeployment } from "../ports/store.ts";
import type { NotLive } from "./release.ts";

/** How a run ends; with the end of the revert that it carried out, so that both are recorded at once. */
export interface RunEnd extends EndOfDeployment {
	revert?: { deploymentId: string; end: EndOfDeployment };
}

interface Claim {
	status: Exclude<DeploymentStatus, "running">;
	/** Whether tasks with the requested image replaced the old ones, as seen. */
	rolledOver: boolean;
	kinds: readonly DeploymentKind[];
	verdicts: readonly (Verdict | null)[];
}

const all = ["deploy", "rollback", "auto_rollback"] as const;
const asked = ["deploy", "rollback"] as const;

/**
 * The one table of ends (contract section 4). `rolled_back` and `degraded` are a deploy's whose own release ran, was judged
 * unhealthy and was reverted: their status says that the requested image is not live.
 */
const claims: Record<Outcome, Claim> = {
	live: { status: "done", rolledOver: true, kinds: [...all, "adopted"], verdicts: ["healthy", "inconclusive", null] },
	live_unhealthy: { status: "done", rolledOver: true, kinds: all, verdicts: ["unhealthy"] },
	unchanged: { status: "done", rolledOver: false, kinds: asked, verdicts: ["healthy", "unhealthy", "inconclusive", null] },
	rolled_back: { status: "error", rolledOver: true, kinds: ["deploy"], verdicts: ["unhealthy"] },
	degraded: { status: "error", rolledOver: true, kinds: ["deploy"], verdicts: ["unhealthy"] },
	orchestrator_rolled_back: { status: "error", rolledOver: false, kinds: all, verdicts: [null] },
	failed: { status: "error", rolledOver: false, kinds: all, verdicts: [null] },
	cancelled: { status: "cancelled", rolledOver: false, kinds: asked, verdicts: [null] },
	interrupted: { status: "error", rolledOver: false, kinds: asked, verdicts: [null] },
};

/** @param givesUp why the deployment's own point, if it made one, is not to be gone back to. Only where its image never ran */
export function endAs(outcome: Outcome, facts: DeploymentFacts, verdict: Verdict | null = null, givesUp?: string): EndOfDeployment {
	const { status, rolledOver } = claims[outcome];
	return {
		status,
		outcome,
		verdict,
		facts: { ...facts, rolledOver },
		...(givesUp === undefined || rolledOver ? {} : { givesUpOwnPoint: givesUp }),
	};
}

/** It runs, all of it, and the edges have judged. */
export function endAsLive(health: Health, facts: DeploymentFacts = {}): EndOfDeployment {
	return endAs(health.verdict === "unhealthy" ? "live_unhealthy" : "live", { ...facts, health }, health.verdict);
}

/** A point whose image never came up is not offered: it would be gone back to at the worst moment. One that somebody else took off the service may have come up. */
export function endAsNotLive({ outcome, rolloverNote, orchestrator, error, takenOver }: NotLive): EndOfDeployment {
	const givesUp = takenOver?.cameUp ? undefined : "its tasks did not come up and stay up";
	return endAs(outcome, { rolloverNote, orchestrator, error }, null, givesUp);
}
