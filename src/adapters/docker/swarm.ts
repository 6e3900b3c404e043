// Implements the Swarm port on a real Docker Swarm: one Engine API call per method.
import type { Logger } from "pino";
import type { RuntimeLog, RuntimeLogSelection } from "../../engine/ports/runtime-logs.ts";
import { type RegistryCredentials, ServiceChanged, type SpecFacts, type Swarm, type SwarmFacts } from "../../engine/ports/swarm.ts";
import { DeploymillError } from "../../errors.ts";
import type { FailedTask } from "../../model/deployment.ts";
import type { ObservedService, ObservedTask, ServiceSpec } from "../../model/service.ts";
import type { Untrusted } from "../../untrusted.ts";
import { ChangeEvents } from "./changes.ts";
import type { DockerClient, EngineRequest } from "./client.ts";
import { asNoAnswer, isEngineError } from "./faults.ts";
import { readContainerHealth, readLastWords } from "./last-words.ts";
import { Nodes } from "./nodes.ts";
import { registryAuth } from "./registry-auth.ts";
import { readServiceLogs } from "./service-logs.ts";
import { observeService, type RawService } from "./services.ts";
import { readFacts, readSpecFacts } from "./swarm-facts.ts";
import { envValuesOf, observeTasks, type RawNode, type RawTask } from "./tasks.ts";

export class DockerSwarm implements Swarm {
	readonly #client: DockerClient;
	readonly #networkName: string;
	readonly #changes: ChangeEvents;
	readonly #nodes = new Nodes(() => this.#list<RawNode>("/nodes"));

	/** `networkName`: the attachable overlay network that `facts` asks for. */
	constructor(client: DockerClient, networkName: string, log: Logger) {
		this.#client = client;
		this.#networkName = networkName;
		this.#changes = new ChangeEvents(client, log);
	}

