// Keeps the images of one node, and pulls what it lacks from the registry.
import type { RegistryCredentials } from "../../../src/engine/ports/swarm.ts";
import type { AppBehaviour } from "../swarm/app-behaviour.ts";
import type { Image } from "./image.ts";
import { type RegistryServer, repositoryOf } from "./registry-server.ts";

/** What becomes of a task's wish for its image. */
export type FetchAnswer = { kind: "here" | "pulled" | "silent" } | { kind: "refused"; words: string };

export class ImageStore {
	/** By every name and digest that an image goes by here. */
	readonly #images = new Map<string, Image>();
	readonly #registry: RegistryServer;

	constructor(registry: RegistryServer) {
		this.#registry = registry;
	}

	get(reference: string): Image | undefined {
		return this.#images.get(reference) ?? [...this.#images.values()].find(({ imageId }) => imageId === reference);
	}

	tag(reference: string, image: Image): void {
		this.#images.set(reference, image);
	}

	/** The digests by which its repository knows it go with the last tag there. */
	untag(reference: string): void {
		const image = this.#images.get(reference);
		this.#images.delete(reference);
		const repository = repositoryOf(reference);
		const others = [...this.#images].filter(([name, item]) => item.imageId === image?.imageId && repositoryOf(name) === repository);
		if (others.every(([name]) => name.includes("@"))) for (const [name] of others) this.#images.delete(name);
	}

	/** A digest that is here is not asked for again, and neither is an image that never was in a registry. */
	fetch(reference: string, credentials: RegistryCredentials | undefined): FetchAnswer {
		if (this.get(reference)) return { kind: "here" };
		const answer = this.#registry.find(reference, credentials);
		if (answer.kind === "silent") return { kind: "silent" };
		// Swarm tells nothing of why: not of wrong credentials, not of a registry that is away.
		if (answer.kind !== "image") return { kind: "refused", words: `No such image: ${reference}` };
		this.tag(reference, answer.image);
		return { kind: "pulled" };
	}

	/** @throws for an image that was not fetched */
	appOf(reference: string): AppBehaviour {
		const image = this.get(reference);
		if (!image) throw new Error(`the node has no image ${reference}`);
		return image.app;
	}
}
