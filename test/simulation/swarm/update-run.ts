// Carries one update of a service out, slot by slot, and watches over the new tasks: Swarm's updater, its oddities included.
import type { UpdatePolicy } from "../../../src/model/service.ts";
import { isDirty } from "./dirt.ts";
import type { Raft } from "./raft.ts";
import { isBeyond, isOver, isWanted, type ServiceRecord, type TaskRecord } from "./records.ts";
import type { Restarts } from "./restarts.ts";
import { completeUpdate, pauseUpdate, rollBackUpdate, startUpdate } from "./update-status.ts";

export type Slot = TaskRecord[];

const defaultMonitorMs = 5_000;

export class UpdateRun {
	/** As it was when this update began. */
	readonly service: ServiceRecord;
	readonly #raft: Raft;
	readonly #restarts: Restarts;
	readonly #isRollback: boolean;
	readonly #policy: UpdatePolicy;
	readonly #ended: () => void;
	/** Tasks made by this update, with the time they came up; undefined: not yet. Only their failures count. */
	readonly #made = new Map<string, number | undefined>();
	readonly #failed = new Set<string>();
	readonly #comingUp = new Map<string, { slot: Slot; startFirst: boolean }>();
	#slots: Slot[] = [];
	#dirtyCount = 0;
	#busyWorkers = 0;
	/** Failures that came while nobody listened for them: see `#handOut`. */
	readonly #unjudged: TaskRecord[] = [];
	#stage: "handing out" | "draining" | "monitoring" | "over" = "handing out";
	/** The failure action was taken: what workers have begun goes on, and nothing is called complete. */
	#hasFailed = false;
	#monitor: Disposable | undefined;

	constructor(raft: Raft, restarts: Restarts, service: ServiceRecord, ended: () => void) {
		this.#raft = raft;
		this.#restarts = restarts;
		this.service = structuredClone(service);
		this.#ended = ended;
		this.#isRollback = service.updateStatus?.state === "rollback_started";
		this.#policy = this.#isRollback ? service.spec.RollbackConfig : service.spec.UpdateConfig;
	}

