// Carries out a plan of init, a step after the other. It decides nothing.
import { randomBytes } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import type { DockerClient } from "../../adapters/docker/client.ts";
import {
	createOverlayNetwork,
	createSecret,
	createService,
	initSwarm,
	removeSecret,
	waitForTask,
} from "../../adapters/docker/provision.ts";
import { DockerRegistry } from "../../adapters/docker/registry.ts";
import { requireManager, requireNetwork } from "../../adapters/docker/swarm-facts.ts";
import type { Settings } from "../../config/settings.ts";
import { DeploymillError } from "../../errors.ts";
import type { Redactor } from "../../redact.ts";
import { ingressService } from "./ingress-service.ts";
import type { InitOptions } from "./options.ts";
import { ingressName, partLabels, registryName, registryUsername } from "./part.ts";
import type { Plan, Step } from "./plan.ts";
import { htpasswdLine, newPassword, registryService } from "./registry-service.ts";

/** Long enough to pull an image over a slow line. */
const startTimeoutMs = 300_000;
const loginTimeoutMs = 30_000;

export interface Work {
	client: DockerClient;
	settings: Settings;
	options: InitOptions;
	/** Masks the new password in whatever goes wrong after it was made. */
	redactor: Redactor;
	/** Told what is done now. */
	tell: (text: string) => void;
	/** Given what the server needs to know, as soon as it holds: a later step may fail. */
	give: (settings: NewSettings) => void;
}

/** Settings by name that the server needs to use what was made; the registry's password is in them, and nowhere else. */
export type NewSettings = Record<string, string>;

/** @throws swarm_not_ready where Docker refuses a step or something made does not come to run; what was done stays */
export async function apply({ steps }: Plan, work: Work): Promise<void> {
	for (const step of steps) {
		work.tell(`making ${step.what}`);
		await does[step.action](work);
	}
}

const does: Record<Step["action"], (work: Work) => Promise<void>> = {
	async init_swarm({ client, options }) {
		await initSwarm(client, options.advertiseAddr);
	},
	create_network: ({ client, settings }) => createOverlayNetwork(client, settings.network, partLabels("network")),
	create_registry: createRegistry,
	async create_ingress({ client, settings, options }) {
		const place = await placeIn(client, settings.network);
		await createService(client, ingressService(settings, { ...place, image: options.ingressImage, email: options.email }));
		await waitForTask(client, ingressName, startTimeoutMs);
	},
};

async function placeIn(client: DockerClient, network: string): Promise<{ nodeId: string; networkId: string }> {
	return { nodeId: await requireManager(client), networkId: await requireNetwork(client, network) };
}

async function createRegistry({ client, settings, options, redactor, tell, give }: Work): Promise<void> {
	const password = newPassword();
	redactor.add(password);
	// A secret cannot be changed, and one of an earlier registry may still be held by an old task.
	const name = `${registryName}-${randomBytes(4).toString("hex")}`;
	const id = await createSecret(client, name, await htpasswdLine(password), partLabels("registry"));
	const { registryImage: image, registryPort: port } = options;
	try {
		const nodeId = await requireManager(client);
		await createService(client, registryService({ image, port, nodeId, endpointMode: settings.endpointMode, secret: { id, name } }));
	} catch (error) {
		await removeSecret(client, id);
		throw error;
	}
	const address = `127.0.0.1:${port}`;
	await waitForTask(client, registryName, startTimeoutMs);
	tell("logging in to it");
	await waitForLogin(client, address, password);
	give({
		DEPLOYMILL_REGISTRY: address,
		DEPLOYMILL_REGISTRY_USERNAME: registryUsername,
		DEPLOYMILL_REGISTRY_PASSWORD: password,
	});
}

/** It listens a moment after its task runs. */
async function waitForLogin(client: DockerClient, address: string, password: string): Promise<void> {
	const registry = new DockerRegistry(client, address, async () => ({ username: registryUsername, password, serverAddress: address }));
	const deadline = Date.now() + loginTimeoutMs;
	for (;;) {
		try {
			return await registry.checkLogin();
		} catch (error) {
			const notYet = error instanceof DeploymillError && error.code === "registry_unreachable";
			if (!notYet || Date.now() > deadline) throw error;
			await pause(200);
		}
	}
}
