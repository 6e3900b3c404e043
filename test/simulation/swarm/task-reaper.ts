// Forgets tasks, as Swarm's task reaper does: those beyond the history of their slot, and those of slots that are gone.
import { pace } from "./pace.ts";
import type { Raft } from "./raft.ts";
import { isBeyond, isOver, isWanted, type TaskRecord } from "./records.ts";

export class TaskReaper {
	readonly #raft: Raft;
	readonly #slots = new Map<string, Pick<TaskRecord, "serviceId" | "slot">>();
	readonly #gone = new Set<TaskRecord>();
	#round: Disposable | undefined;

	constructor(raft: Raft) {
		this.#raft = raft;
		raft.hear((change) => {
			if (change.kind === "task created") this.#slots.set(`${change.task.serviceId} ${change.task.slot}`, change.task);
			else if (change.kind === "task" && isToBeForgotten(change.task)) this.#gone.add(change.task);
			else return;
			this.#soon();
		});
	}

	#soon(): void {
		this.#round ??= this.#raft.clock.after(pace.reapMs, () => {
			this.#round = undefined;
			this.#reap();
		});
	}

	#reap(): void {
		for (const task of this.#gone) this.#forget(task);
		this.#gone.clear();
		for (const [key, { serviceId, slot }] of this.#slots) {
			const tasks = this.#raft.tasksOf(serviceId).filter((task) => task.slot === slot);
			const ended = tasks.filter((task) => isOver(task) || willNeverRun(task)).sort((a, b) => a.sinceMs - b.sinceMs);
			for (const task of ended.slice(0, Math.max(0, tasks.length - this.#raft.historyLimit))) this.#forget(task);
			// Looked at again with the next new task, or as long as two run side by side.
			if (tasks.length - ended.length > 1) this.#soon();
			else this.#slots.delete(key);
		}
	}

	#forget(task: TaskRecord): void {
		if (this.#raft.tasks.has(task.id)) this.#raft.removeTask(task);
	}
}

function isToBeForgotten(task: TaskRecord): boolean {
	return task.desiredState === "remove" && (isOver(task) || !isBeyond(task.state, "pending"));
}

function willNeverRun(task: TaskRecord): boolean {
	return !isWanted(task) && !isBeyond(task.state, "pending");
}
