// Runs the tasks of one node: fetches images, starts and stops containers, and reports, as the Docker Engine of that node does.
import type { ImageStore } from "../images/image-store.ts";
import { Container } from "./container.ts";
import { pace } from "./pace.ts";
import type { Raft } from "./raft.ts";
import { isBeyond, isOver, isWanted, type NodeRecord, type TaskRecord } from "./records.ts";

/** What the agent does for one task, until it has stopped. */
interface Duty {
	task: TaskRecord;
	container?: Container;
	timer?: Disposable;
	isStopping: boolean;
}

type Report = Parameters<Raft["report"]>;

export class NodeAgent {
	readonly node: NodeRecord;
	readonly images: ImageStore;
	readonly #raft: Raft;
	readonly #duties = new Map<string, Duty>();
	/** Kept while no manager hears them. */
	readonly #unsent: Report[] = [];
	#isHeard = true;

	constructor(raft: Raft, node: NodeRecord, images: ImageStore) {
		this.#raft = raft;
		this.node = node;
		this.images = images;
		raft.hear((change) => {
			if (change.kind === "task" && change.task.nodeId === node.id && this.#isHeard) this.#follow(change.task);
		});
	}

	/** Containers of a service that get requests. @param drains also those that are told to stop and have not yet */
	boundContainers(serviceId: string, drains: boolean): Container[] {
		return [...this.#duties.values()].flatMap(({ task, container }) =>
			task.serviceId === serviceId && (container?.isBound || (drains && container?.isDraining)) ? [container] : [],
		);
	}

	containerOf(taskId: string): Container | undefined {
		return this.#duties.get(taskId)?.container;
	}

	/** Whether managers and node hear each other. What happened meanwhile is told and taken up at once. */
	set isHeard(heard: boolean) {
		this.#isHeard = heard;
		if (!heard) return;
		for (const report of this.#unsent.splice(0)) if (this.#raft.tasks.has(report[0].id)) this.#raft.report(...report);
		for (const task of [...this.#raft.tasks.values()]) if (task.nodeId === this.node.id) this.#follow(task);
		for (const duty of [...this.#duties.values()]) if (!this.#raft.tasks.has(duty.task.id)) this.#stop(duty);
	}

	/** As when the machine, or its engine without live restore, goes down and comes again: all containers have ended. */
	loseContainers(): void {
		for (const duty of this.#duties.values()) {
			duty.timer?.[Symbol.dispose]();
			duty.container?.vanish();
			this.#finish(duty, "failed", { exitCode: 137, error: "task: non-zero exit (137)" });
		}
	}

	#follow(task: TaskRecord): void {
		const duty = this.#duties.get(task.id);
		if (!duty) {
			if (!isOver(task) && isBeyond(task.state, "pending")) this.#accept(task);
		} else if (!isWanted(task)) this.#stop(duty);
		else if (task.state === "ready" && task.desiredState === "running") this.#start(duty);
	}

	#accept(task: TaskRecord): void {
		const duty: Duty = { task, isStopping: false };
		this.#duties.set(task.id, duty);
		const prepare = () => {
			this.#report(task, "preparing");
			this.#fetch(duty);
		};
		if (isWanted(task)) this.#later(duty, pace.acceptMs, prepare);
		else this.#stop(duty);
	}

	#fetch(duty: Duty): void {
		const { task } = duty;
		const reference = task.template.ContainerSpec.Image;
		const answer = this.images.fetch(reference, task.credentials);
		if (answer.kind === "silent") {
			this.#later(duty, pace.silenceMs, () => this.#fetch(duty));
			return;
		}
		const ms = answer.kind === "here" ? pace.prepareMs : answer.kind === "pulled" ? pace.pullMs : pace.refusalMs;
		this.#later(duty, ms, () => {
			if (answer.kind === "refused") this.#finish(duty, "rejected", { error: answer.words, message: "preparing" });
			else this.#report(task, "ready", { message: "prepared" });
		});
	}

	#start(duty: Duty): void {
		const { task } = duty;
		if (duty.container || duty.timer) return;
		this.#report(task, "starting");
		this.#later(duty, pace.startMs, () => {
			const spec = task.template.ContainerSpec;
			const containerId = task.id.padEnd(64, "c");
			const app = this.images.appOf(spec.Image);
			duty.container = new Container(this.#raft.clock, app.inSlot?.[task.slot] ?? app, spec, {
				up: () => this.#report(task, "running", { message: "started", containerId }),
				ended: (exitCode, error) => {
					const facts = { exitCode, containerId, message: "started" };
					this.#finish(duty, exitCode === 0 ? "complete" : "failed", exitCode === 0 ? facts : { ...facts, error });
				},
			});
			duty.container.start();
		});
	}

	#stop(duty: Duty): void {
		if (duty.isStopping) return;
		duty.isStopping = true;
		duty.timer?.[Symbol.dispose]();
		if (duty.container) duty.container.stop((exitCode) => this.#finish(duty, "shutdown", { exitCode }));
		else this.#later(duty, pace.putAwayMs, () => this.#finish(duty, "shutdown"));
	}

	#finish(duty: Duty, state: TaskRecord["state"], facts: Report[2] = {}): void {
		this.#duties.delete(duty.task.id);
		this.#report(duty.task, state, facts);
	}

	#report(...report: Report): void {
		if (this.#isHeard) this.#raft.report(...report);
		else this.#unsent.push(report);
	}

	#later(duty: Duty, ms: number, run: () => void): void {
		duty.timer = this.#raft.clock.after(ms, () => {
			delete duty.timer;
			run();
		});
	}
}
