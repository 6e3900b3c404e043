// Tells which deployment of an application goes on.
import type { Deployment } from "../../model/deployment.ts";
import type { Store } from "../ports/store.ts";

/** As answers show it (contract section 4). */
export interface InProgress extends Pick<Deployment, "deploymentId" | "kind" | "phase" | "requestedBy" | "reason"> {
	/** ISO 8601. */
	since: string;
}

/** As `{ inProgress }` for an answer, or empty. */
export function inProgressOf(store: Pick<Store, "findInProgress">, applicationId: string): { inProgress?: InProgress } {
	const deployment = store.findInProgress(applicationId);
	if (!deployment) return {};
	const { deploymentId, kind, phase, requestedBy, reason, startedAt } = deployment;
	return { inProgress: { deploymentId, kind, phase, requestedBy, since: startedAt, ...(reason === undefined ? {} : { reason }) } };
}
