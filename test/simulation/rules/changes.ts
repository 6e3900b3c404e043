// Judges every change of an application's service: what is put there once, put back as it was, and never over somebody else's.
import { isDeepStrictEqual } from "node:util";
import type { Deployment } from "../../../src/model/deployment.ts";
import { labels, type ServiceSpec } from "../../../src/model/service.ts";
import type { Change, Client } from "../swarm/raft.ts";
import type { ServiceRecord, TaskRecord } from "../swarm/records.ts";
import type { DataFolder } from "../world/data-folder.ts";
import type { World } from "../world/world.ts";
import type { TellBreach } from "./breach.ts";
import { stampOf, type Truth } from "./truth.ts";

/** The service as it was, and since when what runs there is somebody else's doing. */
interface Known {
	service: ServiceRecord;
	madeMs: number;
	/** When somebody else last changed what is to run; -1: it is this data folder's. */
	otherRevisionMs: number;
	/** When somebody else scaled it to zero; -1: it is not, or that is this data folder's. */
	emptiedMs: number;
	/** The same, also where Swarm went back from that. */
	notByUsMs: number;
}

export class Changes {
	readonly #world: World;
	readonly #folder: DataFolder;
	readonly #truth: Truth;
	readonly #tell: TellBreach;
	readonly #known = new Map<string, Known>();
	/** When it was written down of a release that it is not live. */
	readonly #deniedMs = new Map<string, number>();
	/** Releases that were put on a service while their deployments were under way. */
	readonly #swapped = new Set<string>();
	/** The last spec of each release. */
	readonly #specs = new Map<string, ServiceSpec>();
	/** When each task was made, in monotonic time: the wall clock that tasks are dated by may jump. */
	readonly #createdMs = new Map<string, number>();
	/** When the service was removed by somebody else. */
	#removedMs = -1;
	/** Anybody else ever changed the service, or Swarm did. */
	wereOthersThere = false;

