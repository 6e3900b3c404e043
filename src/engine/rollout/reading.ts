// Owns the reading of a rollout: a pure function from what Swarm shows to how far a release is. No clock, no network.
import type { ObservedService, ObservedTask, TaskState, UpdateStatus } from "../../model/service.ts";
import { releaseOf } from "../service/spec.ts";

export interface RolloutView {
	service: ObservedService | undefined;
	tasks: ObservedTask[];
	/** Release that was put on the service. */
	deploymentId: string;
	/** `StartedAt` of the update that was there before ours: Swarm shows it on for a moment. */
	previousUpdateStartedAt?: string | undefined;
	/** The service was made by this release: Swarm runs no update, and watches over nothing. */
	created: boolean;
}

export type RolloutReading =
	/** On its way. `progress` changes when anything moved. */
	| { state: "waiting"; progress: string; hold: "unplaced" | "pulling" | "starting" | "stopping" }
	/** Every task of this release runs (and is container-healthy), and no task of another release does. Swarm may still watch. */
	| { state: "running" }
	/** Running, and Swarm called the update complete. */
	| { state: "complete" }
	/** Swarm is putting the previous release back. */
	| { state: "rolling_back" }
	/** The previous release is back, and its tasks run. */
	| { state: "rolled_back" }
	/** Swarm gave up and nothing will happen by itself. */
	| { state: "stuck"; because: string }
	/** Somebody else changed or removed the service. */
	| { state: "superseded"; because: string };

export function readRollout(view: RolloutView): RolloutReading {
	const { service, deploymentId } = view;
	if (!service) return { state: "superseded", because: "the service was removed" };
	const update = freshUpdate(service, view.previousUpdateStartedAt);
	if (releaseOf(service)?.deploymentId !== deploymentId) return readRevert(view, service, update);
	if (update?.state === "paused" || update?.state === "rollback_paused") return { state: "stuck", because: `Swarm shows ${update.state}` };
	if (update?.state === "rollback_started" || update?.state === "rollback_completed") return { state: "rolling_back" };
	if (view.created && failedTasks(view.tasks, deploymentId).length > 0) return { state: "stuck", because: "its first tasks failed" };
	return readTasks(view.tasks, deploymentId, replicasOf(service), view.created ? undefined : update);
}

/** Tasks of this release that ended though they should run, newest first. */
export function failedTasks(tasks: ObservedTask[], deploymentId: string): ObservedTask[] {
	const ended: TaskState[] = ["failed", "rejected", "complete"];
	return tasks.filter((task) => task.release?.deploymentId === deploymentId && ended.includes(task.state));
}

/** Whether every wanted task of the release runs, and none of another release does. */
export function runsAlone(tasks: ObservedTask[], deploymentId: string, replicas: number): boolean {
	return runningOf(tasks, deploymentId).length >= replicas && othersAlive(tasks, deploymentId).length === 0;
}

export function replicasOf(service: ObservedService): number {
	return service.spec.Mode.Replicated?.Replicas ?? 1;
}

function readRevert(view: RolloutView, service: ObservedService, update: UpdateStatus | undefined): RolloutReading {
	const now = releaseOf(service)?.deploymentId;
	if (!update?.state.startsWith("rollback_")) return { state: "superseded", because: "the service was changed by somebody else" };
	if (update.state === "rollback_paused") return { state: "stuck", because: "Swarm's own rollback was paused" };
	const back = now !== undefined && runsAlone(view.tasks, now, replicasOf(service));
	return update.state === "rollback_completed" && back ? { state: "rolled_back" } : { state: "rolling_back" };
}

function readTasks(tasks: ObservedTask[], deploymentId: string, replicas: number, update: UpdateStatus | undefined): RolloutReading {
	const ours = tasks.filter((task) => task.release?.deploymentId === deploymentId && task.desiredState === "running");
	const running = runningOf(tasks, deploymentId);
	if (running.length >= replicas) {
		const others = othersAlive(tasks, deploymentId);
		if (others.length > 0) return { state: "waiting", progress: progressOf(tasks), hold: "stopping" };
		return update?.state === "completed" ? { state: "complete" } : { state: "running" };
	}
	return { state: "waiting", progress: progressOf(tasks), hold: holdOf(ours) };
}

function runningOf(tasks: ObservedTask[], deploymentId: string): ObservedTask[] {
	return tasks.filter((task) => task.release?.deploymentId === deploymentId && isRunning(task));
}

/** It runs, is to go on running, and its node is heard of. */
export function isRunning({ state, desiredState, nodeReady }: ObservedTask): boolean {
	return state === "running" && desiredState === "running" && nodeReady;
}

/**
 * Tasks that may still answer and are not to stay: those of other releases, and of this one what is being replaced (Swarm
 * does so when it takes an update back). One that is being stopped counts until it has ended: it could be what a probe
 * reaches. One on a node that is down does not: it will never be heard of.
 */
function othersAlive(tasks: ObservedTask[], deploymentId: string): ObservedTask[] {
	const alive: TaskState[] = ["starting", "running"];
	const stays = (task: ObservedTask) => task.release?.deploymentId === deploymentId && task.desiredState === "running";
	return tasks.filter((task) => !stays(task) && task.nodeReady && alive.includes(task.state));
}

/** Swarm shows no update at first, and then may still show an earlier one. */
function freshUpdate(service: ObservedService, previousStartedAt: string | undefined): UpdateStatus | undefined {
	const update = service.updateStatus;
	return update && (previousStartedAt === undefined || update.startedAt !== previousStartedAt) ? update : undefined;
}

function holdOf(ours: ObservedTask[]): "unplaced" | "pulling" | "starting" {
	const unplaced: TaskState[] = ["new", "allocated", "pending"];
	if (ours.length === 0 || ours.some((task) => unplaced.includes(task.state))) return "unplaced";
	const pulling: TaskState[] = ["assigned", "accepted", "preparing"];
	return ours.some((task) => pulling.includes(task.state)) ? "pulling" : "starting";
}

function progressOf(tasks: ObservedTask[]): string {
	return tasks.map(({ id, state, desiredState }) => `${id}:${state}:${desiredState}`).join(" ");
}
