// Stages an old task that gets no processor: its process stands still from when its successor is well until it is told to end.
import type { Readable } from "node:stream";
import type Docker from "dockerode";
import type { SwarmTruth } from "./swarm.ts";

interface ContainerEvent {
	Action: string;
	Actor: { ID: string; Attributes: Record<string, string> };
}

const toldToEnd = "15";

export class Standstill implements AsyncDisposable {
	/** What happened, in order. */
	readonly told: string[] = [];
	readonly #old: Docker.Container;
	readonly #serviceName: string;
	readonly #stream: Readable;

	private constructor(old: Docker.Container, serviceName: string, stream: Readable) {
		this.#old = old;
		this.#serviceName = serviceName;
		this.#stream = stream;
		let rest = "";
		// A stream that is destroyed ends with an error.
		stream.on("error", () => undefined);
		stream.setEncoding("utf8").on("data", (text: string) => {
			const lines = (rest + text).split("\n");
			rest = lines.pop() ?? "";
			for (const line of lines.filter((item) => item.trim() !== "")) this.#hear(JSON.parse(line) as ContainerEvent);
		});
	}

	/** Of the one task that the service has now, at its next swap. */
	static async atNextSwap(swarm: SwarmTruth, serviceName: string): Promise<Standstill> {
		const [containerId = ""] = await swarm.containerIds(serviceName);
		const stream = (await swarm.docker.getEvents({ filters: { type: ["container"] } })) as Readable;
		return new Standstill(swarm.docker.getContainer(containerId), serviceName, stream);
	}

	[Symbol.asyncDispose](): Promise<void> {
		this.#stream.destroy();
		return Promise.resolve();
	}

	#hear({ Action, Actor: { ID, Attributes: attributes } }: ContainerEvent): void {
		if (attributes["com.docker.swarm.service.name"] !== this.#serviceName) return;
		const isOld = ID === this.#old.id;
		if (!isOld && Action === "health_status: healthy") this.#signal("SIGSTOP", "stands still");
		if (isOld && Action === "kill" && attributes.signal === toldToEnd) this.#signal("SIGCONT", "goes on, and was told to end");
	}

	#signal(signal: string, what: string): void {
		this.#old.kill({ signal }).then(
			() => this.told.push(what),
			(error: Error) => this.told.push(error.message),
		);
	}
}
