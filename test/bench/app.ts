// Puts an app live in the sandbox twice: by deploymill, and as a twin that only the bare engine touches.
import { join } from "node:path";
import type Docker from "dockerode";
import type { Behaviour } from "../support/behaviour.ts";
import type { DeploymentAnswer } from "../support/deployment-answer.ts";
import type { Deploymill } from "../support/deploymill.ts";
import type { ProjectRepo } from "../support/project-repo.ts";
import { TestBed } from "../support/test-bed.ts";
import { until } from "../support/until.ts";
import { DockerCli } from "./docker-cli.ts";
import { servedAt } from "./edge.ts";

/** As in the issue that asked for the figures. */
export const judged = { path: "/healthz", retries: 3, intervalMs: 200, timeoutMs: 2000 };

const mostAttempts = 5;

type Spec = Docker.ServiceSpec & { TaskTemplate: Docker.ContainerTaskSpec };

export interface Version {
	version: string;
	image: string;
	rollbackId: string;
}

/** What an app shares with others, whose bed is closed with the first of them. */
interface Beside {
	bed: TestBed;
	cli: DockerCli;
	/** Absent: one of its own. */
	server?: Deploymill | undefined;
	label: string;
}

export class BenchApp implements AsyncDisposable {
	readonly bed: TestBed;
	readonly server: Deploymill;
	readonly cli: DockerCli;
	readonly repo: ProjectRepo;
	readonly applicationId: string;
	readonly versions: Version[] = [];

	private constructor(bed: TestBed, server: Deploymill, cli: DockerCli, repo: ProjectRepo, applicationId: string) {
		this.bed = bed;
		this.server = server;
		this.cli = cli;
		this.repo = repo;
		this.applicationId = applicationId;
	}

	/** Registered, and deployed as often as there are behaviours. On a bed of its own, or beside others on theirs. */
	static async open(project: Record<string, unknown>, behaviours: Behaviour[], beside?: Beside): Promise<BenchApp> {
		const bed = beside?.bed ?? (await TestBed.open());
		const server = beside?.server ?? (await bed.server({ DEPLOYMILL_LOG_LEVEL: "warn" }));
		const cli = beside?.cli ?? (await DockerCli.make(bed.path("docker"), bed.sandbox));
		const repo = await bed.project(beside?.label ?? "app", { project: { rollback: "auto", ...project } });
		const app = new BenchApp(bed, server, cli, repo, await server.reconcile(repo.repoUrl));
		for (const behaviour of behaviours) await app.release(behaviour);
		return app;
	}

	/** Where the twin is seen. */
	get twinHost(): string {
		return `${this.twinName}.test`;
	}

	get twinName(): string {
		return `${this.applicationId}-twin`;
	}

	async release(behaviour: Behaviour): Promise<Version> {
		await this.repo.commit(`Version ${behaviour.version}`, { behaviour });
		const deployment = await this.server.deployment("deploy", { applicationId: this.applicationId });
		if (deployment.outcome !== "live") throw new Error(`${behaviour.version} is not live: ${JSON.stringify(deployment, null, 1)}`);
		const version = { version: behaviour.version, image: deployment.image!.reference, rollbackId: deployment.rollbackId! };
		this.versions.push(version);
		return version;
	}

	/** How long a call takes until the edge serves the version, and until it is answered. */
	async measureCall(tool: "deploy" | "rollback", args: Record<string, unknown>, version: string) {
		const began = performance.now();
		const call = this.server.deployment(tool, { applicationId: this.applicationId, ...args });
		const answered = call.then((deployment: DeploymentAnswer) => ({ deployment, at: performance.now() }));
		const [edgeAt, { deployment, at }] = await Promise.all([servedAt(this.bed.ingress, this.repo.host, version), answered]);
		return { edgeMs: edgeAt - began, answerMs: at - began, deployment };
	}

	/** A service of the same spec, with names of its own and no mark of deploymill. Swarm's default of 5 s for `Monitor`, unless told otherwise. */
	async makeTwin(monitorMs = 5_000): Promise<void> {
		const { spec } = (await this.bed.swarm.service(this.applicationId))!;
		const image = spec.TaskTemplate.ContainerSpec!.Image!;
		const twin = JSON.parse(JSON.stringify(spec).replaceAll(this.applicationId, this.twinName)) as Spec;
		const container = twin.TaskTemplate.ContainerSpec!;
		container.Image = image;
		container.Labels = {};
		twin.Labels = Object.fromEntries(Object.entries(twin.Labels ?? {}).filter(([name]) => !name.startsWith("deploymill.")));
		for (const policy of [twin.UpdateConfig, twin.RollbackConfig]) if (policy) policy.Monitor = monitorMs * 1e6;
		await this.bed.swarm.docker.createService({ ...this.#auth(), ...twin });
		await servedAt(this.bed.ingress, this.twinHost, this.versions.at(-1)!.version);
	}

	/** One update by the Engine API, of the image alone. Returns when the engine took it. Swarm itself may have changed the service meanwhile. */
	async updateTwin(image: string): Promise<void> {
		for (let attempt = 1; ; attempt++) {
			try {
				return await this.#updateTwinOnce(image);
			} catch (error) {
				if (attempt === mostAttempts || !/out of sequence/.test(String(error))) throw error;
			}
		}
	}

	async #updateTwinOnce(image: string): Promise<void> {
		const service = this.bed.swarm.docker.getService(this.twinName);
		const { Spec, Version } = await service.inspect();
		const spec = structuredClone(Spec) as Spec;
		spec.TaskTemplate.ContainerSpec!.Image = image;
		await service.update({ ...this.#auth(), ...spec, version: Number(Version.Index) });
	}

	/** Swarm holds its update for over. */
	async twinIsSettled(): Promise<void> {
		await until(
			() => this.bed.swarm.service(this.twinName),
			(service) => service?.updateState === undefined || service.updateState.endsWith("completed"),
			60_000,
		);
		// The old task may still be on its way out.
		await until(
			() => this.bed.swarm.containers(this.twinName),
			(containers) => containers.length === 1,
			60_000,
		);
	}

	/** A line of shell on a checkout of its own. */
	shell(line: string): Promise<string> {
		return this.cli.shell(line);
	}

	path(name: string): string {
		return this.bed.path(join("bench", this.applicationId, name));
	}

	#auth() {
		const { registryUsername: username, registryPassword: password, registry: serveraddress } = this.bed.sandbox;
		return { authconfig: { username, password, serveraddress } };
	}

	async [Symbol.asyncDispose](): Promise<void> {
		await this.bed.close();
	}
}
