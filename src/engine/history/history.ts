// Reads what is recorded of an application.
import type { Store } from "../ports/store.ts";
import type { History } from "./targets.ts";

/** Deep enough for every decision: retention keeps far fewer rollback points than this. */
export const historyDepth = 2_000;

export function readHistory(store: Store, applicationId: string): History {
	return { deployments: store.listDeployments(applicationId, historyDepth), points: store.listRollbackPoints(applicationId) };
}
