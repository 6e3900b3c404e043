// Keeps pushed images and refuses wrong credentials, as a container registry does.
import type { RegistryCredentials } from "../../../src/engine/ports/swarm.ts";
import type { Image } from "./image.ts";

export type RegistryAnswer =
	| { kind: "image"; image: Image }
	| { kind: "missing" }
	| { kind: "unauthorized" }
	/** Nothing listens there. */
	| { kind: "unreachable" }
	/** It takes the connection and says no more. */
	| { kind: "silent" };

export class RegistryServer {
	readonly host = "registry.test:5000";
	/** Undefined: anybody may pull and push. */
	credentials: RegistryCredentials | undefined = { username: "deployer", password: "first", serverAddress: "registry.test:5000" };
	/** It did not answer for a time. */
	wasAway = false;
	readonly #images = new Map<string, Image>();
	#state: "up" | "down" | "silent" = "up";
	readonly #taken = new Set<string>();
	readonly #lost = new Set<string>();

	set state(state: "up" | "down" | "silent") {
		this.#state = state;
		if (state !== "up") this.wasAway = true;
	}

	/** @param reference `repository@digest`, or a tag */
	find(reference: string, credentials: RegistryCredentials | undefined): RegistryAnswer {
		const refusal = this.#refusal(reference, credentials);
		if (refusal) return refusal;
		const image = this.#images.get(reference);
		return image ? { kind: "image", image } : { kind: "missing" };
	}

	/** Takes an image under a tag and under its digest. */
	take(tag: string, image: Image, credentials: RegistryCredentials | undefined): Exclude<RegistryAnswer, { kind: "missing" }> {
		const refusal = this.#refusal(tag, credentials);
		if (refusal) return refusal;
		for (const reference of [tag, `${repositoryOf(tag)}@${image.digest}`]) {
			this.#images.set(reference, image);
			this.#taken.add(reference);
		}
		return { kind: "image", image };
	}

	/** As its own clean-up, or a person, does. */
	forget(reference: string): void {
		if (this.#images.delete(reference)) this.#lost.add(reference);
	}

	has(reference: string): boolean {
		return this.#images.has(reference);
	}

	/** It was pushed, whatever became of it. */
	everHad(reference: string): boolean {
		return this.#taken.has(reference);
	}

	/** It was there and gone for a while at the least. */
	everLost(reference: string): boolean {
		return this.#lost.has(reference);
	}

	#refusal(
		reference: string,
		credentials: RegistryCredentials | undefined,
	): { kind: "unauthorized" | "unreachable" | "silent" } | undefined {
		if (!reference.startsWith(`${this.host}/`) || this.#state === "down") return { kind: "unreachable" };
		if (this.#state === "silent") return { kind: "silent" };
		const { username, password } = this.credentials ?? {};
		const isWelcome = this.credentials === undefined || (credentials?.username === username && credentials?.password === password);
		return isWelcome ? undefined : { kind: "unauthorized" };
	}
}

/** Of a reference by tag or by digest. */
export function repositoryOf(reference: string): string {
	const [name = ""] = reference.split("@");
	const colon = name.lastIndexOf(":");
	return colon > name.lastIndexOf("/") ? name.slice(0, colon) : name;
}
