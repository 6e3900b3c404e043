// Describes a Swarm service and its tasks in the Docker Engine API's own words (API 1.41 and later).

/** The labels by which deploymill knows its own services and releases. */
export const labels = {
	application: "deploymill.application",
	/** Address hash of the repository: a service of the same name from another repository is not ours. */
	repository: "deploymill.repository",
	deployment: "deploymill.deployment",
	digest: "deploymill.digest",
	/** Which commit the release was made from, for a data folder that does not know it. */
	commit: "deploymill.commit",
	/** Space-separated hosts, so that conflicts are seen across data folders. */
	hosts: "deploymill.hosts",
	/** When the hosts became what they are, ISO 8601: an ingress takes a while to notice. */
	hostsSince: "deploymill.hosts-since",
	port: "deploymill.port",
} as const;

/** The release stamped on a service and its tasks. */
export interface Release {
	deploymentId: string;
	digest: string;
}

export interface Healthcheck {
	Test: string[];
	/** All four in nanoseconds. */
	Interval?: number;
	Timeout?: number;
	StartPeriod?: number;
	StartInterval?: number;
	Retries?: number;
}

export interface ServiceMount {
	Type: "volume";
	Source: string;
	Target: string;
	VolumeOptions?: { Labels?: Record<string, string> };
}

export interface UpdatePolicy {
	Parallelism: number;
	FailureAction: "rollback" | "pause" | "continue";
	/** Nanoseconds a task must live on after it began to run. */
	Monitor: number;
	MaxFailureRatio: number;
	Order: "start-first" | "stop-first";
}

export interface ServiceSpec {
	Name: string;
	Labels: Record<string, string>;
	TaskTemplate: {
		ContainerSpec: {
			Image: string;
			Labels: Record<string, string>;
			Env: string[];
			Mounts: ServiceMount[];
			Healthcheck?: Healthcheck;
			/** Nanoseconds between SIGTERM and SIGKILL. */
			StopGracePeriod?: number;
		};
		Resources: { Limits: { NanoCPUs?: number; MemoryBytes?: number } };
		RestartPolicy: { Condition: "any" | "on-failure" | "none"; Delay: number };
		Placement: { Constraints: string[] };
		Networks: { Target: string }[];
		/** Counter that makes Swarm replace tasks though nothing else changed. */
		ForceUpdate: number;
	};
	Mode: { Replicated: { Replicas: number } };
	UpdateConfig: UpdatePolicy;
	RollbackConfig: UpdatePolicy;
	EndpointSpec: { Mode: "vip" | "dnsrr" };
}

export interface UpdateStatus {
	state: "updating" | "paused" | "completed" | "rollback_started" | "rollback_paused" | "rollback_completed";
	startedAt?: string;
	completedAt?: string;
	message?: string;
}

/** A service as Swarm answers it. `spec` may hold fields that `ServiceSpec` does not name: keep them apart from what we own. */
export interface ObservedService {
	id: string;
	/** Swarm's version index; an update must name it, and is refused when it is no longer the newest. */
	version: number;
	spec: ServiceSpec;
	updateStatus?: UpdateStatus;
	/** When anything about it was last changed, ISO 8601; absent where nobody tells. */
	updatedAt?: string;
}

export type TaskState =
	| "new"
	| "allocated"
	| "pending"
	| "assigned"
	| "accepted"
	| "preparing"
	| "ready"
	| "starting"
	| "running"
	| "complete"
	| "shutdown"
	| "failed"
	| "rejected"
	| "remove"
	| "orphaned";

export interface ObservedTask {
	id: string;
	/** Replica number. */
	slot: number;
	nodeId?: string;
	/** Host name of the node, or its id where the name is not known. */
	node: string;
	/** Whether the node answers its manager. */
	nodeReady: boolean;
	desiredState: TaskState;
	state: TaskState;
	image: string;
	/** Release stamp of the container, absent on tasks that deploymill did not make. */
	release?: Release;
	containerId?: string;
	/** Its process was seen to end, whatever `state` still says. */
	containerEnded?: true;
	exitCode?: number;
	/** Swarm's own words on what went wrong. Untrusted. */
	error?: string;
	createdAt: string;
	/** When `state` was reached. */
	since: string;
}
