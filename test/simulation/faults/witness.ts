// Watches what really happens in a world, beside what deploymill records: who ran, what was swapped, what was claimed and when.
import { isDeepStrictEqual } from "node:util";
import type { EndOfDeployment, Hold, Store } from "../../../src/engine/ports/store.ts";
import type { Deployment, RollbackPoint } from "../../../src/model/deployment.ts";
import { labels, type ServiceSpec } from "../../../src/model/service.ts";
import type { Change } from "../swarm/raft.ts";
import { isWanted, type ServiceRecord, type TaskRecord } from "../swarm/records.ts";
import type { DataFolder } from "../world/data-folder.ts";
import type { PortCall } from "../world/port-calls.ts";
import type { World } from "../world/world.ts";

/** A rule that was broken, and how. */
export interface Breach {
	rule: string;
	how: string;
}

export class Witness {
	readonly breaches: Breach[] = [];
	readonly #world: World;
	readonly #folder: DataFolder;
	/** Releases (by deployment id) of which a task ever ran. */
	readonly ran = new Set<string>();
	#change = Promise.withResolvers<void>();
	/** When it was written down of a release that it is not live. */
	readonly #deniedMs = new Map<string, number>();
	readonly #madeMs = new Map<string, number>();
	readonly #stamps = new Map<string, string | undefined>();
	/** Releases that a client put on a service while their deployments were under way. */
	readonly #swapped = new Set<string>();
	/** The last spec of each release. */
	readonly #specs = new Map<string, ServiceSpec>();

	constructor(world: World, folder: DataFolder) {
		this.#world = world;
		this.#folder = folder;
		world.cluster.raft.hear((change) => this.#hear(change));
	}

	/** Called with every call that was made, right after it. */
	saw({ name, args }: PortCall, outcome: object): void {
		if ("error" in outcome) return;
		if (/^store\.(?:finish|enter|begin|save|reopen)/.test(name)) this.#tellOfChange();
		if (name === "store.finishDeployments") this.#judgeEnds(args as Parameters<Store["finishDeployments"]>);
		if (name === "store.createRollbackPoint") this.#judgePoint(args as [Hold, RollbackPoint]);
		if (name === "store.beginRevert") this.#judgeRevert(args as Parameters<Store["beginRevert"]>);
		if (name === "store.markUnusable") this.#judgeGivenUp(args as [string, string]);
	}

	/** Looks whenever something was written into the record. Never resolves where it does not come to be so. */
	async until(isSo: () => boolean): Promise<void> {
		while (!isSo()) await this.#change.promise;
	}

	breach(rule: string, how: string): void {
		this.breaches.push({ rule, how });
	}

	/** Tasks that users may be answered by. */
	runningTasks(): TaskRecord[] {
		const { raft } = this.#world.cluster;
		return [...raft.tasks.values()].filter((task) => task.state === "running" && raft.nodes.get(task.nodeId ?? "")?.state !== "down");
	}

	/** What runs, in words. */
	get truth(): string {
		const running = this.runningTasks().map((task) => {
			return `${stampOf(task) ?? "unstamped"} ${task.template.ContainerSpec.Image.slice(-6)}${isWanted(task) ? "" : " (stopping)"}`;
		});
		return running.length > 0 ? running.join(", ") : "nothing";
	}

	/** Whether all that runs is of the release, and as much runs as is wanted. */
	runsAlone(deploymentId: string): boolean {
		const running = this.runningTasks();
		const service = [...this.#world.cluster.raft.services.values()][0];
		const wanted = service?.spec.Mode.Replicated.Replicas ?? 1;
		return running.length >= Math.max(1, wanted) && running.every((task) => this.isOf(task, deploymentId));
	}

	/** The stamp alone proves nothing: a hand that sets another image leaves it. */
	isOf(task: TaskRecord, deploymentId: string): boolean {
		return this.#isOf(task.template, deploymentId);
	}

	#isOf(template: TaskRecord["template"], deploymentId: string): boolean {
		const digest = this.#folder.store.findDeployment(deploymentId)?.image?.digest ?? "none";
		return template.ContainerSpec.Labels?.[labels.deployment] === deploymentId && template.ContainerSpec.Image.endsWith(digest);
	}

	#tellOfChange(): void {
		const told = this.#change;
		this.#change = Promise.withResolvers();
		told.resolve();
	}

