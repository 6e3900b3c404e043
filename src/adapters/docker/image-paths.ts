// Owns the question which programs an image has, answered from its layers without running it.
import type { DockerClient } from "./client.ts";
import { readSavedImage } from "./saved-image.ts";

/** Remembers its answers: an image's id stands for its contents, and reading them takes seconds. */
export class ImagePaths {
	readonly #client: DockerClient;
	readonly #known = new Map<string, Promise<Set<string>>>();

	constructor(client: DockerClient) {
		this.#client = client;
	}

	/** Those of the absolute paths that lead to a file which may be executed. @throws docker_unreachable, EngineError */
	async find(imageReference: string, candidates: string[]): Promise<Set<string>> {
		const { Id: imageId } = await this.#client.call((docker) => docker.getImage(imageReference).inspect());
		const key = [imageId, ...candidates].join(" ");
		const known = this.#known.get(key) ?? this.#read(imageId, candidates);
		this.#known.set(key, known);
		// What failed once may work the next time.
		known.catch(() => this.#known.delete(key));
		return new Set(await known);
	}

	async #read(imageId: string, candidates: string[]): Promise<Set<string>> {
		const saved = await this.#client.stream({ path: `/images/${imageId}/get`, method: "GET" });
		try {
			const tree = await readSavedImage(saved);
			return new Set(candidates.filter((path) => tree.hasExecutable(path)));
		} catch (error) {
			throw this.#client.translate(error);
		} finally {
			saved.destroy();
		}
	}
}
