// Answers one client as a manager of the model Swarm does: the Swarm port on the virtual clock.
import { EngineError } from "../../../src/adapters/docker/faults.ts";
import { type RegistryCredentials, ServiceChanged, type SpecFacts, type Swarm, type SwarmFacts } from "../../../src/engine/ports/swarm.ts";
import { DeploymillError } from "../../../src/errors.ts";
import type { FailedTask } from "../../../src/model/deployment.ts";
import type { ObservedService, ObservedTask, ServiceSpec } from "../../../src/model/service.ts";
import { Changes } from "./changes.ts";
import type { Cluster } from "./cluster.ts";
import { observeService, observeTasks } from "./observed.ts";
import type { Client, Raft } from "./raft.ts";
import type { ServiceRecord } from "./records.ts";
import { storedSpec } from "./stored-spec.ts";
import { isoTime } from "./update-status.ts";

export class ModelSwarm implements Swarm {
	readonly #cluster: Cluster;
	readonly #raft: Raft;
	readonly #changes: Changes;
	readonly #client: Client;

	constructor(cluster: Cluster, client: Client = { name: "a client" }) {
		this.#cluster = cluster;
		this.#client = client;
		this.#raft = cluster.raft;
		this.#changes = new Changes(cluster.clock, cluster.raft);
	}

	async facts(): Promise<SwarmFacts> {
		return { localNodeId: this.#cluster.localAgent.node.id, ...(await this.specFacts()) };
	}

	async specFacts(): Promise<SpecFacts> {
		this.#ensureReady();
		return { networkId: "modelnetwork", apiVersion: "1.51" };
	}

	async inspectService(serviceName: string): Promise<ObservedService | undefined> {
		this.#ensureReady();
		const service = this.#raft.serviceNamed(serviceName);
		return service && observeService(service);
	}

	async listServices(labelKey?: string): Promise<ObservedService[]> {
		this.#ensureReady();
		const carries = ({ spec }: ServiceRecord) => labelKey === undefined || spec.Labels?.[labelKey] !== undefined;
		return [...this.#raft.services.values()].filter(carries).map(observeService);
	}

	async createService(spec: ServiceSpec, credentials: RegistryCredentials | undefined): Promise<void> {
		this.#ensureReady();
		if (this.#raft.serviceNamed(spec.Name))
			throw new ServiceChanged(`name conflicts with an existing object: service ${spec.Name} already exists`);
		const made = { id: this.#raft.newId(), version: 0, spec: storedSpec(spec), specVersion: 0 };
		this.#raft.put({ ...made, ...(credentials ? { credentials } : {}) }, this.#client);
	}

	/** Without credentials the service keeps those it has. */
	async updateService(
		serviceName: string,
		version: number,
		spec: ServiceSpec,
		credentials: RegistryCredentials | undefined,
	): Promise<void> {
		const { updateStatus: _reset, ...service } = this.#serviceAt(serviceName, version);
		const kept = credentials ?? service.credentials;
		const put = { ...service, spec: storedSpec(spec), specVersion: service.version };
		const previous = { spec: service.spec, specVersion: service.specVersion };
		this.#raft.put({ ...put, previous, ...(kept ? { credentials: kept } : {}) }, this.#client);
	}

	/** As `docker service rollback` does: not in the port, because deploymill never asks for it. */
	async rollBack(serviceName: string, version: number): Promise<void> {
		const service = this.#serviceAt(serviceName, version);
		const { previous, spec, specVersion } = service;
		if (!previous) throw new EngineError(400, `service ${service.id} does not have a previous spec`);
		const updateStatus = { state: "rollback_started", startedAt: isoTime(this.#raft), message: "manually requested rollback" } as const;
		this.#raft.put({ ...service, ...previous, previous: { spec, specVersion }, updateStatus }, this.#client);
	}

	async removeService(serviceId: string): Promise<void> {
		this.#ensureReady();
		const service = this.#raft.services.get(serviceId);
		if (service) this.#raft.remove(service, this.#client);
	}

	async listTasks(serviceName: string): Promise<ObservedTask[]> {
		this.#ensureReady();
		const service = this.#raft.serviceNamed(serviceName);
		return service ? observeTasks(this.#cluster, service.id) : [];
	}

	waitForChange(serviceName: string, timeoutMs: number, signal?: AbortSignal): Promise<void> {
		return this.#changes.wait(serviceName, timeoutMs, signal);
	}

	async lastWords(task: ObservedTask): Promise<FailedTask> {
		return {
			taskId: task.id,
			node: task.node,
			state: task.state,
			...(task.exitCode === undefined ? {} : { exitCode: task.exitCode }),
			...(task.error === undefined ? {} : { error: task.error }),
			...(task.containerId === undefined ? {} : { output: `the last lines of ${task.id}` }),
			...(/\bunhealthy container\b/.test(task.error ?? "") ? { unhealthy: true as const } : {}),
		};
	}

	async containerHealth(task: ObservedTask): Promise<string | undefined> {
		this.#ensureReady();
		const health = this.#cluster.localAgent.containerOf(task.id)?.health;
		return health === "none" ? undefined : health;
	}

	async inspectVolume(volumeName: string): Promise<{ labels: Record<string, string> } | undefined> {
		this.#ensureReady();
		const labels = this.#cluster.volumes.get(volumeName);
		return labels && { labels };
	}

	#serviceAt(serviceName: string, version: number): ServiceRecord {
		this.#ensureReady();
		const service = this.#raft.serviceNamed(serviceName);
		if (!service) throw new EngineError(404, `service ${serviceName} not found`);
		if (service.version !== version) throw new ServiceChanged("update out of sequence");
		return service;
	}

	#ensureReady(): void {
		if (this.#cluster.state === "away") throw new DeploymillError("docker_unreachable", "Docker is not reachable: nothing listens there.");
		if (this.#cluster.state === "ready") return;
		throw new DeploymillError("swarm_not_ready", "The swarm cannot be worked with now: The swarm does not have a leader.", {
			retryable: true,
		});
	}
}
