// Implements the Registry port: the engine itself asks the registry, with its own network, certificates and insecure settings.

import { isSameRegistry } from "../../config/registry-name.ts";
import type { Registry } from "../../engine/ports/images.ts";
import type { RegistryCredentials } from "../../engine/ports/swarm.ts";
import { DeploymillError } from "../../errors.ts";
import type { DockerClient, EngineRequest } from "./client.ts";
import { isEngineError } from "./faults.ts";
import { registryOf } from "./reference.ts";
import { authConfig, registryAuth } from "./registry-auth.ts";
import { classifyRegistryFault, type RegistryFault } from "./registry-faults.ts";

/** The engine's own attempts at a registry that does not answer take up to half a minute. */
const patienceMs = 45_000;

/** Reads the credentials of our registry anew. Undefined: anonymous. */
type ReadCredentials = () => Promise<RegistryCredentials | undefined>;

export class DockerRegistry implements Registry {
	readonly address: string | undefined;
	readonly #client: DockerClient;
	readonly #readCredentials: ReadCredentials;

	/** `address`: `host[:port][/namespace]`; undefined where no registry is configured. */
	constructor(client: DockerClient, address: string | undefined, readCredentials: ReadCredentials) {
		this.#client = client;
		this.address = address;
		this.#readCredentials = readCredentials;
	}

	credentials(): Promise<RegistryCredentials | undefined> {
		return this.#readCredentials();
	}

	async checkManifest(reference: string): Promise<void> {
		const credentials = await this.#readCredentials();
		const registry = registryOf(reference);
		// Another registry must not see our credentials.
		const ours = credentials && isSameRegistry(credentials.serverAddress, registry) ? credentials : undefined;
		await this.#ask(registry, { path: `/distribution/${reference}/json`, method: "GET", ...registryAuth(ours) });
	}

	async checkLogin(): Promise<void> {
		if (!this.address) throw new DeploymillError("registry_not_configured", "No registry is configured.");
		const credentials = await this.#readCredentials();
		if (!credentials) return this.#checkAnonymous(this.address);
		const options = authConfig(credentials);
		await this.#ask(registryOf(`${this.address}/`), { path: "/auth", method: "POST", options });
	}

	/** Without credentials there is no login to try: a registry that says an image is not there lets us look. */
	async #checkAnonymous(address: string): Promise<void> {
		try {
			await this.checkManifest(`${address}/deploymill-login-check:none`);
		} catch (error) {
			if (!(error instanceof DeploymillError && error.code === "image_missing")) throw error;
		}
	}

	async #ask(registry: string, request: EngineRequest): Promise<void> {
		const patience = AbortSignal.timeout(patienceMs);
		try {
			await this.#client.request({ ...request, abortSignal: patience });
		} catch (error) {
			if (patience.aborted) throw this.#fault("registry_unreachable", registry, "The engine got no answer in time.");
			if (!isEngineError(error)) throw error;
			throw this.#fault(faultOf(error.statusCode, error.said), registry, error.said);
		}
	}

	#fault(code: RegistryFault, registry: string, said: string): DeploymillError {
		return new DeploymillError(code, `${sentences[code]} ${registry}.`, {
			details: { output: this.#client.untrusted.fence("registry", said) },
		});
	}
}

const sentences: Record<RegistryFault, string> = {
	registry_auth_failed: "The credentials were refused by the registry",
	registry_unreachable: "Docker could not reach the registry",
	image_missing: "The image is not in the registry",
};

/** The engine answers 500 for much that is no fault of its own, so its words count before its status. */
function faultOf(statusCode: number, said: string): RegistryFault {
	const byWords = classifyRegistryFault(said);
	if (byWords) return byWords;
	if (statusCode === 401 || statusCode === 403) return "registry_auth_failed";
	return statusCode === 404 ? "image_missing" : "registry_unreachable";
}
