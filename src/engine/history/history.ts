// Reads what is recorded of an application, as far back as a decision needs it.
import type { Deployment } from "../../model/deployment.ts";
import { historyDepth } from "../../model/history-depth.ts";
import type { Store } from "../ports/store.ts";
import type { History } from "./targets.ts";

/**
 * The newest deployments, and of the older ones those that may still count, however old they are: what can be gone back to, and what is
 * live, with what it went back to. A schedule that deploys what is live already makes thousands of deployments on top of them.
 * @param liveId deployment that is live, or another that must be found
 */
export function readHistory(store: Store, applicationId: string, liveId?: string): History {
	const newest = store.listDeployments(applicationId, historyDepth);
	const points = store.listRollbackPoints(applicationId);
	if (newest.length < historyDepth) return { deployments: newest, points };
	const found = new Map(newest.map((deployment) => [deployment.deploymentId, deployment]));
	const find = (deploymentId: string): Deployment | undefined => {
		const deployment = found.get(deploymentId) ?? store.findDeployment(deploymentId);
		if (deployment?.applicationId === applicationId) found.set(deploymentId, deployment);
		return deployment;
	};
	for (const { deploymentId } of points) find(deploymentId);
	for (let next = liveId; next !== undefined; ) next = find(next)?.target?.deploymentId;
	return { deployments: [...found.values()].toSorted((a, b) => b.sequence - a.sequence), points };
}
