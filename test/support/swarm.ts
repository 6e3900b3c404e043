// Looks at the Swarm and the registry for tests: the truth that answers of the server are compared with.
import Docker from "dockerode";
import type { Sandbox } from "./sandbox.ts";

export interface RunningContainer {
	containerId: string;
	taskId: string;
	/** Digest in the registry of the image it runs, by the engine's own record; the image's id where it was never pushed. */
	digest: string;
	/** The release stamped on it. */
	deploymentId: string | undefined;
	env: Record<string, string>;
	/** Where named volumes are mounted: path by volume name. */
	mounts: Record<string, string>;
	nodeId: string;
}

export interface ServiceNow {
	id: string;
	version: number;
	image: string;
	labels: Record<string, string>;
	env: string[];
	spec: Docker.ServiceSpec & { TaskTemplate: Docker.ContainerTaskSpec };
	updateState: string | undefined;
}

/** A task in the Docker Engine API's own words. */
export interface SwarmTask {
	ID: string;
	CreatedAt: string;
	DesiredState: string;
	Status: { State: string; Err?: string; ContainerStatus?: { ContainerID?: string; ExitCode?: number } };
	Spec: { ContainerSpec?: { Image?: string; Labels?: Record<string, string> } };
}

export class SwarmTruth {
	/** One client per node, the first a manager. */
	readonly nodes: Docker[];
	readonly #sandbox: Sandbox;

	constructor(sandbox: Sandbox) {
		this.#sandbox = sandbox;
		this.nodes = sandbox.dockerHosts.map(clientOf);
	}

	get docker(): Docker {
		return this.nodes[0]!;
	}

	async service(name: string): Promise<ServiceNow | undefined> {
		const listed = await this.docker.listServices({ filters: { name: [name] } });
		const found = listed.find((service) => service.Spec?.Name === name);
		if (!found) return undefined;
		const spec = found.Spec as ServiceNow["spec"];
		const { Image = "", Env = [] } = spec.TaskTemplate.ContainerSpec ?? {};
		return {
			id: found.ID,
			version: Number(found.Version?.Index),
			image: Image,
			labels: spec.Labels ?? {},
			env: Env,
			spec,
			updateState: found.UpdateStatus?.State,
		};
	}

	/** All tasks Swarm remembers, newest first. */
	async tasks(name: string): Promise<SwarmTask[]> {
		const tasks = (await this.docker.listTasks({ filters: { service: [name] } })) as unknown as SwarmTask[];
		return tasks.sort((a, b) => b.CreatedAt.localeCompare(a.CreatedAt));
	}

	/** The containers that really run for the service, on whatever node, as the engines there describe them. */
	async containers(name: string): Promise<RunningContainer[]> {
		const all = await Promise.all(
			this.nodes.map(async (docker) => {
				const filters = { label: [`com.docker.swarm.service.name=${name}`], status: ["running"] };
				const listed = await docker.listContainers({ filters });
				return Promise.all(listed.map(({ Id }) => describeContainer(docker, Id)));
			}),
		);
		return all.flat();
	}

	/** Digests of what really runs, each once. */
	async runningDigests(name: string): Promise<string[]> {
		return [...new Set((await this.containers(name)).map(({ digest }) => digest))];
	}

	async containerIds(name: string): Promise<string[]> {
		return (await this.containers(name)).map(({ containerId }) => containerId).sort();
	}

	/** Deployment ids stamped on the tasks Swarm remembers, in the order in which they were first started. */
	async releases(name: string): Promise<string[]> {
		const stamps = (await this.tasks(name)).toReversed().map(stampOf);
		return [...new Set(stamps.filter((stamp) => stamp !== undefined))];
	}

	/** Whether the registry has the manifest of `repository@sha256:…`, asked over HTTP and not through the engine. */
	async registryHas(reference: string): Promise<boolean> {
		const response = await this.#askRegistry("HEAD", reference);
		if (response.status !== 200 && response.status !== 404) throw new Error(`the registry answered ${response.status} for ${reference}`);
		return response.status === 200;
	}

	/** Makes the registry forget a manifest; false where it does not allow that. */
	async deleteFromRegistry(reference: string): Promise<boolean> {
		return (await this.#askRegistry("DELETE", reference)).ok;
	}

	/** Leaves the manifest in the registry and takes away what it names, and the engine's own copy: then it cannot be pulled. */
	async makeUnpullable(reference: string): Promise<void> {
		const manifest = (await (await this.#askRegistry("GET", reference)).json()) as { config: { digest: string } };
		const [name] = reference.split("@") as [string];
		const path = `${name.replace(`${this.#sandbox.registry}/`, "")}/blobs/${manifest.config.digest}`;
		const url = `http://${this.#sandbox.registry}/v2/${path}`;
		const { status } = await fetch(url, { method: "DELETE", headers: this.#authorization() });
		if (status !== 202) throw new Error(`the registry answered ${status} to DELETE ${path}`);
		for (const docker of this.nodes) {
			const image = await docker.getImage(reference).inspect();
			await docker.getImage(image.Id).remove({ force: true });
		}
	}

	/** Tags of a repository (without the registry's host), empty where there is none. */
	async registryTags(repository: string): Promise<string[]> {
		const { registry } = this.#sandbox;
		const response = await fetch(`http://${registry}/v2/${repository}/tags/list`, { headers: this.#authorization() });
		const body = (await response.json()) as { tags?: string[] | null };
		return body.tags ?? [];
	}

	#askRegistry(method: string, reference: string): Promise<Response> {
		const [name, digest] = reference.split("@") as [string, string];
		const repository = name.replace(`${this.#sandbox.registry}/`, "");
		const accept = [
			"application/vnd.docker.distribution.manifest.v2+json",
			"application/vnd.oci.image.manifest.v1+json",
			"application/vnd.oci.image.index.v1+json",
		].join(", ");
		return fetch(`http://${this.#sandbox.registry}/v2/${repository}/manifests/${digest}`, {
			method,
			headers: { ...this.#authorization(), accept },
		});
	}

	#authorization(): Record<string, string> {
		const { registryUsername, registryPassword } = this.#sandbox;
		return { authorization: `Basic ${Buffer.from(`${registryUsername}:${registryPassword}`).toString("base64")}` };
	}
}

async function describeContainer(docker: Docker, id: string): Promise<RunningContainer> {
	const container = await docker.getContainer(id).inspect();
	const image = await docker.getImage(container.Image).inspect();
	const [repository] = container.Config.Image.split("@");
	const pushed = image.RepoDigests.find((digest) => digest.startsWith(`${repository}@`));
	const { Labels } = container.Config;
	return {
		containerId: container.Id,
		taskId: Labels["com.docker.swarm.task.id"] ?? "",
		digest: pushed?.split("@")[1] ?? container.Image,
		deploymentId: Labels["deploymill.deployment"],
		env: Object.fromEntries(container.Config.Env.map(splitOnce)),
		mounts: Object.fromEntries(container.Mounts.map(({ Name = "", Destination }) => [Name, Destination])),
		nodeId: Labels["com.docker.swarm.node.id"] ?? "",
	};
}

function stampOf(task: SwarmTask): string | undefined {
	return task.Spec.ContainerSpec?.Labels?.["deploymill.deployment"];
}

function splitOnce(text: string): [string, string] {
	const at = text.indexOf("=");
	return [text.slice(0, at), text.slice(at + 1)];
}

function clientOf(host: string): Docker {
	if (host.startsWith("unix://")) return new Docker({ socketPath: host.replace("unix://", "") });
	const { hostname, port } = new URL(host);
	return new Docker({ host: hostname, port: Number(port) });
}
