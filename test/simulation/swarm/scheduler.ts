// Places tasks on nodes, as Swarm's allocator and scheduler do. A task that no node may take stays pending for as long as it is so.
import { pace } from "./pace.ts";
import { satisfies } from "./placement.ts";
import type { Raft } from "./raft.ts";
import { isBeyond, isOver, isWanted, type NodeRecord, type TaskRecord } from "./records.ts";

export class Scheduler {
	readonly #raft: Raft;
	#round: Disposable | undefined;
	#isOn = true;

	constructor(raft: Raft) {
		this.#raft = raft;
		raft.hear((change) => {
			const matters = change.kind === "node" || change.kind === "task created" || (change.kind === "task" && isUnplaced(change.task));
			if (matters) this.#soon();
		});
	}

	/** Only a leader schedules. */
	set isOn(on: boolean) {
		this.#isOn = on;
		if (on) this.#soon();
	}

	#soon(): void {
		this.#round ??= this.#raft.clock.after(pace.scheduleMs, () => {
			this.#round = undefined;
			if (this.#isOn) this.#place();
		});
	}

	#place(): void {
		for (const task of [...this.#raft.tasks.values()].filter(isUnplaced)) {
			if (task.state === "new") this.#raft.report(task, "pending", { message: "pending task scheduling" });
			else if (isWanted(task)) this.#placeOne(task);
			else this.#raft.report(task, "shutdown", { message: task.message });
		}
	}

	#placeOne(task: TaskRecord): void {
		const nodes = [...this.#raft.nodes.values()];
		const fit = nodes.filter(
			(node) => node.state === "ready" && !node.isPaused && satisfies(node, task.template.Placement?.Constraints ?? []),
		);
		const [node] = fit.sort((a, b) => this.#load(a, task) - this.#load(b, task));
		const count = nodes.length === 1 ? "1 node" : `${nodes.length} nodes`;
		if (!node) this.#raft.explain(task, `no suitable node (scheduling constraints not satisfied on ${count})`);
		else this.#raft.assign(task, node.id);
	}

	#load(node: NodeRecord, { serviceId }: TaskRecord): number {
		return this.#raft.tasksOf(serviceId).filter((task) => task.nodeId === node.id && !isOver(task)).length;
	}
}

function isUnplaced(task: TaskRecord): boolean {
	return !isBeyond(task.state, "pending");
}
