// Judges what an end claims of its deployment: nothing but what its outcome and its kind let it say (contract section 4).
import type { EndOfDeployment } from "../../../src/engine/ports/store.ts";
import type { Deployment, DeploymentKind, DeploymentStatus, Outcome } from "../../../src/model/deployment.ts";
import type { Verdict } from "../../../src/model/health.ts";

interface Claims {
	status: DeploymentStatus;
	/** Absent: nobody saw whether it ran. */
	rolledOver: readonly (boolean | undefined)[];
	kinds: readonly DeploymentKind[];
	verdicts: readonly (Verdict | null)[];
}

const all = ["deploy", "rollback", "auto_rollback"] as const;
const asked = ["deploy", "rollback"] as const;
const anyVerdict = ["healthy", "unhealthy", "inconclusive", null] as const;

const claims: Record<Outcome, Claims> = {
	live: { status: "done", rolledOver: [true], kinds: all, verdicts: ["healthy", "inconclusive", null] },
	live_unhealthy: { status: "done", rolledOver: [true], kinds: all, verdicts: ["unhealthy"] },
	unchanged: { status: "done", rolledOver: [false], kinds: asked, verdicts: anyVerdict },
	rolled_back: { status: "error", rolledOver: [true], kinds: ["deploy"], verdicts: ["unhealthy"] },
	degraded: { status: "error", rolledOver: [true], kinds: ["deploy"], verdicts: ["unhealthy"] },
	orchestrator_rolled_back: { status: "error", rolledOver: [false], kinds: all, verdicts: [null] },
	failed: { status: "error", rolledOver: [false], kinds: all, verdicts: [null] },
	cancelled: { status: "cancelled", rolledOver: [false], kinds: asked, verdicts: [null] },
	interrupted: { status: "error", rolledOver: [false, undefined], kinds: asked, verdicts: [null] },
};

/** Undefined where it claims no more than it may. */
export function overclaimed(
	{ kind, distrusted }: Pick<Deployment, "kind" | "distrusted">,
	{ status, outcome, verdict = null, facts }: EndOfDeployment,
): string | undefined {
	const may = claims[outcome];
	const isReverted = outcome === "rolled_back" || outcome === "degraded";
	// What nobody confirmed is taken back whatever its gate found.
	const verdicts = isReverted && distrusted?.because === "not_confirmed" ? anyVerdict : may.verdicts;
	const isSo =
		status === may.status && may.rolledOver.includes(facts?.rolledOver) && may.kinds.includes(kind) && verdicts.includes(verdict);
	return isSo ? undefined : `a ${kind} is ${status} and ${outcome}, with rolledOver ${facts?.rolledOver} and the verdict ${verdict}`;
}
