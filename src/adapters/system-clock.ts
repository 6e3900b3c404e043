// Tells the machine's time.
import { setTimeout as sleep } from "node:timers/promises";
import type { Clock } from "../engine/ports/clock.ts";

export const systemClock: Clock = {
	now: () => Date.now(),
	// CLOCK_MONOTONIC counts from the machine's start for all of its processes; `performance.now` counts from this one's.
	monotonic: () => Number(process.hrtime.bigint() / 1_000_000n),
	async sleep(ms, signal) {
		await sleep(ms, undefined, signal ? { signal } : undefined).catch(ignoreAbort);
	},
	every(ms, run) {
		const timer = setInterval(run, ms);
		timer.unref();
		return { [Symbol.dispose]: () => clearInterval(timer) };
	},
};

function ignoreAbort(error: unknown): void {
	if (!(error instanceof Error && error.name === "AbortError")) throw error;
}
