// Implements the Images port on a real Docker Engine.
import type { BuildListener, BuildOrder, Images } from "../../engine/ports/images.ts";
import type { RegistryCredentials } from "../../engine/ports/swarm.ts";
import type { ReadLogin } from "./build-session.ts";
import type { DockerClient } from "./client.ts";
import { asNoAnswer, isEngineError } from "./faults.ts";
import { ImagePaths } from "./image-paths.ts";
import { runPush } from "./push.ts";

export class DockerImages implements Images {
	readonly #client: DockerClient;
	readonly #readLogin: ReadLogin;
	readonly #paths: ImagePaths;

	/** `readLogin`: for private base images, which may be in any registry. */
	constructor(client: DockerClient, readLogin: ReadLogin) {
		this.#client = client;
		this.#paths = new ImagePaths(client);
		this.#readLogin = readLogin;
	}

	async build(order: BuildOrder, listener: BuildListener, signal: AbortSignal): Promise<{ imageId: string }> {
		// With gRPC, protobuf and tar, which only a build needs.
		const { runBuild } = await import("./build.ts");
		return runBuild(this.#client, this.#readLogin, order, listener, signal);
	}

	push(
		tag: string,
		credentials: RegistryCredentials | undefined,
		listener: BuildListener,
		signal: AbortSignal,
	): Promise<{ digest: string }> {
		return runPush(this.#client, tag, credentials, listener, signal);
	}

	findPaths(imageReference: string, candidates: string[]): Promise<Set<string>> {
		return this.#paths.find(imageReference, candidates);
	}

	async has(imageReference: string): Promise<boolean> {
		return (await this.#unlessGone(this.#client.request({ path: `/images/${imageReference}/json`, method: "GET" }))) !== undefined;
	}

	async untag(tag: string): Promise<void> {
		// By force, because the stopped containers of old tasks hold the tag; an image that runs only loses its name.
		await this.#unlessGone(this.#client.request({ path: `/images/${tag}?`, method: "DELETE", options: { force: true } }));
	}

	async #unlessGone<T>(answer: Promise<T>): Promise<T | undefined> {
		try {
			return await answer;
		} catch (error) {
			if (isEngineError(error, 404)) return undefined;
			throw asNoAnswer(error);
		}
	}
}