	#hear(change: Change): void {
		if (change.kind === "task" && change.task.state === "running") this.#noteRun(change.task);
		if (change.kind === "service") this.#noteSwap(change.service);
		if (change.kind === "service removed") this.#stamps.delete(change.service.id);
	}

	#noteRun(task: TaskRecord): void {
		const release = stampOf(task) ?? "";
		const deniedMs = this.#deniedMs.get(release) ?? Number.POSITIVE_INFINITY;
		// A create that is late is refused by nothing: it is opened again when somebody looks.
		const isLateCreate = (this.#madeMs.get(task.serviceId) ?? 0) >= deniedMs;
		const isNew = isWanted(task) && task.createdAtMs >= deniedMs && this.isOf(task, release);
		if (isNew && !isLateCreate) this.breach("what is said not to be live does not come to run", `${release} was said not to be, and is`);
		this.ran.add(release);
	}

	#noteSwap({ id, spec, updateStatus }: ServiceRecord): void {
		const stamp = spec.Labels?.[labels.deployment];
		const isNew = this.#stamps.get(id) !== stamp;
		if (!this.#stamps.has(id)) this.#madeMs.set(id, this.#world.clock.now());
		this.#stamps.set(id, stamp);
		if (isNew && stamp !== undefined && updateStatus?.state !== "rollback_started") this.#judgeSwap(stamp, spec);
		if (stamp !== undefined) this.#specs.set(stamp, spec);
	}

	/** By a client, not by Swarm's own rollback: a release whose deployment is under way, or one that is put back as it was. */
	#judgeSwap(stamp: string, spec: ServiceSpec): void {
		if (this.#folder.store.findDeployment(stamp)?.status !== "running") {
			const before = this.#specs.get(stamp);
			const isAsBefore = before === undefined || isDeepStrictEqual(before, spec);
			if (!isAsBefore)
				this.breach("what is put back is what it was", `${stamp} was ${JSON.stringify(before)} and is ${JSON.stringify(spec)}`);
		} else if (this.#swapped.has(stamp)) this.breach("one swap a deployment", `${stamp} was put on the service twice`);
		else this.#swapped.add(stamp);
	}

	#judgeEnds([, ends]: Parameters<Store["finishDeployments"]>): void {
		const newest = (outcome: string) => ends.find(({ end }) => end.outcome === outcome);
		for (const { deploymentId, end } of ends) this.#judgeEnd(deploymentId, end);
		if (newest("rolled_back") && ends.length !== 2) this.breach("rolled back by a revert", "no revert ended with it");
	}

	#judgeEnd(deploymentId: string, { outcome, verdict, facts }: EndOfDeployment): void {
		if (facts?.rolledOver === false && outcome !== "unchanged") this.#judgeDenial(deploymentId, outcome);
		const claimsToRun = outcome === "live" || outcome === "live_unhealthy";
		if (claimsToRun && !this.runsAlone(deploymentId)) {
			this.breach("live means that it runs, alone", `${deploymentId} was called ${outcome} (${verdict}) while ${this.truth} ran`);
		}
		if (outcome !== "unchanged") return;
		const digest = this.#folder.store.findDeployment(deploymentId)?.image?.digest ?? "none";
		const others = this.runningTasks().filter(({ template }) => !template.ContainerSpec.Image.endsWith(digest));
		if (others.length > 0 || this.runningTasks().length === 0) {
			this.breach("unchanged means that it runs, alone", `${deploymentId} was called unchanged while ${this.truth} ran`);
		}
	}

	#judgeDenial(deploymentId: string, outcome: string): void {
		this.#deniedMs.set(deploymentId, this.#world.clock.now());
		const { raft } = this.#world.cluster;
		const isAskedFor = [...raft.services.values()].some(({ spec }) => this.#isOf(spec.TaskTemplate, deploymentId));
		const isWantedStill = [...raft.tasks.values()].some((task) => isWanted(task) && this.isOf(task, deploymentId));
		if (isAskedFor && isWantedStill) {
			this.breach("what is said not to be live is not", `${deploymentId} was called ${outcome}, and Swarm runs it`);
		}
	}

	#judgePoint([, { image }]: [Hold, RollbackPoint]): void {
		if (!this.#world.registry.has(image.reference)) this.breach("a point exists only after its push", image.reference);
	}

	#judgeRevert([, revert]: Parameters<Store["beginRevert"]>): void {
		const target = revert.facts.target?.deploymentId;
		const verdict = this.#folder.store.findDeployment(target ?? "")?.verdict;
		if (verdict === "unhealthy") this.breach("never reverted to an image judged unhealthy", `${revert.deploymentId} to ${target}`);
	}

	/** For the time being the only reasons to give a point up that is another's are these. */
	#judgeGivenUp([rollbackId, because]: [string, string]): void {
		if (/retention|registry no longer has/.test(because)) return;
		const point = this.#folder.store.findRollbackPoint(rollbackId);
		const owner: Deployment | undefined = point && this.#folder.store.findDeployment(point.deploymentId);
		if (owner?.rolledOver === true)
			this.breach("a usable point is kept", `${rollbackId} of ${owner.deploymentId} was given up: ${because}`);
	}
}

export function stampOf({ template }: TaskRecord): string | undefined {
	return template.ContainerSpec.Labels?.[labels.deployment];
}
