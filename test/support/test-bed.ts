// Makes all that one e2e test file needs, and removes it in the end: names in the shared sandbox, a data folder, servers, repositories.
import { randomBytes } from "node:crypto";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Deploymill, type Person } from "./deploymill.ts";
import { Ingress } from "./ingress.ts";
import { type Change, type Fixture, ProjectRepo } from "./project-repo.ts";
import { findSandbox, type Sandbox } from "./sandbox.ts";
import { SwarmTruth } from "./swarm.ts";
import { until } from "./until.ts";
import { workersOf } from "./workers.ts";

export class TestBed {
	readonly sandbox: Sandbox;
	/** Every service, volume, image and host that is made in the sandbox begins with it. */
	readonly prefix = `t${randomBytes(4).toString("hex")}`;
	/** DEPLOYMILL_DATA_DIR of its servers. */
	readonly dataFolder: string;
	readonly swarm: SwarmTruth;
	readonly ingress: Ingress;
	readonly #folder: string;
	readonly #servers: Deploymill[] = [];
	readonly #dataFolders: string[];

	private constructor(sandbox: Sandbox, folder: string) {
		this.sandbox = sandbox;
		this.#folder = folder;
		this.dataFolder = join(folder, "data");
		this.#dataFolders = [this.dataFolder];
		this.swarm = new SwarmTruth(sandbox);
		this.ingress = new Ingress(sandbox.edgeAddress);
	}

	static async open(): Promise<TestBed> {
		return new TestBed(await findSandbox(), await mkdtemp(join(tmpdir(), "deploymill-e2e-")));
	}

	/** Environment of a server on this bed's data folder. An empty value unsets a variable. */
	env(changes: Record<string, string> = {}): Record<string, string> {
		// Tests make apps fail over and over; what stops an agent from that has tests of its own.
		const patient = { DEPLOYMILL_MAX_FAILED_DEPLOYS: "0" };
		const all = { ...this.sandbox.env, DEPLOYMILL_DATA_DIR: this.dataFolder, ...patient, ...changes };
		return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== ""));
	}

	/** One more server on the bed's data folder. Closed with the bed, if not before. */
	async server(changes: Record<string, string> = {}, person?: Person): Promise<Deploymill> {
		const env = this.env(changes);
		this.#dataFolders.push(env.DEPLOYMILL_DATA_DIR ?? "");
		const server = await Deploymill.start(env, person);
		this.#servers.push(server);
		return server;
	}

	/** A name that nobody else has in the sandbox; fit for a project, a host's first label, a volume. */
	named(label: string): string {
		return `${this.prefix}-${label}`;
	}

	/** A path in the bed's folder, for what a test needs to write. */
	path(name: string): string {
		return join(this.#folder, name);
	}

	/** A repository of its own, made from a fixture. */
	async project(label: string, { fixture = "web", ...change }: Change & { fixture?: Fixture } = {}): Promise<ProjectRepo> {
		await mkdir(this.path("repositories"), { recursive: true });
		return ProjectRepo.create(this.path(join("repositories", label)), fixture, this.named(label), change);
	}

	/** What the host's first page shows to a visitor. */
	see(repo: ProjectRepo, path = "/"): Promise<string> {
		return this.ingress.read(repo.host, path);
	}

	/** Ends servers and workers, and removes all that carries the prefix. */
	async close(): Promise<void> {
		await Promise.all(this.#servers.map((server) => server.close()));
		for (const folder of new Set(this.#dataFolders)) await endWorkers(folder);
		await this.#removeServices();
		await Promise.all(this.swarm.nodes.map((docker) => this.#removeVolumes(docker)));
		await Promise.all(this.swarm.nodes.map((docker) => this.#removeImages(docker)));
		await rm(this.#folder, { recursive: true, force: true, maxRetries: 5 });
	}

	async #removeServices(): Promise<void> {
		const { docker } = this.swarm;
		const services = await docker.listServices({ filters: { name: [this.prefix] } });
		await Promise.all(services.map(({ ID }) => docker.getService(ID).remove()));
		await Promise.all(
			this.swarm.nodes.map((node) =>
				until(
					() => node.listContainers({ filters: { name: [this.prefix] } }),
					(left) => left.length === 0,
					120_000,
				),
			),
		);
	}

	/** A volume can be removed once the containers that ended are gone too; Swarm keeps some of them for a while. */
	async #removeVolumes(docker: SwarmTruth["docker"]): Promise<void> {
		const ended = await docker.listContainers({ all: true, filters: { name: [this.prefix] } });
		await Promise.all(ended.map(({ Id }) => docker.getContainer(Id).remove({ force: true }).catch(ifGone)));
		const { Volumes } = await docker.listVolumes({ filters: { name: [this.prefix] } });
		await Promise.all(Volumes.map(({ Name }) => docker.getVolume(Name).remove().catch(ifGone)));
	}

	async #removeImages(docker: SwarmTruth["docker"]): Promise<void> {
		const images = await docker.listImages();
		const names = images.flatMap(({ RepoTags, RepoDigests }) => [...(RepoTags ?? []), ...(RepoDigests ?? [])]);
		const ours = names.filter((name) => name.includes(this.prefix));
		await Promise.all(ours.map((name) => docker.getImage(name).remove({ force: true }).catch(ifGone)));
	}
}

async function endWorkers(dataFolder: string): Promise<void> {
	for (const { pid } of await workersOf(dataFolder)) {
		try {
			process.kill(pid, "SIGKILL");
		} catch (error) {
			if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
		}
	}
}

function ifGone(error: { statusCode?: number }): void {
	if (error.statusCode !== 404 && error.statusCode !== 409) throw error;
}
