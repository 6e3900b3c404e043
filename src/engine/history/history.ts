// Owns the reading of an application's whole recorded history.
import type { Store } from "../ports/store.ts";
import type { History } from "./targets.ts";

/** Deep enough for every decision: retention keeps far fewer rollback points than this. */
const depth = 2_000;

export function readHistory(store: Store, applicationId: string): History {
	return { deployments: store.listDeployments(applicationId, depth), points: store.listRollbackPoints(applicationId) };
}
