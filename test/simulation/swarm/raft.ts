// Keeps what the managers agree on, numbers every change of it, and tells all parts of the Swarm of each one in turn.
import type { TaskState } from "../../../src/model/service.ts";
import type { VirtualClock } from "../virtual-clock.ts";
import { isWanted, type NodeRecord, type ServiceRecord, type TaskRecord } from "./records.ts";

/** Who asked for a change; two of them are equal where they work from the same data folder. A hand works from none. */
export interface Client {
	name: string;
	home?: object;
}

export type Change =
	/** `by` is absent where Swarm itself did it. */
	| { kind: "service" | "service removed"; service: ServiceRecord; by?: Client }
	| { kind: "task" | "task created" | "task removed"; task: TaskRecord }
	| { kind: "node"; node: NodeRecord };

export class Raft {
	readonly clock: VirtualClock;
	readonly services = new Map<string, ServiceRecord>();
	readonly tasks = new Map<string, TaskRecord>();
	readonly nodes = new Map<string, NodeRecord>();
	/** Task history kept for each slot; Swarm's default. */
	historyLimit = 5;
	readonly #hearers: ((change: Change) => void)[] = [];
	readonly #untold: Change[] = [];
	#telling = false;
	#index = 10;
	#ids = 0;

	constructor(clock: VirtualClock) {
		this.clock = clock;
	}

	/** In the order in which they asked. A change that a hearer makes is told when the one it hears has been told to all. */
	hear(hearer: (change: Change) => void): void {
		this.#hearers.push(hearer);
	}

	/** 25 characters, as Swarm's ids. */
	newId(): string {
		return `${(++this.#ids).toString(36).padStart(6, "0")}${"modelswarmidentifier".slice(0, 19)}`;
	}

	put(service: ServiceRecord, by?: Client): void {
		service.version = ++this.#index;
		this.services.set(service.id, service);
		this.#tell({ kind: "service", service, ...(by ? { by } : {}) });
	}

	remove(service: ServiceRecord, by: Client): void {
		this.#index++;
		this.services.delete(service.id);
		this.#tell({ kind: "service removed", service, by });
	}

	serviceNamed(serviceName: string): ServiceRecord | undefined {
		return [...this.services.values()].find(({ spec }) => spec.Name === serviceName);
	}

	createTask(service: ServiceRecord, slot: number, desiredState: TaskState): TaskRecord {
		const now = this.clock.now();
		const task: TaskRecord = {
			id: this.newId(),
			serviceId: service.id,
			slot,
			version: ++this.#index,
			template: service.spec.TaskTemplate,
			specVersion: service.specVersion,
			...(service.credentials ? { credentials: service.credentials } : {}),
			desiredState,
			state: "new",
			message: "created",
			createdAtMs: now,
			sinceMs: now,
		};
		this.tasks.set(task.id, task);
		this.#tell({ kind: "task created", task });
		return task;
	}

	/** Only ever to a later one. */
	wantTask(task: TaskRecord, desiredState: TaskState): void {
		task.desiredState = desiredState;
		this.#touch(task);
	}

	report(
		task: TaskRecord,
		state: TaskState,
		facts: Partial<Pick<TaskRecord, "message" | "error" | "exitCode" | "containerId">> = {},
	): void {
		Object.assign(task, { message: state, ...facts, state, sinceMs: this.clock.now() });
		this.#touch(task);
	}

	assign(task: TaskRecord, nodeId: string): void {
		task.nodeId = nodeId;
		delete task.error;
		this.report(task, "assigned", { message: "scheduler assigned task to node" });
	}

	/** Why it is not placed yet. */
	explain(task: TaskRecord, error: string): void {
		if (task.error === error) return;
		task.error = error;
		this.#touch(task);
	}

	removeTask(task: TaskRecord): void {
		this.#index++;
		this.tasks.delete(task.id);
		this.#tell({ kind: "task removed", task });
	}

	tasksOf(serviceId: string): TaskRecord[] {
		return [...this.tasks.values()].filter((task) => task.serviceId === serviceId);
	}

	wantedTasksOf(serviceId: string): TaskRecord[] {
		return this.tasksOf(serviceId).filter(isWanted);
	}

	putNode(node: NodeRecord): void {
		this.#index++;
		this.nodes.set(node.id, node);
		this.#tell({ kind: "node", node });
	}

	#touch(task: TaskRecord): void {
		task.version = ++this.#index;
		if (this.tasks.has(task.id)) this.#tell({ kind: "task", task });
	}

	#tell(change: Change): void {
		this.#untold.push(change);
		if (this.#telling) return;
		this.#telling = true;
		for (let next = this.#untold.shift(); next; next = this.#untold.shift()) for (const hearer of this.#hearers) hearer(next);
		this.#telling = false;
	}
}