	run(slots: Slot[]): void {
		const state = this.service.updateStatus?.state;
		const isPaused = state === "paused" || state === "rollback_paused";
		this.#slots = slots.filter((slot) => slot.length > 1 || slot.some((task) => isDirty(this.#raft, this.service, task)));
		this.#dirtyCount = this.#slots.length;
		if (this.#dirtyCount > 0 && !isPaused) {
			startUpdate(this.#raft, this.service.id);
			this.#handOut();
		} else {
			if (state === "updating" || state === "rollback_started") completeUpdate(this.#raft, this.service.id);
			this.#end();
		}
	}

	/** A newer update takes over. */
	stop(): void {
		this.#monitor?.[Symbol.dispose]();
		this.#end();
	}

	hear(task: TaskRecord): void {
		if (this.#stage === "over" || task.serviceId !== this.service.id) return;
		this.#hearOfComingUp(task);
		if (isOver(task) && this.#policy.FailureAction !== "continue") this.#hearOfFailure(task);
	}

	/**
	 * As many slots at a time as the policy allows. Once the last is handed out, nobody listens for failures until all that
	 * were begun are done: one that is late in coming up hides another's failure, for ever if it never comes up.
	 */
	#handOut(): void {
		const parallelism = this.#policy.Parallelism || this.#dirtyCount;
		while (this.#slots.length > 0 && this.#busyWorkers < parallelism && !this.#hasFailed) {
			this.#busyWorkers++;
			this.#updateSlot(this.#slots.shift() as Slot);
		}
		if (this.#stage === "handing out" && (this.#slots.length === 0 || this.#hasFailed)) this.#stage = "draining";
		if (this.#stage === "draining" && this.#busyWorkers === 0) this.#watch();
	}

	#workerIsDone(): void {
		if (this.#stage === "over") return;
		this.#busyWorkers--;
		this.#handOut();
	}

	#watch(): void {
		if (this.#hasFailed) {
			this.#end();
			return;
		}
		this.#stage = "monitoring";
		this.#monitor = this.#raft.clock.after(this.#monitorMs, () => {
			completeUpdate(this.#raft, this.service.id);
			this.#end();
		});
		for (const task of this.#unjudged.splice(0)) this.#judge(task);
	}

	#updateSlot(slot: Slot): void {
		const clean = slot.filter((task) => isWanted(task) && !isDirty(this.#raft, this.service, task));
		const existing = clean.find(({ desiredState }) => desiredState === "running") ?? clean.at(-1);
		if (existing) this.#useExisting(slot, existing);
		else this.#replace(slot);
	}

	/** The others go at once, whether or not this one has come up: an edit in the middle of an update interrupts the service. */
	#useExisting(slot: Slot, existing: TaskRecord): void {
		const removed = this.#shutDown(slot.filter((task) => task !== existing));
		if (existing.desiredState === "running") this.#workerIsDone();
		else this.#restarts.delayStart(existing, 0, removed, () => this.#workerIsDone());
	}

	#replace(slot: Slot): void {
		const startFirst = this.#policy.Order === "start-first";
		const task = this.#raft.createTask(this.service, slot[0]?.slot ?? 1, startFirst ? "running" : "ready");
		this.#made.set(task.id, undefined);
		this.#comingUp.set(task.id, { slot, startFirst });
		if (!startFirst) this.#restarts.delayStart(task, 0, this.#shutDown(slot));
	}

	#hearOfComingUp(task: TaskRecord): void {
		const begun = this.#comingUp.get(task.id);
		if (!begun || isBeyond("running", task.state)) return;
		this.#comingUp.delete(task.id);
		this.#made.set(task.id, this.#raft.clock.monotonic());
		if (begun.startFirst && task.state === "running") this.#shutDown(begun.slot);
		this.#workerIsDone();
	}

	#hearOfFailure(task: TaskRecord): void {
		if (this.#stage === "draining") this.#unjudged.push(task);
		else this.#judge(task);
	}

	#judge(task: TaskRecord): void {
		if (this.#stage === "over" || !this.#made.has(task.id) || this.#failed.has(task.id)) return;
		const upSinceMs = this.#made.get(task.id);
		// By the time of judging, not of the failure: one that waited for long to be judged is let off.
		if (upSinceMs !== undefined && this.#raft.clock.monotonic() - upSinceMs > this.#monitorMs) return;
		this.#failed.add(task.id);
		if (this.#failed.size / this.#dirtyCount > (this.#policy.MaxFailureRatio ?? 0)) this.#fail(task);
	}

	#fail({ id }: TaskRecord): void {
		this.#hasFailed = true;
		const because = `due to failure or early termination of task ${id}`;
		if (this.#policy.FailureAction === "rollback" && !this.#isRollback)
			rollBackUpdate(this.#raft, this.service.id, `update rolled back ${because}`);
		else pauseUpdate(this.#raft, this.service.id, `${this.#isRollback ? "rollback" : "update"} paused ${because}`);
		this.#monitor?.[Symbol.dispose]();
		if (this.#stage === "monitoring") this.#end();
		else this.#handOut();
	}

	/** One of those that were to run until now. */
	#shutDown(tasks: TaskRecord[]): TaskRecord | undefined {
		const running = tasks.filter((task) => this.#raft.tasks.has(task.id) && isWanted(task));
		for (const task of running) this.#raft.wantTask(task, "shutdown");
		return running.at(-1);
	}

	get #monitorMs(): number {
		return this.#policy.Monitor ? this.#policy.Monitor / 1_000_000 : defaultMonitorMs;
	}

	#end(): void {
		if (this.#stage === "over") return;
		this.#stage = "over";
		this.#ended();
	}
}
