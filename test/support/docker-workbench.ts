// Makes and removes what Docker tests need in the sandbox: a client, names of their own, images to run.
import { randomBytes } from "node:crypto";
import Docker from "dockerode";
import { pino } from "pino";
import { DockerClient } from "../../src/adapters/docker/client.ts";
import { DockerImages } from "../../src/adapters/docker/images.ts";
import { DockerSwarm } from "../../src/adapters/docker/swarm.ts";
import type { RegistryCredentials } from "../../src/engine/ports/swarm.ts";
import type { ServiceSpec } from "../../src/model/service.ts";
import { Redactor } from "../../src/redact.ts";
import { Untrusted } from "../../src/untrusted.ts";
import { findSandbox, type Sandbox } from "./sandbox.ts";

export interface Workbench {
	sandbox: Sandbox;
	/** Every name that is made in the sandbox begins with it. */
	prefix: string;
	client: DockerClient;
	/** The same engine, past all of deploymill. */
	docker: Docker;
	swarm: DockerSwarm;
	images: DockerImages;
	/** Of the sandbox's registry. */
	credentials: RegistryCredentials;
	untrusted: Untrusted;
	/** Removes the services and images whose names begin with the prefix, and closes the client. */
	close(): Promise<void>;
}

export async function openWorkbench(): Promise<Workbench> {
	const sandbox = await findSandbox();
	const prefix = `t${randomBytes(4).toString("hex")}`;
	const untrusted = new Untrusted(new Redactor());
	const client = new DockerClient({ host: sandbox.dockerHost, description: sandbox.dockerHost }, untrusted);
	const docker = new Docker({ socketPath: sandbox.dockerHost.replace("unix://", "") });
	const swarm = new DockerSwarm(client, sandbox.env.DEPLOYMILL_NETWORK ?? "deploymill", pino({ level: "silent" }));
	const credentials = {
		username: sandbox.registryUsername,
		password: sandbox.registryPassword,
		serverAddress: sandbox.registry,
	};
	const images = new DockerImages(client, async (host) => (host === sandbox.registry ? credentials : undefined));
	const close = async () => {
		swarm.close();
		await removeServices(docker, prefix);
		await removeImages(docker, images, prefix);
		client.close();
	};
	return { sandbox, prefix, client, docker, swarm, images, credentials, untrusted, close };
}

/** A service of one task that runs `command` in `image`, started over at once when it ends unless `changes` says otherwise. */
export function serviceSpec(name: string, image: string, command: string[], container: Record<string, unknown> = {}): ServiceSpec {
	const policy = { Parallelism: 1, FailureAction: "pause", Monitor: 1e9, MaxFailureRatio: 0, Order: "start-first" };
	return {
		Name: name,
		Labels: { "deploymill.application": name },
		TaskTemplate: {
			ContainerSpec: { Image: image, Command: command, Labels: {}, Env: [], Mounts: [], StopGracePeriod: 1e8, ...container },
			Resources: { Limits: {} },
			RestartPolicy: { Condition: "none", Delay: 0 },
			Placement: { Constraints: [] },
			Networks: [],
			ForceUpdate: 0,
		},
		Mode: { Replicated: { Replicas: 1 } },
		UpdateConfig: policy,
		RollbackConfig: policy,
		EndpointSpec: { Mode: "dnsrr" },
	} as ServiceSpec;
}

async function removeServices(docker: Docker, prefix: string): Promise<void> {
	const services = await docker.listServices();
	const ours = services.filter((service) => service.Spec?.Name?.startsWith(prefix));
	await Promise.all(ours.map((service) => docker.getService(service.ID).remove()));
}

async function removeImages(docker: Docker, images: DockerImages, prefix: string): Promise<void> {
	const all = await docker.listImages();
	const ours = all.flatMap((image) => image.RepoTags ?? []).filter((tag) => tag.includes(prefix));
	// One after another: of two tags of one image the engine cannot take both at once.
	for (const tag of ours) await images.untag(tag);
}
