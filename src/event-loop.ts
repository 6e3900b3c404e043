// Gives the event loop its turn between the pieces of long work.
import { setImmediate as nextTurn } from "node:timers/promises";

/** Long enough that the turns cost nothing, short enough that nobody waits for one. */
const longestSliceMs = 5;

/** Awaited between pieces of work that are short themselves, it keeps the loop from standing still for more than a piece and a slice. */
export class WorkSlices {
	#since = performance.now();

	async pause(): Promise<void> {
		if (performance.now() - this.#since < longestSliceMs) return;
		await nextTurn();
		this.#since = performance.now();
	}
}
