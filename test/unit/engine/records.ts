// Makes the records of the engine's tests: whole and valid, with what a test is about laid over them.
import type { Application, ApplicationConfig } from "../../../src/model/application.ts";
import type { Deployment, RollbackPoint } from "../../../src/model/deployment.ts";
import { repositoryHash } from "../../../src/model/repository.ts";
import { labels, type ObservedService, type ObservedTask, type ServiceSpec, type UpdateStatus } from "../../../src/model/service.ts";

export const digestOf = (letter: string) => `sha256:${letter.repeat(64)}`;
export const imageOf = (letter: string) => ({ reference: `registry:5000/hello@${digestOf(letter)}`, digest: digestOf(letter) });

export function config(over: Partial<ApplicationConfig> = {}): ApplicationConfig {
	return {
		name: "Hello",
		workload: "web",
		port: 8080,
		domains: ["hello.example.com"],
		rollback: { enabled: true, auto: false },
		health: { path: "/healthz", retries: 3, intervalMs: 3000, timeoutMs: 5000 },
		healthDeclared: false,
		mounts: [],
		resources: {},
		replicas: 1,
		build: { dockerfile: "Dockerfile", context: ".", args: {} },
		migrations: [],
		...over,
	};
}

export function application(over: Partial<ApplicationConfig> = {}): Application {
	return {
		applicationId: "hello",
		repoUrl: "https://git.example.com/hello.git",
		repository: repositoryHash("https://git.example.com/hello.git"),
		config: config(over),
		configCommit: "c0ffee",
		createdAt: "2026-01-01T00:00:00.000Z",
	};
}

export function deployment(over: Partial<Deployment> = {}): Deployment {
	return {
		deploymentId: "dep-1",
		applicationId: "hello",
		sequence: 1,
		kind: "deploy",
		status: "done",
		phase: "finished",
		outcome: "live",
		verdict: "healthy",
		rolledOver: true,
		request: {},
		requestedBy: "a test",
		startedAt: "2026-01-01T00:00:00.000Z",
		finishedAt: "2026-01-01T00:00:10.000Z",
		phases: [],
		phaseStartedAt: "2026-01-01T00:00:00.000Z",
		...over,
	};
}

export function point(over: Partial<RollbackPoint> = {}): RollbackPoint {
	return {
		rollbackId: "rb-1",
		applicationId: "hello",
		deploymentId: "dep-1",
		image: imageOf("a"),
		createdAt: "2026-01-01T00:00:05.000Z",
		...over,
	};
}

/** A running task of the release `deploymentId`. */
export function task(deploymentId: string, over: Partial<ObservedTask> = {}): ObservedTask {
	return {
		id: `task-of-${deploymentId}`,
		slot: 1,
		nodeId: "node-1",
		node: "one",
		nodeReady: true,
		desiredState: "running",
		state: "running",
		image: imageOf("a").reference,
		release: { deploymentId, digest: digestOf("a") },
		createdAt: "2026-01-01T00:00:00.000Z",
		since: "2026-01-01T00:00:00.000Z",
		...over,
	};
}

/** A service stamped with the release `deploymentId`. */
export function service(deploymentId: string, replicas = 1, updateStatus?: UpdateStatus): ObservedService {
	return {
		id: "service-1",
		version: 7,
		spec: {
			Name: "hello",
			Labels: { [labels.deployment]: deploymentId, [labels.digest]: digestOf("a") },
			TaskTemplate: {
				ContainerSpec: {
					Image: imageOf("a").reference,
					Labels: { [labels.deployment]: deploymentId, [labels.digest]: digestOf("a") },
					Env: [],
					Mounts: [],
				},
				Resources: { Limits: {} },
				RestartPolicy: { Condition: "any", Delay: 1 },
				Placement: { Constraints: [] },
				Networks: [],
				ForceUpdate: 0,
			},
			Mode: { Replicated: { Replicas: replicas } },
			EndpointSpec: { Mode: "vip" },
		} as unknown as ServiceSpec,
		...(updateStatus ? { updateStatus } : {}),
	};
}
