// Records what Swarm was told to run: the engine's own events about one service, while a test goes on.
import type { Readable } from "node:stream";
import type Docker from "dockerode";

interface ServiceEvent {
	Action: string;
	Actor: { Attributes: Record<string, string> };
}

export class ServiceUpdates implements AsyncDisposable {
	/** Image references that the service was changed to, oldest first, by whomever: Swarm's own rollbacks are among them. */
	readonly images: string[] = [];
	readonly #serviceName: string;
	readonly #stream: Readable;

	private constructor(serviceName: string, stream: Readable) {
		this.#serviceName = serviceName;
		this.#stream = stream;
		let rest = "";
		// A stream that is destroyed ends with an error.
		stream.on("error", () => undefined);
		stream.setEncoding("utf8").on("data", (text: string) => {
			const lines = (rest + text).split("\n");
			rest = lines.pop() ?? "";
			for (const line of lines.filter((item) => item.trim() !== "")) this.#hear(JSON.parse(line) as ServiceEvent);
		});
	}

	static async watch(docker: Docker, serviceName: string): Promise<ServiceUpdates> {
		const stream = (await docker.getEvents({ filters: { type: ["service"] } })) as Readable;
		return new ServiceUpdates(serviceName, stream);
	}

	/** Digests of the images, see there. */
	get digests(): string[] {
		return this.images.map((image) => image.slice(image.indexOf("sha256:")));
	}

	[Symbol.asyncDispose](): Promise<void> {
		this.#stream.destroy();
		return Promise.resolve();
	}

	#hear({ Action, Actor: { Attributes: attributes } }: ServiceEvent): void {
		if (Action !== "update" || attributes.name !== this.#serviceName) return;
		if (attributes["image.new"]) this.images.push(attributes["image.new"]);
	}
}
