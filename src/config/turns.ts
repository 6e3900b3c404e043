// Gives the event loop its turn in the middle of long work on text from outside.
import { setImmediate } from "node:timers/promises";

/** A turn of the loop is given up after so long: timers, other calls and signals wait no longer. */
const longestHoldMs = 10;

export class Turns {
	#since = performance.now();

	/** To be awaited between pieces of work that take a few milliseconds each at most. */
	async give(): Promise<void> {
		if (performance.now() - this.#since < longestHoldMs) return;
		await setImmediate();
		this.#since = performance.now();
	}
}
