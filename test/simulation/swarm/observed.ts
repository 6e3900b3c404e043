// Shows what the managers keep, as the Swarm port does.
import { labels, type ObservedService, type ObservedTask, type Release } from "../../../src/model/service.ts";
import type { Cluster } from "./cluster.ts";
import type { ServiceRecord, TaskRecord } from "./records.ts";

export function observeService({ id, version, spec, updateStatus }: ServiceRecord): ObservedService {
	return structuredClone({ id, version, spec, ...(updateStatus ? { updateStatus } : {}) });
}

/** Newest first. */
export function observeTasks({ raft }: Cluster, serviceId: string): ObservedTask[] {
	return raft
		.tasksOf(serviceId)
		.sort((a, b) => b.createdAtMs - a.createdAtMs || b.version - a.version)
		.map((task) => {
			const node = raft.nodes.get(task.nodeId ?? "");
			return {
				id: task.id,
				slot: task.slot,
				...(node ? { nodeId: node.id } : {}),
				node: node?.hostname ?? "unassigned",
				nodeReady: node === undefined || node.state === "ready",
				desiredState: task.desiredState,
				state: task.state,
				image: task.template.ContainerSpec.Image,
				...releaseOf(task),
				...(task.containerId === undefined ? {} : { containerId: task.containerId }),
				...(task.exitCode === undefined || task.containerId === undefined ? {} : { exitCode: task.exitCode }),
				...(task.error === undefined ? {} : { error: task.error }),
				createdAt: new Date(task.createdAtMs).toISOString(),
				since: new Date(task.sinceMs).toISOString(),
			};
		});
}

function releaseOf({ template }: TaskRecord): { release?: Release } {
	const { [labels.deployment]: deploymentId, [labels.digest]: digest } = template.ContainerSpec.Labels ?? {};
	return deploymentId !== undefined && digest !== undefined ? { release: { deploymentId, digest } } : {};
}
