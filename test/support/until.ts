// Waits in tests: asks again until it is so, and fails with what it saw last. Never a fixed sleep.
import { setTimeout as pause } from "node:timers/promises";

/** Calls `look` until `isSo` accepts what it returns, and returns that. */
export async function until<T>(look: () => Promise<T>, isSo: (seen: T) => boolean, deadlineMs = 30_000): Promise<T> {
	const deadline = Date.now() + deadlineMs;
	for (;;) {
		const seen = await look();
		if (isSo(seen)) return seen;
		if (Date.now() > deadline) throw new Error(`not so after ${deadlineMs} ms; last seen: ${JSON.stringify(seen, null, 1)}`);
		await pause(50);
	}
}