	constructor(world: World, folder: DataFolder, truth: Truth, tell: TellBreach) {
		this.#world = world;
		this.#folder = folder;
		this.#truth = truth;
		this.#tell = tell;
		world.cluster.raft.hear((change) => this.#hear(change));
	}

	/** From now on it must not come to run. */
	deny(deploymentId: string): void {
		this.#deniedMs.set(deploymentId, this.#world.clock.monotonic());
	}

	/** A release that somebody else brought back is deploymill's again from the moment when it is opened for its gate. */
	takeUp(deploymentId: string): void {
		const { service } = this.#truth;
		const known = service && this.#known.get(service.id);
		if (known && this.#truth.isOf({ template: service.spec.TaskTemplate }, deploymentId)) known.otherRevisionMs = -1;
	}

	/** When what is to run was last changed by anybody but this data folder's processes; -1: never. */
	get notByUsMs(): number {
		const { service } = this.#truth;
		return Math.max(this.#removedMs, service ? (this.#known.get(service.id)?.notByUsMs ?? -1) : -1);
	}

	/** When somebody else last changed what is to run, the removal included; -1: it is this data folder's. */
	get foreignMs(): number {
		const { service } = this.#truth;
		const known = service && this.#known.get(service.id);
		return Math.max(this.#removedMs, known ? foreignMsOf(known) : -1);
	}

	#hear(change: Change): void {
		if (change.kind === "task" && change.task.state === "running") this.#judgeRun(change.task);
		if (change.kind === "service" && change.service.spec.Name === this.#truth.applicationId) this.#judgeChange(change.service, change.by);
		if (change.kind === "service removed" && change.service.spec.Name === this.#truth.applicationId) this.#judgeRemoval(change);
	}

	#judgeRun(task: TaskRecord): void {
		const release = stampOf(task) ?? "";
		const deniedMs = this.#deniedMs.get(release) ?? Number.POSITIVE_INFINITY;
		const { madeMs = 0, notByUsMs = -1 } = this.#known.get(task.serviceId) ?? {};
		// A create that is late is refused by nothing: it is opened again when somebody looks. So is what a hand puts there.
		const isOpenedAgain = madeMs >= deniedMs || notByUsMs >= deniedMs;
		const isNew = task.desiredState === "running" && (this.#createdMs.get(task.id) ?? 0) >= deniedMs && this.#truth.isOf(task, release);
		if (isNew && !isOpenedAgain) this.#tell("what is said not to be live does not come to run", `${release} was said not to be, and is`);
	}

	noteTask({ id }: TaskRecord): void {
		this.#createdMs.set(id, this.#world.clock.monotonic());
	}

	#judgeChange(service: ServiceRecord, by: Client | undefined): void {
		const before = this.#known.get(service.id);
		const stamp = service.spec.Labels?.[labels.deployment];
		const isByUs = by?.home === this.#folder;
		if (!isByUs && before && (by !== undefined || revisionIn(before.service) !== revisionIn(service))) this.wereOthersThere = true;
		this.#known.set(service.id, { ...this.#sinceWhen(service, by, before), service: structuredClone(service) });
		const isNew = before?.service.spec.Labels?.[labels.deployment] !== stamp;
		if (isNew && stamp !== undefined && isByUs) this.#judgePut(stamp, service.spec, before);
		if (stamp !== undefined) this.#specs.set(stamp, service.spec);
	}

	#sinceWhen(service: ServiceRecord, by: Client | undefined, before: Known | undefined): Omit<Known, "service"> {
		const now = this.#world.clock.monotonic();
		const isByUs = by?.home === this.#folder;
		const { madeMs, otherRevisionMs, notByUsMs } = before ?? { madeMs: now, otherRevisionMs: -1, notByUsMs: -1 };
		const isSame = before !== undefined && revisionIn(before.service) === revisionIn(service);
		const isLeftAsItWas = isSame && isEmpty(before.service) === isEmpty(service);
		return {
			madeMs,
			otherRevisionMs: isSame ? otherRevisionMs : this.#isOurs(service, by) ? -1 : now,
			emptiedMs: emptiedMs(service, before, isByUs ? -1 : now),
			notByUsMs: isLeftAsItWas || isByUs ? notByUsMs : now,
		};
	}

	/** Swarm itself goes back from what did not come up: that may have been somebody else's. */
	#isOurs({ spec: { TaskTemplate: template } }: ServiceRecord, by: Client | undefined): boolean {
		return by ? by.home === this.#folder : this.#truth.isOf({ template }, stampOf({ template }) ?? "");
	}

	/** A release whose deployment is under way, or one that is put back as it was. */
	#judgePut(stamp: string, spec: ServiceSpec, before: Known | undefined): void {
		const deployment = this.#folder.store.findDeployment(stamp);
		if (before && (deployment?.status !== "running" || deployment.kind === "auto_rollback")) this.#judgeTakenOff(stamp, deployment, before);
		// Also where a revert of it did not come up.
		if (deployment?.status !== "running" || deployment.autoRollback?.deploymentId !== undefined) {
			const was = this.#specs.get(stamp);
			if (was !== undefined && !isDeepStrictEqual(was, spec))
				this.#tell("what is put back is what it was", `${stamp} was ${JSON.stringify(was)} and is ${JSON.stringify(spec)}`);
		} else if (this.#swapped.has(stamp)) this.#tell("one swap a deployment", `${stamp} was put on the service twice`);
		else this.#swapped.add(stamp);
	}

	/** Whoever goes back takes off what deploymill itself had put there, as it was, and nothing else. */
	#judgeTakenOff(stamp: string, deployment: Deployment | undefined, known: Known): void {
		const { service } = known;
		const off = stampOf({ template: service.spec.TaskTemplate }) ?? "";
		const what = `${stamp}${deployment ? ` (${deployment.kind})` : ""} was put over ${off}`;
		const rule = "what somebody else put there is never taken back";
		if (foreignMsOf(known) >= 0) this.#tell(rule, `${what}, which somebody else had changed`);
		else if (!this.#truth.isOf({ template: service.spec.TaskTemplate }, off)) this.#tell(rule, `${what}, which is not of this data folder`);
	}

	/** Only the deployment that made a service takes it away again. */
	#judgeRemoval({ service, by }: Extract<Change, { service: ServiceRecord }>): void {
		this.#known.delete(service.id);
		const isByUs = by?.home === this.#folder;
		if (!isByUs) this.wereOthersThere = true;
		this.#removedMs = isByUs ? -1 : this.#world.clock.monotonic();
		const off = stampOf({ template: service.spec.TaskTemplate }) ?? "";
		if (isByUs && !by.name.endsWith(` ${off}`))
			this.#tell("what somebody else put there is never taken back", `${by.name} removed the service while it had ${off}`);
	}
}

/** Another image, another stamp. A label, or one replica more, leaves a release what it is. */
function revisionIn({ spec: { TaskTemplate } }: ServiceRecord): string {
	return `${TaskTemplate.ContainerSpec.Image} ${stampOf({ template: TaskTemplate })}`;
}

function isEmpty({ spec }: ServiceRecord): boolean {
	return spec.Mode.Replicated.Replicas === 0;
}

function emptiedMs(service: ServiceRecord, before: Known | undefined, now: number): number {
	if (!isEmpty(service)) return -1;
	return before && isEmpty(before.service) ? before.emptiedMs : now;
}

function foreignMsOf({ otherRevisionMs, emptiedMs }: Known): number {
	return Math.max(otherRevisionMs, emptiedMs);
}
