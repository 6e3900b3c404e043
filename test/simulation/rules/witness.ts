// Watches what really happens in a world, beside what one data folder records of one application, and tells which rule is broken.
import { type EndOfDeployment, type Hold, LockLost, type Store } from "../../../src/engine/ports/store.ts";
import type { RollbackPoint } from "../../../src/model/deployment.ts";
import { isWanted } from "../swarm/records.ts";
import type { DataFolder } from "../world/data-folder.ts";
import type { PortCall } from "../world/port-calls.ts";
import type { World } from "../world/world.ts";
import type { Breach, TellBreach } from "./breach.ts";
import { Changes } from "./changes.ts";
import { overclaimed } from "./ends.ts";
import { judgeProbations } from "./probations.ts";
import { Truth } from "./truth.ts";

type Ends = Parameters<Store["finishDeployments"]>[1];

export class Witness {
	readonly breaches: Breach[] = [];
	readonly world: World;
	readonly folder: DataFolder;
	readonly truth: Truth;
	readonly changes: Changes;
	/** How often something was written into the record. */
	written = 0;
	#change = Promise.withResolvers<void>();
	/** Deployments that ended and were not opened again. */
	readonly #over = new Set<string>();

	constructor(world: World, folder: DataFolder, applicationId = "hello") {
		this.world = world;
		this.folder = folder;
		const tell: TellBreach = (rule, how) => this.breach(rule, how);
		this.truth = new Truth(world, folder, applicationId);
		this.changes = new Changes(world, folder, this.truth, tell);
		world.cluster.raft.hear((change) => {
			if (change.kind === "task created") this.changes.noteTask(change.task);
		});
		judgeProbations(world, folder, tell);
	}

	/** Called with every call that was made from this data folder, right after it. */
	saw(call: PortCall, outcome: object): void {
		if ("error" in outcome) return;
		const { name, args, process } = call;
		this.truth.saw(call);
		if (/^store\.(?:finish|enter|begin|save|reopen)/.test(name)) this.#tellOfChange();
		if (/^store\.reopen/.test(name)) this.#over.delete(String(args[0]));
		if (name === "store.reopenDeployment") this.changes.takeUp(String(args[0]));
		if (name === "store.finishDeployments") this.#judgeEnds(process, args[1] as Ends);
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

	/** What a client's call was refused with: anything may be, but by a fault of the code, or by a lost lock, which is for workers. */
	judgeRefusal(error: unknown): void {
		if (error instanceof TypeError || error instanceof RangeError || error instanceof LockLost)
			this.breach("no fault of the code", error.stack ?? error.message);
	}

	#tellOfChange(): void {
		this.written++;
		const told = this.#change;
		this.#change = Promise.withResolvers();
		told.resolve();
	}

	#judgeEnds(process: string, ends: Ends): void {
		for (const { deploymentId, end } of ends) {
			if (this.#over.has(deploymentId)) this.breach("two workers never pass the same gate", `${deploymentId} ended twice`);
			this.#over.add(deploymentId);
			this.#judgeEnd(process, deploymentId, end);
		}
		const isRolledBack = ends.some(({ end }) => end.outcome === "rolled_back");
		if (isRolledBack && ends.length !== 2) this.breach("rolled back by a revert", "no revert ended with it");
	}

	#judgeEnd(process: string, deploymentId: string, end: EndOfDeployment): void {
		const { outcome, verdict, facts } = end;
		const deployment = this.folder.store.findDeployment(deploymentId);
		const { distrusted, undoing, image } = deployment ?? {};
		const claimed = deployment && overclaimed(deployment, end);
		if (claimed) this.breach("an end claims no more than its outcome may", `${deploymentId}: ${claimed}`);
		if (facts?.rolledOver === false && outcome !== "unchanged") this.#judgeDenial(process, deploymentId, outcome);
		if (undoing?.takenOver && !this.changes.wereOthersThere) this.breach("nobody is blamed who was not there", deploymentId);
		// Tasks of what went bad in its bake may keep ending: then no other runs.
		const mayKeepEnding = distrusted !== undefined && outcome === "live_unhealthy" && this.truth.nothingElseRuns(deploymentId);
		const isSeen: Partial<Record<typeof outcome, () => boolean>> = {
			live: () => this.truth.wasSeenAlone(process, deploymentId),
			live_unhealthy: () => mayKeepEnding || this.truth.wasSeenAlone(process, deploymentId),
			unchanged: () => this.truth.wasSeenOnly(process, image?.digest ?? "none"),
		};
		const rule = `${outcome === "unchanged" ? "unchanged" : "live"} means that it runs, alone`;
		if (isSeen[outcome]?.() === false)
			this.breach(rule, `${deploymentId} was called ${outcome} (${verdict}) while ${this.truth.words} ran`);
	}

	#judgeDenial(process: string, deploymentId: string, outcome: string): void {
		const { raft } = this.world.cluster;
		const { service } = this.truth;
		const isAskedFor = service !== undefined && this.truth.isOf({ template: service.spec.TaskTemplate }, deploymentId);
		const isWantedStill = [...raft.tasks.values()].some((task) => isWanted(task) && this.truth.isOf(task, deploymentId));
		const isPutSince = this.changes.notByUsMs >= this.truth.lastLookMs(process);
		// What was put there since its process looked is opened again by the next look.
		if (isAskedFor && isPutSince) return;
		this.changes.deny(deploymentId);
		if (isAskedFor && isWantedStill) {
			this.breach("what is said not to be live is not", `${deploymentId} was called ${outcome}, and Swarm runs it`);
		}
	}

	#judgePoint([, { image }]: [Hold, RollbackPoint]): void {
		if (!this.world.registry.everHad(image.reference)) this.breach("a point exists only after its push", image.reference);
	}

	#judgeRevert([, revert]: Parameters<Store["beginRevert"]>): void {
		const { store } = this.folder;
		const target = revert.facts.target?.deploymentId;
		const verdict = store.findDeployment(target ?? "")?.verdict;
		if (verdict === "unhealthy") this.breach("never reverted to an image judged unhealthy", `${revert.deploymentId} to ${target}`);
		const { causedBy } = revert.facts;
		const others = store.listDeployments(revert.applicationId, 100).filter((one) => one.causedBy === causedBy);
		if (others.length > 1) this.breach("one revert a deployment", `${causedBy} has ${others.length}`);
	}

	/** Whoever finds it: retention, or that the registry has lost it. */
	#judgeGivenUp([rollbackId, because]: [string, string]): void {
		const point = this.folder.store.findRollbackPoint(rollbackId);
		if (!point || /retention/.test(because)) return;
		const isLost = /registry no longer has/.test(because) && this.world.registry.everLost(point.image.reference);
		if (!isLost) this.breach("a usable point is kept", `${rollbackId} of ${point.deploymentId} was given up: ${because}`);
	}
}
