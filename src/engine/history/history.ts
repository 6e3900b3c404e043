// Reads what is recorded of an application, as far back as a decision needs it.
import type { Deployment } from "../../model/deployment.ts";
import { historyDepth, tellingDepth } from "../../model/history-depth.ts";
import type { Store } from "../ports/store.ts";
import type { History } from "./targets.ts";

/**
 * The newest deployments, and of the older ones those that may still count, however many came to nothing on top of them (a schedule
 * makes thousands): the newest that came to something, what can be gone back to, what is live; and of each rollback among all
 * these what it went back to and what it left.
 * @param liveId deployment that is live, or another that must be found
 */
export function readHistory(store: Store, applicationId: string, liveId?: string): History {
	const newest = store.listDeployments(applicationId, historyDepth);
	const points = store.listRollbackPoints(applicationId);
	const oldest = newest.at(-1);
	if (!oldest || newest.length < historyDepth) return { deployments: newest, points };
	const recent = [...newest, ...store.listTelling(applicationId, tellingDepth, oldest.sequence)];
	const found = new Map(recent.map((deployment) => [deployment.deploymentId, deployment]));
	const find = (deploymentId: string): Deployment | undefined => {
		const deployment = found.get(deploymentId) ?? store.findDeployment(deploymentId);
		if (deployment?.applicationId === applicationId) found.set(deploymentId, deployment);
		return deployment;
	};
	const findOrigin = (deploymentId: string | undefined) => {
		for (let next = deploymentId; next !== undefined; ) next = find(next)?.target?.deploymentId;
	};
	for (const { deploymentId } of points) find(deploymentId);
	findOrigin(liveId);
	for (const { target, replaced } of [...found.values()].filter(({ kind }) => kind !== "deploy")) {
		findOrigin(target?.deploymentId);
		findOrigin(replaced);
	}
	return { deployments: [...found.values()].toSorted((a, b) => b.sequence - a.sequence), points };
}
