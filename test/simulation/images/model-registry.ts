// Asks the model's registry about credentials and manifests: the Registry port of the model.
import type { Registry } from "../../../src/engine/ports/images.ts";
import type { RegistryCredentials } from "../../../src/engine/ports/swarm.ts";
import { DeploymillError } from "../../../src/errors.ts";
import type { VirtualClock } from "../virtual-clock.ts";
import type { RegistryServer } from "./registry-server.ts";

/** A registry that says nothing is given up after this long. */
const patienceMs = 45_000;

export class ModelRegistry implements Registry {
	readonly address: string | undefined;
	/** What the operator gave this server; the registry may want others by now. */
	configured: RegistryCredentials | undefined;
	readonly #clock: VirtualClock;
	readonly #server: RegistryServer;

	constructor(clock: VirtualClock, server: RegistryServer, namespace = "apps") {
		this.#clock = clock;
		this.#server = server;
		this.address = `${server.host}/${namespace}`;
		this.configured = server.credentials;
	}

	async credentials(): Promise<RegistryCredentials | undefined> {
		return this.configured;
	}

	checkManifest(reference: string): Promise<void> {
		return this.#ask(reference);
	}

	async checkLogin(): Promise<void> {
		try {
			await this.#ask(`${this.#server.host}/deploymill-login-check:none`);
		} catch (error) {
			if (!(error instanceof DeploymillError && error.code === "image_missing")) throw error;
		}
	}

	async #ask(reference: string): Promise<void> {
		const answer = this.#server.find(reference, this.configured);
		switch (answer.kind) {
			case "image":
				return;
			case "missing":
				throw new DeploymillError("image_missing", "The image is not in the registry.");
			case "unauthorized":
				throw new DeploymillError("registry_auth_failed", "The credentials were refused by the registry.");
			case "silent":
				await this.#clock.sleep(patienceMs);
		}
		throw new DeploymillError("registry_unreachable", "Docker could not reach the registry.");
	}
}
