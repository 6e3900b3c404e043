// Ends deployments: which outcomes there are, and what each of them claims.
import type { DeploymentFacts, DeploymentStatus, Outcome } from "../../model/deployment.ts";
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
}

/**
 * The one table of ends (contract section 4). `rolled_back` and `degraded` are a deploy's whose own release ran, was judged
 * unhealthy or not confirmed, and was reverted: their status says that the requested image is not live.
 */
const claims: Record<Outcome, Claim> = {
	live: { status: "done", rolledOver: true },
	live_unhealthy: { status: "done", rolledOver: true },
	unchanged: { status: "done", rolledOver: false },
	rolled_back: { status: "error", rolledOver: true },
	degraded: { status: "error", rolledOver: true },
	orchestrator_rolled_back: { status: "error", rolledOver: false },
	failed: { status: "error", rolledOver: false },
	cancelled: { status: "cancelled", rolledOver: false },
	interrupted: { status: "error", rolledOver: false },
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
