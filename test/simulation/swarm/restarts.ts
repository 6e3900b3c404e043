// Replaces tasks that ended, as Swarm's restart supervisor does: a new task at once, which starts when its delay is over.
// Not modelled: a limit on attempts, which deploymill sets on no service.
import type { Raft } from "./raft.ts";
import { isBeyond, isOver, isWanted, type TaskRecord } from "./records.ts";

/** The old task is waited for no longer than this. */
const oldTaskPatienceMs = 60_000;
const defaultDelayMs = 5_000;

interface Delay {
	/** Its end is waited for, once the delay itself is over. */
	old: TaskRecord | undefined;
	isElapsed: boolean;
	timers: Disposable[];
	/** Told when the task may start, or when the delay is called off. */
	over: (() => void)[];
}

export class Restarts {
	readonly #raft: Raft;
	readonly #delays = new Map<string, Delay>();

	constructor(raft: Raft) {
		this.#raft = raft;
		raft.hear((change) => {
			if (change.kind === "task" || change.kind === "node") for (const taskId of [...this.#delays.keys()]) this.#startIfDue(taskId);
		});
	}

	/** Of a task that ended, or whose node did. */
	restart(task: TaskRecord): void {
		const delay = this.#delays.get(task.id);
		if (delay) {
			// Not before its own time has come, or an image that is nowhere would be looked for without a pause.
			if (delay.over.length === 0) delay.over.push(() => this.#restartAgain(task));
			return;
		}
		const service = this.#raft.services.get(task.serviceId);
		if (!service || !isWanted(task)) return;
		this.#raft.wantTask(task, "shutdown");
		if (!shouldRestart(task)) return;
		const next = this.#raft.createTask(service, task.slot, "ready");
		const delayNs = task.template.RestartPolicy?.Delay;
		this.delayStart(next, delayNs === undefined ? defaultDelayMs : delayNs / 1_000_000, task);
	}

	/**
	 * Lets `task` start after `delayMs`, and not before `old` is over or its node is down.
	 * @param started called when it may start; also when the delay is called off
	 */
	delayStart(task: TaskRecord, delayMs: number, old: TaskRecord | undefined, started?: () => void): void {
		this.cancel(task.id);
		const { clock } = this.#raft;
		const delay: Delay = { old, isElapsed: delayMs === 0, timers: [], over: started ? [started] : [] };
		const look = () => this.#startIfDue(task.id);
		if (delayMs > 0) {
			const elapse = () => {
				delay.isElapsed = true;
				look();
			};
			delay.timers.push(clock.after(delayMs, elapse));
		}
		if (old) {
			const giveUp = () => {
				delay.old = undefined;
				look();
			};
			delay.timers.push(clock.after(oldTaskPatienceMs, giveUp));
		}
		this.#delays.set(task.id, delay);
		look();
	}

	cancel(taskId: string): void {
		const delay = this.#delays.get(taskId);
		if (!delay) return;
		this.#delays.delete(taskId);
		for (const timer of delay.timers) timer[Symbol.dispose]();
		for (const tell of delay.over) tell();
	}

	/** What a leader that is none any more had in mind is lost. */
	cancelAll(): void {
		for (const [taskId, delay] of [...this.#delays]) {
			delay.over.length = 0;
			this.cancel(taskId);
		}
	}

	#startIfDue(taskId: string): void {
		const delay = this.#delays.get(taskId);
		if (!delay?.isElapsed || (delay.old && !this.#isGone(delay.old))) return;
		const task = this.#raft.tasks.get(taskId);
		this.cancel(taskId);
		if (task?.desiredState === "ready") this.#raft.wantTask(task, "running");
	}

	#restartAgain(task: TaskRecord): void {
		if (this.#raft.tasks.has(task.id)) this.restart(task);
	}

	#isGone(task: TaskRecord): boolean {
		return isOver(task) || this.#raft.nodes.get(task.nodeId ?? "")?.state === "down";
	}
}

export function shouldRestart({ template, state }: TaskRecord): boolean {
	const condition = template.RestartPolicy?.Condition ?? "any";
	return condition === "any" || (condition === "on-failure" && isBeyond(state, "complete"));
}
