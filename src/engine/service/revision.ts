// Tells which tasks were made from which state of a service.
import { labels, type ObservedService, type ObservedTask, type TaskState } from "../../model/service.ts";

/** What a service's tasks are made from, as far as it names a release. Both count: a service that is given another image by hand keeps its stamp. */
export interface Revision {
	/** The image reference in the spec. */
	image: string;
	/** The stamp on the tasks; absent where deploymill did not make the service. */
	deploymentId?: string;
}

export function revisionOf({ spec }: Pick<ObservedService, "spec">): Revision {
	const { Image: image, Labels: stamps } = spec.TaskTemplate.ContainerSpec;
	const deploymentId = stamps?.[labels.deployment];
	return { image, ...(deploymentId === undefined ? {} : { deploymentId }) };
}

export function isSameRevision(a: Revision, b: Revision): boolean {
	return a.image === b.image && a.deploymentId === b.deploymentId;
}

export function isOfRevision(task: ObservedTask, revision: Revision): boolean {
	return isSameRevision({ image: task.image, ...(task.release ? { deploymentId: task.release.deploymentId } : {}) }, revision);
}

/** It runs, is to go on running, and its node is heard of. */
export function isRunning({ state, desiredState, nodeReady, containerEnded }: ObservedTask): boolean {
	return state === "running" && desiredState === "running" && nodeReady && !containerEnded;
}

/** It ended though nobody stopped it. One that was replaced, scaled away or lost with its node did not. */
export function endedByItself({ state }: Pick<ObservedTask, "state">): boolean {
	return state === "failed" || state === "rejected" || state === "complete";
}

/** Whether every wanted task of the revision runs, one at the least, and no other task may still answer. */
export function runsAlone(tasks: ObservedTask[], revision: Revision, replicas: number): boolean {
	return runningOf(tasks, revision).length >= Math.max(1, replicas) && othersAlive(tasks, revision).length === 0;
}

export function runningOf(tasks: ObservedTask[], revision: Revision): ObservedTask[] {
	return tasks.filter((task) => isOfRevision(task, revision) && isRunning(task));
}

/**
 * Tasks that may still answer and are not to stay: those of other revisions, and of this one what is being replaced (Swarm
 * does so when it takes an update back). One that is being stopped counts until it has ended: it could be what a probe
 * reaches. One on a node that is down does not: it will never be heard of.
 */
export function othersAlive(tasks: ObservedTask[], revision: Revision): ObservedTask[] {
	const stays = (task: ObservedTask) => isOfRevision(task, revision) && task.desiredState === "running";
	return tasks.filter((task) => !stays(task) && isAlive(task));
}

/** It may answer, for all that is known. */
export function isAlive({ state, nodeReady, containerEnded }: ObservedTask): boolean {
	const alive: TaskState[] = ["starting", "running"];
	return nodeReady && alive.includes(state) && !containerEnded;
}

export function replicasOf({ spec }: Pick<ObservedService, "spec">): number {
	return spec.Mode.Replicated?.Replicas ?? 1;
}
