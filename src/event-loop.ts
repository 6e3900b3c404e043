// Gives the event loop its turn between the pieces of long work.
import { setImmediate as nextTurn } from "node:timers/promises";

/** Long enough that the turns cost nothing, short enough that nobody waits for one. */
const longestSliceMs = 5;

/** Awaited between pieces of work that are short themselves, it keeps the loop from standing still for more than a piece and a slice. */
export class WorkSlices {
	readonly #nowMs: () => number;
	#since: number;

	/** @param nowMs the time by which a slice is measured: the engine's own has to be its clock's */
	constructor(nowMs: () => number = () => performance.now()) {
		this.#nowMs = nowMs;
		this.#since = nowMs();
	}

	async pause(): Promise<void> {
		if (this.#nowMs() - this.#since < longestSliceMs) return;
		await nextTurn();
		this.#since = this.#nowMs();
	}
}
