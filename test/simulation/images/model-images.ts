// Builds, pushes and looks up images on one node: the Images port of the model.
import type { BuildListener, BuildOrder, Images } from "../../../src/engine/ports/images.ts";
import type { RegistryCredentials } from "../../../src/engine/ports/swarm.ts";
import { DeploymillError } from "../../../src/errors.ts";
import type { VirtualClock } from "../virtual-clock.ts";
import type { Image } from "./image.ts";
import type { ImageStore } from "./image-store.ts";
import { type RegistryServer, repositoryOf } from "./registry-server.ts";

/** What the build of a folder gives: an image, or the words it fails with. */
export type BuildResult = Image | { fails: string };

const buildMs = 3_000;
const pushMs = 800;

export class ModelImages implements Images {
	readonly #clock: VirtualClock;
	readonly #store: ImageStore;
	readonly #registry: RegistryServer;
	readonly #buildOf: (order: BuildOrder) => BuildResult;

	constructor(clock: VirtualClock, store: ImageStore, registry: RegistryServer, buildOf: (order: BuildOrder) => BuildResult) {
		this.#clock = clock;
		this.#store = store;
		this.#registry = registry;
		this.#buildOf = buildOf;
	}

	async build(order: BuildOrder, listener: BuildListener, signal: AbortSignal): Promise<{ imageId: string }> {
		listener.step("[1/2] FROM scratch");
		await this.#work(buildMs, signal);
		const result = this.#buildOf(order);
		if ("fails" in result) throw new DeploymillError("build_failed", "The build failed.", { details: { log: result.fails } });
		this.#store.tag(order.tag, result);
		listener.line(`built ${result.imageId}`);
		return { imageId: result.imageId };
	}

	async push(
		tag: string,
		credentials: RegistryCredentials | undefined,
		listener: BuildListener,
		signal: AbortSignal,
	): Promise<{ digest: string }> {
		await this.#work(pushMs, signal);
		const image = this.#store.get(tag);
		if (!image) throw new DeploymillError("push_failed", `There is no image ${tag}.`);
		const answer = this.#registry.take(tag, image, credentials);
		if (answer.kind === "unauthorized") throw new DeploymillError("registry_auth_failed", "The registry refused the push.");
		if (answer.kind !== "image") throw new DeploymillError("registry_unreachable", "Docker could not reach the registry for the push.");
		this.#store.tag(`${repositoryOf(tag)}@${image.digest}`, image);
		listener.line(`digest: ${image.digest}`);
		return { digest: image.digest };
	}

	async findPaths(imageReference: string, candidates: string[]): Promise<Set<string>> {
		const image = this.#store.get(imageReference);
		if (!image) throw new Error(`no such image: ${imageReference}`);
		return new Set(candidates.filter((path) => image.paths.includes(path)));
	}

	async has(imageReference: string): Promise<boolean> {
		return this.#store.get(imageReference) !== undefined;
	}

	async untag(tag: string): Promise<void> {
		this.#store.untag(tag);
	}

	async #work(ms: number, signal: AbortSignal): Promise<void> {
		signal.throwIfAborted();
		await this.#clock.sleep(ms, signal);
		signal.throwIfAborted();
	}
}
