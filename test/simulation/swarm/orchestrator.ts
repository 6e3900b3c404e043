// Makes the tasks of each replicated service what its spec asks for, as the orchestrator of Swarm's leader does.
import { isDeepStrictEqual } from "node:util";
import { pace } from "./pace.ts";
import type { Change, Raft } from "./raft.ts";
import { isOver, isWanted, type ServiceRecord, type TaskRecord } from "./records.ts";
import { Restarts, shouldRestart } from "./restarts.ts";
import { type Slot, UpdateRun } from "./update-run.ts";

export class Orchestrator {
	/**
	 * When a task of an update fails, Swarm replaces the task and takes the update back, in either order: the replacement is
	 * then of the release that failed, or of the one before.
	 */
	restartsFirst = true;
	readonly #raft: Raft;
	readonly #restarts: Restarts;
	readonly #updates = new Map<string, UpdateRun>();
	readonly #toReconcile = new Set<string>();
	readonly #toRestart = new Set<TaskRecord>();
	#round: Disposable | undefined;
	#isOn = true;

	constructor(raft: Raft) {
		this.#raft = raft;
		this.#restarts = new Restarts(raft);
		raft.hear((change) => {
			if (this.#isOn) this.#hear(change);
		});
	}

	/** Its updates, delays and memories end with the leader. */
	stop(): void {
		this.#isOn = false;
		for (const update of [...this.#updates.values()]) update.stop();
		this.#restarts.cancelAll();
		this.#toRestart.clear();
	}

	/** A new leader looks at everything anew. It knows nothing of which tasks an update made, so it watches over none of them. */
	start(): void {
		this.#isOn = true;
		for (const task of this.#raft.tasks.values()) {
			if (task.desiredState === "ready" && !isOver(task)) this.#restarts.delayStart(task, 0, undefined);
			this.#hearOfTask(task);
		}
		for (const service of this.#raft.services.values()) this.#reconcileSoon(service.id);
	}

	#hear(change: Change): void {
		switch (change.kind) {
			case "service":
				this.#reconcileSoon(change.service.id);
				break;
			case "service removed":
				this.#removeTasks(change.service);
				break;
			case "task removed":
				this.#restarts.cancel(change.task.id);
				if (isWanted(change.task)) this.#reconcileSoon(change.task.serviceId);
				break;
			case "node":
				for (const task of this.#raft.tasks.values()) if (task.nodeId === change.node.id) this.#hearOfTask(task);
				break;
			default:
				if (this.restartsFirst) this.#restartIfFailed(change.task);
				for (const update of [...this.#updates.values()]) update.hear(change.task);
				this.#hearOfTask(change.task);
		}
	}

	#restartIfFailed(task: TaskRecord): void {
		if (isOver(task) && isWanted(task)) this.#restarts.restart(task);
	}

	#hearOfTask(task: TaskRecord): void {
		const isLost = this.#raft.nodes.get(task.nodeId ?? "")?.state === "down";
		if (!isWanted(task) || !(isOver(task) || isLost)) return;
		this.#toRestart.add(task);
		this.#soon();
	}

	#reconcileSoon(serviceId: string): void {
		this.#toReconcile.add(serviceId);
		this.#soon();
	}

	#soon(): void {
		this.#round ??= this.#raft.clock.after(pace.orchestrateMs, () => {
			this.#round = undefined;
			if (this.#isOn) this.#tick();
		});
	}

	#tick(): void {
		const services = [...this.#toReconcile];
		const tasks = [...this.#toRestart];
		this.#toReconcile.clear();
		this.#toRestart.clear();
		for (const task of tasks) if (this.#raft.tasks.has(task.id)) this.#restarts.restart(task);
		for (const serviceId of services) {
			const service = this.#raft.services.get(serviceId);
			if (service) this.#reconcile(service);
		}
	}

	#removeTasks(service: ServiceRecord): void {
		this.#updates.get(service.id)?.stop();
		for (const task of this.#raft.tasksOf(service.id)) this.#raft.wantTask(task, "remove");
	}

	#reconcile(service: ServiceRecord): void {
		const { updatable, dead } = this.#slotsOf(service);
		const wanted = service.spec.Mode.Replicated.Replicas;
		const slots = [...updatable.values()];
		const [kept, excess] = wanted < slots.length ? splitForScaleDown(slots, wanted) : [slots, []];
		const added = freeNumbers(updatable, wanted - slots.length);
		this.#update(service, kept);
		for (const task of excess.flat()) this.#raft.wantTask(task, "remove");
		for (const slot of added) this.#raft.createTask(service, slot, "running");
		for (const [slot, tasks] of dead) if (!added.includes(slot)) for (const task of tasks) this.#raft.removeTask(task);
	}

	#update(service: ServiceRecord, slots: Slot[]): void {
		const before = this.#updates.get(service.id);
		if (before && isDeepStrictEqual(before.service.spec, service.spec)) return;
		before?.stop();
		const update = new UpdateRun(this.#raft, this.#restarts, service, () => {
			if (this.#updates.get(service.id) === update) this.#updates.delete(service.id);
		});
		this.#updates.set(service.id, update);
		update.run(slots);
	}

	/** A slot is dead when nothing in it is to run, nor to stay as it ended. Its history goes unless its number is used again. */
	#slotsOf(service: ServiceRecord): { updatable: Map<number, Slot>; dead: Map<number, Slot> } {
		const updatable = new Map<number, Slot>();
		const dead = new Map<number, Slot>();
		const all = Map.groupBy(this.#raft.tasksOf(service.id), ({ slot }) => slot);
		for (const [number, slot] of all) {
			const wanted = slot.filter(isWanted);
			const last = slot.toSorted((a, b) => a.sinceMs - b.sinceMs).at(-1) as TaskRecord;
			const staysEnded = service.updateStatus?.state !== "rollback_started" && !shouldRestart(last);
			if (wanted.length > 0) updatable.set(number, wanted);
			else if (staysEnded) updatable.set(number, [last]);
			else dead.set(number, slot);
		}
		return { updatable, dead };
	}
}

function freeNumbers(taken: Map<number, Slot>, count: number): number[] {
	const free: number[] = [];
	for (let number = 1; free.length < count; number++) if (!taken.has(number)) free.push(number);
	return free;
}

/** Those that run stay, spread over the nodes; of equals the lower slots. */
function splitForScaleDown(slots: Slot[], wanted: number): [kept: Slot[], excess: Slot[]] {
	const runs = (slot: Slot) => slot.some(({ state }) => state === "running");
	const byState = slots.toSorted((a, b) => Number(runs(b)) - Number(runs(a)) || (a[0]?.slot ?? 0) - (b[0]?.slot ?? 0));
	const onNode = new Map<string, number>();
	const ranked = byState.map((slot) => {
		const nodeId = slot.length === 1 ? slot[0]?.nodeId : undefined;
		if (nodeId === undefined) return { slot, rank: Number.POSITIVE_INFINITY };
		onNode.set(nodeId, (onNode.get(nodeId) ?? 0) + 1);
		return { slot, rank: onNode.get(nodeId) ?? 0 };
	});
	const sorted = ranked.toSorted((a, b) => (a.rank === b.rank ? 0 : a.rank - b.rank)).map(({ slot }) => slot);
	return [sorted.slice(0, wanted), sorted.slice(wanted)];
}
