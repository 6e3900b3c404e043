// Declares what the engine needs of Docker Swarm. Every method states what its caller may rely on.
import type { FailedTask } from "../../model/deployment.ts";
import type { ObservedService, ObservedTask, ServiceSpec } from "../../model/service.ts";

/** Credentials sent with a service update, so that every node can pull. */
export interface RegistryCredentials {
	username: string;
	password: string;
	serverAddress: string;
	/** In place of the password, where `docker login` was handed one. */
	identityToken?: string;
}

/** What a service's specification is written for. */
export interface SpecFacts {
	/** Id of the overlay network shared with the ingress: Swarm answers ids where names were asked for. */
	networkId: string;
	/** Version of the Engine API, e.g. `1.51`. */
	apiVersion: string;
}

export interface SwarmFacts extends SpecFacts {
	/** Node that the Docker endpoint is on: images built there are there. */
	localNodeId: string;
}

/** Thrown by `updateService` when the service changed since it was observed; nothing was changed. */
export class ServiceChanged extends Error {
	override name = "ServiceChanged";
}

export interface Swarm {
	/**
	 * Checks that the endpoint answers, is a manager, and has the attachable overlay network.
	 * @throws docker_unreachable, swarm_not_ready
	 */
	facts(): Promise<SwarmFacts>;
	/**
	 * Of the facts, what a specification needs. Asked right before a swap: whether the endpoint is a manager takes an engine
	 * some milliseconds to say, and shows in any question about services.
	 * @throws docker_unreachable, swarm_not_ready where there is no such network
	 */
	specFacts(): Promise<SpecFacts>;
	/** The service of exactly this name, as Swarm holds it now; undefined where there is none. */
	inspectService(serviceName: string): Promise<ObservedService | undefined>;
	/**
	 * All services that carry this label key; without one all services of the Swarm, whoever made them: their specs may lack
	 * what ours always have (labels, a container). One request, whatever their number.
	 */
	listServices(labelKey?: string): Promise<ObservedService[]>;
	/** Creates the service. Returns when Swarm accepted it, not when it runs. */
	createService(spec: ServiceSpec, credentials: RegistryCredentials | undefined): Promise<void>;
	/**
	 * One update from exactly `version` to `spec`. Returns when Swarm accepted it, not when it rolled over.
	 * @throws ServiceChanged when another update came first
	 */
	updateService(serviceName: string, version: number, spec: ServiceSpec, credentials: RegistryCredentials | undefined): Promise<void>;
	/** Removes the service of this id; fine where it is gone already. One of the same name that was made since stays. */
	removeService(serviceId: string): Promise<void>;
	/** All tasks of the service that Swarm still remembers, newest first. */
	listTasks(serviceName: string): Promise<ObservedTask[]>;
	/**
	 * Resolves when something about the service, its tasks or their containers may have changed, or after `timeoutMs`
	 * at the latest. A hint to look again, never the news itself: polling is the ground truth.
	 */
	waitForChange(serviceName: string, timeoutMs: number, signal?: AbortSignal): Promise<void>;
	/** What a task that failed left behind: exit code, health log, last output. Fenced, cut and masked. Best effort, never throws. */
	lastWords(task: ObservedTask): Promise<FailedTask>;
	/**
	 * What the task's own container health check says: `starting`, `healthy`, `unhealthy`. Undefined where there is none, and
	 * where the container is on another node than the endpoint's: only that node's engine knows.
	 */
	containerHealth(task: ObservedTask): Promise<string | undefined>;
	/** The volume of this name on the endpoint's node, with its labels; undefined where there is none. */
	inspectVolume(volumeName: string): Promise<{ labels: Record<string, string> } | undefined>;
}
