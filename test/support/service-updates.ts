// Records what Swarm was told to run: the engine's own events about one service, while a test goes on.
import type { Readable } from "node:stream";
import type Docker from "dockerode";
import { type EngineEvent, hearEvents } from "./engine-events.ts";

export class ServiceUpdates implements AsyncDisposable {
	/** Image references that the service was changed to, oldest first, by whomever: Swarm's own rollbacks are among them. */
	readonly images: string[] = [];
	readonly #serviceName: string;
	#stream: Readable | undefined;

	private constructor(serviceName: string) {
		this.#serviceName = serviceName;
	}

	static async watch(docker: Docker, serviceName: string): Promise<ServiceUpdates> {
		const updates = new ServiceUpdates(serviceName);
		updates.#stream = await hearEvents(docker, "service", (event) => updates.#hear(event));
		return updates;
	}

	/** Digests of the images, see there. */
	get digests(): string[] {
		return this.images.map((image) => image.slice(image.indexOf("sha256:")));
	}

	[Symbol.asyncDispose](): Promise<void> {
		this.#stream?.destroy();
		return Promise.resolve();
	}

	#hear({ Action, Actor: { Attributes: attributes } }: EngineEvent): void {
		if (Action !== "update" || attributes.name !== this.#serviceName) return;
		if (attributes["image.new"]) this.images.push(attributes["image.new"]);
	}
}
