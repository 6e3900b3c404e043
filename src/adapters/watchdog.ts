// Ends this process when its lease ran out, from a thread that goes on when the event loop stands still.
import { extname } from "node:path";
import { Worker } from "node:worker_threads";
import type { Watchdog } from "../engine/ports/watchdog.ts";

/** Shared with the thread: the deadline in milliseconds of the monotonic clock. */
type SharedDeadline = BigInt64Array<SharedArrayBuffer>;

const never = 2n ** 62n;

export class ThreadWatchdog implements Watchdog {
	#deadline: SharedDeadline | undefined;

	heldUntil(deadlineMs: number): void {
		const deadline = deadlineMs === Number.POSITIVE_INFINITY ? never : BigInt(Math.floor(deadlineMs));
		if (this.#deadline) {
			Atomics.store(this.#deadline, 0, deadline);
			Atomics.notify(this.#deadline, 0);
		} else if (deadline !== never) {
			this.#deadline = startThread(deadline);
		}
	}
}

function startThread(deadline: bigint): SharedDeadline {
	const shared: SharedDeadline = new BigInt64Array(new SharedArrayBuffer(8));
	shared[0] = deadline;
	// As this file, the thread's is TypeScript in tests and JavaScript once it is built.
	const file = new URL(`./watchdog-thread${extname(import.meta.url)}`, import.meta.url);
	const thread = new Worker(file, { workerData: shared, execArgv: [], resourceLimits: { maxOldGenerationSizeMb: 16 } });
	// It keeps no process alive that is done. Should it fail, the uncaught error ends the process: nothing goes on unwatched.
	thread.unref();
	return shared;
}