	async facts(): Promise<SwarmFacts> {
		return swarmAnswer(() => readFacts(this.#client, this.#networkName));
	}

	async specFacts(): Promise<SpecFacts> {
		return swarmAnswer(() => readSpecFacts(this.#client, this.#networkName));
	}

	async inspectService(serviceName: string): Promise<ObservedService | undefined> {
		// The path /services/NAME would take the beginning of an id as well; the filter takes the beginning of a name.
		const found = await this.#list<RawService>("/services", { name: [serviceName] });
		const exact = found.find((service) => service.Spec.Name === serviceName);
		return exact && observeService(exact);
	}

	async listServices(labelKey?: string): Promise<ObservedService[]> {
		const found = await this.#list<RawService>("/services", labelKey === undefined ? {} : { label: [labelKey] });
		return found.map(observeService);
	}

	async createService(spec: ServiceSpec, credentials: RegistryCredentials | undefined): Promise<void> {
		await this.#change({ path: "/services/create", options: { ...spec }, ...registryAuth(credentials) });
	}

	async updateService(
		serviceName: string,
		version: number,
		spec: ServiceSpec,
		credentials: RegistryCredentials | undefined,
	): Promise<void> {
		const path = `/services/${encodeURIComponent(serviceName)}/update?`;
		// Without credentials Swarm would forget those it has, and nodes could pull no more.
		const query = credentials ? { version } : { version, registryAuthFrom: "spec" };
		await this.#change({ path, options: { _query: query, _body: spec }, ...registryAuth(credentials) });
	}

	async removeService(serviceId: string): Promise<void> {
		await this.#unlessGone(this.#client.request({ path: `/services/${encodeURIComponent(serviceId)}`, method: "DELETE" }));
	}

	async listTasks(serviceName: string): Promise<ObservedTask[]> {
		const tasks = this.#unlessGone(this.#list<RawTask>("/tasks", { service: [serviceName] }));
		const nodes = await this.#nodes.of(tasks);
		return observeTasks((await tasks) ?? [], nodes).map((task) => this.#asHeard(task));
	}

	#asHeard(task: ObservedTask): ObservedTask {
		const { containerId } = task;
		return containerId !== undefined && this.#changes.hasEnded(containerId) ? { ...task, containerEnded: true } : task;
	}

	waitForChange(serviceName: string, timeoutMs: number, signal?: AbortSignal): Promise<void> {
		return this.#changes.wait(serviceName, timeoutMs, signal);
	}

	lastWords(task: ObservedTask): Promise<FailedTask> {
		return readLastWords(this.#client, task);
	}

	containerHealth(task: ObservedTask): Promise<string | undefined> {
		return readContainerHealth(this.#client, task);
	}

	async inspectVolume(volumeName: string): Promise<{ labels: Record<string, string> } | undefined> {
		const path = `/volumes/${encodeURIComponent(volumeName)}`;
		const volume = await this.#unlessGone(this.#client.request<{ Labels?: Record<string, string> | null }>({ path, method: "GET" }));
		return volume && { labels: volume.Labels ?? {} };
	}

	/** As the port RuntimeLogs says. @throws docker_unreachable */
	async readServiceLogs(serviceName: string, selection: RuntimeLogSelection, signal?: AbortSignal): Promise<RuntimeLog> {
		const [raw, nodes] = await Promise.all([
			this.#unlessGone(this.#list<RawTask>("/tasks", { service: [serviceName] })),
			this.#list<RawNode>("/nodes"),
		]);
		// A variable may have been changed or unset since a task was given it; the task prints what it has.
		for (const value of (raw ?? []).flatMap(envValuesOf)) this.#client.untrusted.hide(value);
		const { deploymentId } = selection;
		const tasks = observeTasks(raw ?? [], nodes);
		const wanted = deploymentId === undefined ? tasks : tasks.filter(({ release }) => release?.deploymentId === deploymentId);
		return readServiceLogs(this.#client, wanted, selection, signal);
	}

	/** Ends the event stream and all who wait. The client is its maker's to close. */
	close(): void {
		this.#changes.close();
	}

	async #list<T>(path: string, filters: Record<string, string[]> = {}): Promise<T[]> {
		const options = { filters: JSON.stringify(filters) };
		return swarmAnswer(() => this.#client.request<T[]>({ path: `${path}?`, method: "GET", options }));
	}

	async #change(request: Omit<EngineRequest, "method">): Promise<void> {
		try {
			await this.#client.request({ ...request, method: "POST" });
		} catch (error) {
			throw asChangeFault(error, this.#client.untrusted);
		}
	}

	async #unlessGone<T>(answer: Promise<T>): Promise<T | undefined> {
		try {
			return await answer;
		} catch (error) {
			if (isEngineError(error, 404)) return undefined;
			throw asSwarmFault(error);
		}
	}
}

async function swarmAnswer<T>(ask: () => Promise<T>): Promise<T> {
	try {
		return await ask();
	} catch (error) {
		throw asSwarmFault(error);
	}
}

/** What a change's error says of it: overtaken, refused for good, or not known. */
function asChangeFault(error: unknown, untrusted: Untrusted): unknown {
	if (!isEngineError(error)) return error;
	if (overtaken.test(error.said)) return new ServiceChanged(error.message, { cause: error });
	// What is gone is no refusal of the specification: whoever asked looks again, and sees it.
	if (error.statusCode >= 500 || error.statusCode === 404) return asSwarmFault(error);
	return new DeploymillError("rollout_failed", `Swarm refused the service's specification (${error.statusCode}). Nothing was changed.`, {
		details: { refusal: untrusted.fence("docker", error.said) },
		cause: error,
	});
}

/** Another update came first, or another create took the name first. */
const overtaken = /update out of sequence|name conflicts with an existing object/;

/** Managers answer 503 when they are none (any more), or have no leader. Of a change that got another 5xx nobody knows whether it was made. */
function asSwarmFault(error: unknown): unknown {
	if (!isEngineError(error, 503)) return asNoAnswer(error);
	return new DeploymillError("swarm_not_ready", `The swarm cannot be worked with now: ${error.said}`, {
		retryable: true,
		hint: "Check with `docker node ls` on a manager that the swarm has a leader and the endpoint is a manager.",
		cause: error,
	});
}
