// Reads what is recorded of an application.
import { historyDepth } from "../../model/history-depth.ts";
import type { Store } from "../ports/store.ts";
import type { History } from "./targets.ts";

export function readHistory(store: Store, applicationId: string): History {
	return { deployments: store.listDeployments(applicationId, historyDepth), points: store.listRollbackPoints(applicationId) };
}
