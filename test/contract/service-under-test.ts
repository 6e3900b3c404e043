// Drives one service through a contract's test: makes it, changes it, and looks at it until something is so.
import { labels, type ObservedService, type ObservedTask, type ServiceSpec, type UpdateStatus } from "../../src/model/service.ts";
import type { AppUnderTest, SwarmUnderTest } from "./swarm-under-test.ts";

/** What one look showed. */
export interface Seen {
	service: ObservedService;
	/** Newest first. */
	tasks: ObservedTask[];
}

export class ServiceUnderTest {
	readonly #test: SwarmUnderTest;
	readonly name: string;

	private constructor(test: SwarmUnderTest, name: string) {
		this.#test = test;
		this.name = name;
	}

	/** A service of release `r1` that takes failed updates back and starts ended tasks again; resolves when all of it runs. */
	static async start(test: SwarmUnderTest, suffix: string, change: (spec: ServiceSpec) => void = () => {}): Promise<ServiceUnderTest> {
		const service = new ServiceUnderTest(test, `${test.prefix}-${suffix}`);
		const spec = service.#release("r1", "steady");
		change(spec);
		await test.swarm.createService(spec, undefined);
		await service.untilRunning("r1", spec.Mode.Replicated.Replicas);
		return service;
	}

	/** Puts another release on it, in one update. */
	async release(name: string, app: AppUnderTest, change: (spec: ServiceSpec) => void = () => {}): Promise<void> {
		await this.edit((spec) => {
			const { TaskTemplate, Labels } = this.#release(name, app);
			Object.assign(spec, { TaskTemplate, Labels });
			change(spec);
		});
	}

	async edit(change: (spec: ServiceSpec) => void): Promise<void> {
		const { version, spec } = (await this.look()).service;
		change(spec);
		await this.#test.swarm.updateService(this.name, version, spec, undefined);
	}

	rollBack(): Promise<void> {
		return this.#test.rollBack(this.name);
	}

	async look(): Promise<Seen> {
		const service = await this.#test.swarm.inspectService(this.name);
		if (!service) throw new Error(`no service ${this.name}`);
		return { service, tasks: await this.#test.swarm.listTasks(this.name) };
	}

	until(isSo: (seen: Seen) => boolean): Promise<Seen> {
		return this.#test.until(() => this.look(), isSo);
	}

	/** All looks until it is so, the last one included. */
	async watch(isSo: (seen: Seen) => boolean): Promise<Seen[]> {
		const all: Seen[] = [];
		await this.until((seen) => {
			all.push(seen);
			return isSo(seen);
		});
		return all;
	}

	/** Waits until tasks of the release run and none of another does. */
	untilRunning(release: string, count = 1): Promise<Seen> {
		return this.until(({ tasks }) => {
			const running = tasks.filter(({ state }) => state === "running");
			return running.length === count && running.every((task) => releaseOf(task) === release);
		});
	}

	untilUpdate(...states: UpdateStatus["state"][]): Promise<Seen> {
		return this.until(isUpdate(...states));
	}

	#release(name: string, app: AppUnderTest): ServiceSpec {
		const spec = this.#test.spec(this.name, app);
		const stamp = { [labels.deployment]: name, [labels.digest]: "sha256:1" };
		spec.Labels = { ...spec.Labels, ...stamp };
		spec.TaskTemplate.ContainerSpec.Labels = stamp;
		spec.TaskTemplate.RestartPolicy = { Condition: "any", Delay: 1_000_000_000 };
		spec.UpdateConfig = { ...spec.UpdateConfig, FailureAction: "rollback" };
		return spec;
	}
}

export function releaseOf(task: ObservedTask): string | undefined {
	return task.release?.deploymentId;
}

export function isUpdate(...states: UpdateStatus["state"][]): (seen: Seen) => boolean {
	return ({ service }) => service.updateStatus !== undefined && states.includes(service.updateStatus.state);
}

export function tasksOf({ tasks }: Seen, release: string): ObservedTask[] {
	return tasks.filter((task) => releaseOf(task) === release);
}

export function runs({ state, desiredState }: ObservedTask): boolean {
	return state === "running" && desiredState === "running";
}
