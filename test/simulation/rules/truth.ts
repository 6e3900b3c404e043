// Knows what really runs of an application, whatever deploymill records of it, and what each process saw of that when it last looked.
import { labels } from "../../../src/model/service.ts";
import { isWanted, type ServiceRecord, type TaskRecord } from "../swarm/records.ts";
import type { DataFolder } from "../world/data-folder.ts";
import type { PortCall } from "../world/port-calls.ts";
import type { World } from "../world/world.ts";

/** What there was to see at one moment. */
interface Sight {
	atMs: number;
	/** Stamp and image of each task that ran. */
	running: { stamp: string | undefined; image: string }[];
	wanted: number;
}

export class Truth {
	readonly applicationId: string;
	/** Releases (by deployment id) of which a task ever ran. */
	readonly ran = new Set<string>();
	readonly #world: World;
	readonly #folder: DataFolder;
	/** The last two looks of each process at the tasks: between a look and what is said of it somebody else may be faster. */
	readonly #looks = new Map<string, Sight[]>();

	constructor(world: World, folder: DataFolder, applicationId: string) {
		this.#world = world;
		this.#folder = folder;
		this.applicationId = applicationId;
		world.cluster.raft.hear((change) => {
			if (change.kind === "task" && change.task.state === "running") this.ran.add(stampOf(change.task) ?? "");
		});
	}

	/** When each process last looked at the service. */
	readonly #inspectedMs = new Map<string, number>();

	/** Called with every call, right after it was made. */
	saw({ process, name, args }: PortCall): void {
		if (name === "swarm.inspectService" && args[0] === this.applicationId) this.#inspectedMs.set(process, this.#world.clock.monotonic());
		if (name !== "swarm.listTasks" || args[0] !== this.applicationId) return;
		this.#looks.set(process, [this.#sight(), ...(this.#looks.get(process) ?? [])].slice(0, 2));
	}

	get service(): ServiceRecord | undefined {
		return this.#world.cluster.raft.serviceNamed(this.applicationId);
	}

	/** Tasks that users may be answered by: of the service, or where there is none, what is left of it. */
	runningTasks(): TaskRecord[] {
		const { raft } = this.#world.cluster;
		const { service } = this;
		const isOurs = (task: TaskRecord) =>
			service ? task.serviceId === service.id : applicationOf(task) === this.applicationId && !raft.services.has(task.serviceId);
		return [...raft.tasks.values()].filter(
			(task) => task.state === "running" && raft.nodes.get(task.nodeId ?? "")?.state !== "down" && isOurs(task),
		);
	}

	/** What runs, in words. */
	get words(): string {
		const running = this.runningTasks().map((task) => {
			return `${stampOf(task) ?? "unstamped"} ${task.template.ContainerSpec.Image.slice(-6)}${isWanted(task) ? "" : " (stopping)"}`;
		});
		return running.length > 0 ? running.join(", ") : "nothing";
	}

	/** Whether all that runs is of the release, and as much runs as is wanted. */
	runsAlone(deploymentId: string): boolean {
		return this.#isAloneIn(this.#sight(), deploymentId);
	}

	nothingElseRuns(deploymentId: string): boolean {
		return this.service !== undefined && this.runningTasks().every((task) => this.isOf(task, deploymentId));
	}

	/** The same, now or when this process last looked. */
	wasSeenAlone(process: string, deploymentId: string): boolean {
		return this.runsAlone(deploymentId) || (this.#looks.get(process) ?? []).some((sight) => this.#isAloneIn(sight, deploymentId));
	}

	/** At service and tasks, which it looks at side by side: the earlier of the two. */
	lastLookMs(process: string): number {
		return Math.min(this.#looks.get(process)?.[0]?.atMs ?? 0, this.#inspectedMs.get(process) ?? 0);
	}

	/** Whether all that runs, now or when this process last looked, is of this image, and something does. */
	wasSeenOnly(process: string, digest: string): boolean {
		const isOnly = ({ running }: Sight) => running.length > 0 && running.every(({ image }) => image.endsWith(digest));
		return [this.#sight(), ...(this.#looks.get(process) ?? [])].some(isOnly);
	}

	/** The stamp alone proves nothing: a hand that sets another image leaves it. */
	isOf({ template }: Pick<TaskRecord, "template">, deploymentId: string): boolean {
		const stamp = template.ContainerSpec.Labels?.[labels.deployment];
		return stamp === deploymentId && template.ContainerSpec.Image.endsWith(this.#digestOf(deploymentId));
	}

	#isAloneIn({ running, wanted }: Sight, deploymentId: string): boolean {
		const digest = this.#digestOf(deploymentId);
		return running.length >= Math.max(1, wanted) && running.every(({ stamp, image }) => stamp === deploymentId && image.endsWith(digest));
	}

	#sight(): Sight {
		const running = this.runningTasks().map((task) => ({ stamp: stampOf(task), image: task.template.ContainerSpec.Image }));
		return { atMs: this.#world.clock.monotonic(), running, wanted: this.service?.spec.Mode.Replicated.Replicas ?? 1 };
	}

	#digestOf(deploymentId: string): string {
		return this.#folder.store.findDeployment(deploymentId)?.image?.digest ?? "none";
	}
}

export function stampOf({ template }: Pick<TaskRecord, "template">): string | undefined {
	return template.ContainerSpec.Labels?.[labels.deployment];
}

function applicationOf({ template }: TaskRecord): string | undefined {
	return template.ContainerSpec.Labels?.[labels.application];
}
