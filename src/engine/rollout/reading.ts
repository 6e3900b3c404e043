// Decides from what Swarm shows how far a release is. Pure: no clock, no network.
import type { ObservedService, ObservedTask, TaskState, UpdateStatus } from "../../model/service.ts";
import {
	endedByItself,
	isAlive,
	isOfRevision,
	isSameRevision,
	othersAlive,
	type Revision,
	replicasOf,
	revisionOf,
	runningOf,
	runsAlone,
} from "../service/revision.ts";

export interface RolloutView {
	service: ObservedService | undefined;
	tasks: ObservedTask[];
	/** What was put on the service. */
	ours: Revision;
	/** `StartedAt` of the update that was there before ours: Swarm shows it on for a moment. */
	previousUpdateStartedAt?: string | undefined;
	/** No task ran before that could be replaced: Swarm only adds tasks, and watches over none of them. */
	unwatched: boolean;
	/** At an earlier look a task of it had failed, or Swarm was taking it back by itself. */
	sawRefused: boolean;
}

export type RolloutReading =
	/** On its way. `progress` changes when anything moved. */
	| { state: "waiting"; progress: string; hold: "unplaced" | "pulling" | "starting" | "stopping" }
	/**
	 * Every task of this release runs (and is container-healthy), and no other task does. Swarm may still be `watching`, has
	 * `completed` its update, or shows no update at all: any edit of the service that replaces no task takes it away.
	 */
	| { state: "running"; update: "watching" | "completed" | "none" }
	/** Swarm is putting the previous release back by itself. */
	| { state: "rolling_back"; progress: string }
	/** The previous release is back by Swarm's own doing, and its tasks run. */
	| { state: "rolled_back" }
	/** Swarm gave up and nothing will happen by itself. */
	| { state: "stuck"; because: string }
	/** Somebody else changed or removed the service. */
	| { state: "superseded"; because: string };

export function readRollout(view: RolloutView): RolloutReading {
	const { service, tasks, ours } = view;
	if (!service) return { state: "superseded", because: "the service was removed" };
	const update = freshUpdate(service, view.previousUpdateStartedAt);
	if (!isSameRevision(revisionOf(service), ours)) return readRevert(view, service, update);
	const replicas = replicasOf(service);
	if (replicas === 0) return readEmptied(tasks, ours);
	// First of all: what runs decides, whatever Swarm calls its update.
	if (runsAlone(tasks, ours, replicas)) return { state: "running", update: view.unwatched ? "none" : phaseOf(update) };
	if (update?.state === "paused" || update?.state === "rollback_paused") return { state: "stuck", because: `Swarm shows ${update.state}` };
	if (view.unwatched && failedTasks(tasks, ours).length > 0) return { state: "stuck", because: "its first tasks failed" };
	return { state: "waiting", progress: progressOf(tasks), hold: holdOf(tasks, ours, replicas) };
}

/** Its tasks may be taken up again until the last of them has ended. */
function readEmptied(tasks: ObservedTask[], ours: Revision): RolloutReading {
	if (tasks.every((task) => !isOfRevision(task, ours) || !isAlive(task)))
		return { state: "superseded", because: "the service was scaled to zero by somebody else" };
	return { state: "waiting", progress: progressOf(tasks), hold: "stopping" };
}

/** Tasks of this release that ended though they should run, newest first. */
export function failedTasks(tasks: ObservedTask[], ours: Revision): ObservedTask[] {
	return tasks.filter((task) => isOfRevision(task, ours) && endedByItself(task));
}

/** Swarm's words where a person asked for the rollback (`docker service rollback`); its own says which task failed. */
const askedFor = "manually requested rollback";

function readRevert(view: RolloutView, service: ObservedService, update: UpdateStatus | undefined): RolloutReading {
	const { tasks, unwatched } = view;
	// What Swarm does not watch over it does not take back by itself.
	if (unwatched || !update?.state.startsWith("rollback_") || update.message === askedFor)
		return { state: "superseded", because: "the service was changed by somebody else" };
	if (isAnybodys(view, update)) return { state: "superseded", because: nobodyKnowsWho };
	if (update.state === "rollback_paused") return { state: "stuck", because: "Swarm's own rollback was paused" };
	const isBack = runsAlone(tasks, revisionOf(service), replicasOf(service));
	return update.state === "rollback_completed" && isBack
		? { state: "rolled_back" }
		: { state: "rolling_back", progress: progressOf(tasks) };
}

const nobodyKnowsWho = "the previous release was put back while nobody watched, and no task of this one is seen to have failed";

/** Once a rollback is over, Swarm's words tell no more who began it. Its own begins with a task that ended: most often one that failed. */
function isAnybodys({ tasks, ours, sawRefused }: RolloutView, { state }: UpdateStatus): boolean {
	return state !== "rollback_started" && !sawRefused && failedTasks(tasks, ours).length === 0;
}

/** Swarm shows no update at first, and then may still show an earlier one. */
function freshUpdate(service: ObservedService, previousStartedAt: string | undefined): UpdateStatus | undefined {
	const update = service.updateStatus;
	return update && (previousStartedAt === undefined || update.startedAt !== previousStartedAt) ? update : undefined;
}

function phaseOf(update: UpdateStatus | undefined): "watching" | "completed" | "none" {
	if (!update) return "none";
	return update.state === "updating" || update.state === "rollback_started" ? "watching" : "completed";
}

function holdOf(tasks: ObservedTask[], ours: Revision, replicas: number): "unplaced" | "pulling" | "starting" | "stopping" {
	if (runningOf(tasks, ours).length >= replicas && othersAlive(tasks, ours).length > 0) return "stopping";
	const wanted = tasks.filter((task) => isOfRevision(task, ours) && task.desiredState === "running");
	const unplaced: TaskState[] = ["new", "allocated", "pending"];
	if (wanted.length === 0 || wanted.some((task) => unplaced.includes(task.state))) return "unplaced";
	const pulling: TaskState[] = ["assigned", "accepted", "preparing"];
	return wanted.some((task) => pulling.includes(task.state)) ? "pulling" : "starting";
}

function progressOf(tasks: ObservedTask[]): string {
	return tasks.map(({ id, state, desiredState }) => `${id}:${state}:${desiredState}`).join(" ");
}
