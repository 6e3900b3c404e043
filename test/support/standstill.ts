// Stages an old task that gets no processor: its process stands still from when its successor is well until it is told to end.
import type { Readable } from "node:stream";
import type Docker from "dockerode";
import { type EngineEvent, hearEvents } from "./engine-events.ts";
import type { SwarmTruth } from "./swarm.ts";

const toldToEnd = "15";

export class Standstill implements AsyncDisposable {
	/** What happened, in order. */
	readonly told: string[] = [];
	readonly #old: Docker.Container;
	readonly #serviceName: string;
	#stream: Readable | undefined;

	private constructor(old: Docker.Container, serviceName: string) {
		this.#old = old;
		this.#serviceName = serviceName;
	}

	/** Of the one task that the service has now, at its next swap. */
	static async atNextSwap(swarm: SwarmTruth, serviceName: string): Promise<Standstill> {
		const [containerId = ""] = await swarm.containerIds(serviceName);
		const standstill = new Standstill(swarm.docker.getContainer(containerId), serviceName);
		standstill.#stream = await hearEvents(swarm.docker, "container", (event) => standstill.#hear(event));
		return standstill;
	}

	[Symbol.asyncDispose](): Promise<void> {
		this.#stream?.destroy();
		return Promise.resolve();
	}

	#hear({ Action, Actor: { ID, Attributes: attributes } }: EngineEvent): void {
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
