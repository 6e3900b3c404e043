// Takes events, or does not: the EventReceiver port of the model.
import type { EventMessage, EventReceiver, Posted } from "../../../src/engine/ports/event-receiver.ts";
import type { VirtualClock } from "../virtual-clock.ts";

const latencyMs = 5;
/** A post gives up on a receiver that says nothing. */
const timeoutMs = 10_000;

export class ModelReceiver implements EventReceiver {
	state: "up" | "down" | "silent" = "up";
	/** Events of this name are never taken. */
	refuses: string | undefined;
	/** In the order in which they arrived, each as often as it did. */
	readonly taken: EventMessage[] = [];
	readonly #clock: VirtualClock;

	constructor(clock: VirtualClock) {
		this.#clock = clock;
	}

	async post(message: EventMessage, signal: AbortSignal): Promise<Posted> {
		const { state } = this;
		await this.#clock.sleep(state === "silent" ? timeoutMs : latencyMs, signal);
		if (signal.aborted) return { taken: false, because: "it was called off" };
		if (state !== "up") return { taken: false, because: `it is ${state}` };
		if (message.event === this.refuses) return { taken: false, because: "it answered 400", refused: true };
		this.taken.push(message);
		return { taken: true };
	}
}
