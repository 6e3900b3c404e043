// Describes events: what people outside are told of a deployment, once each.
import { listed } from "../text/listed.ts";
import type { Commit, Deployment, DeploymentKind, Outcome } from "./deployment.ts";
import type { Verdict } from "./health.ts";

/** An end of a deployment is called by its outcome; the other two come when its release is live already. */
export type EventName = Outcome | "bake_failed" | "confirmation_expired";

export interface DeploymentEvent {
	/** The same at every try: who gets an event twice knows it by this. */
	deliveryId: string;
	event: EventName;
	applicationId: string;
	deploymentId: string;
	kind: DeploymentKind;
	/** As it was recorded then, as all that follows. */
	outcome: Outcome | null;
	verdict: Verdict | null;
	commit: Commit | null;
	/** Why, and what to do, in a sentence or two. */
	note: string | null;
	requestedBy: string;
	/** ISO 8601. */
	at: string;
}

/** `problems`: what somebody should look at; `all`: every end. */
export type EventFilter = "problems" | "all";

const problems: readonly EventName[] = [
	"rolled_back",
	"degraded",
	"live_unhealthy",
	"orchestrator_rolled_back",
	"failed",
	"interrupted",
	"bake_failed",
	"confirmation_expired",
];

/** What a revert came to is told by the deploy that it was for: its own end is none of the problems. */
export function isWanted({ event, kind }: Pick<DeploymentEvent, "event" | "kind">, filter: EventFilter): boolean {
	return filter === "all" || (kind !== "auto_rollback" && problems.includes(event));
}

/** @param note in place of what the deployment's record says */
export function eventOf(deployment: Deployment, event: EventName, at: string, note?: string): DeploymentEvent {
	const { applicationId, deploymentId, kind, status, outcome, health, verdict, commit, requestedBy } = deployment;
	return {
		// Of an end that comes once more the record says so in it.
		deliveryId: `${deploymentId}:${event}`,
		event,
		applicationId,
		deploymentId,
		kind,
		outcome: outcome ?? null,
		// Of one that is to be taken back: the verdict of its gate stays recorded until it ends again.
		verdict: status === "running" ? (health?.verdict ?? verdict) : verdict,
		commit: commit ?? null,
		note: note ?? noteOn(deployment) ?? null,
		requestedBy,
		at,
	};
}

function noteOn({ autoRollbackNote, error, health, rolloverNote }: Deployment): string | undefined {
	return autoRollbackNote ?? error?.message ?? edgesNote(health) ?? rolloverNote;
}

/** A note has no room for dozens. */
const mostEdges = 3;

function edgesNote(health: Deployment["health"]): string | undefined {
	const edges = health?.edges ?? [];
	const unwell = edges.filter(({ verdict }) => verdict !== "healthy");
	if (unwell.length === 0) return undefined;
	const told = unwell.map(({ url, verdict, status, error }) => {
		const answer = status ?? error;
		return `${new URL(url).host} is ${verdict}${answer === undefined ? "" : ` (${answer})`}`;
	});
	return `${unwell.length} of ${edges.length} edges: ${listed(told, mostEdges)}.`;
}
