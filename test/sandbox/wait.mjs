// Waits for a condition up to a deadline (never a fixed sleep), and for things done side by side.
import { setTimeout as delay } from "node:timers/promises";

/**
 * Polls until the condition returns something truthy, and returns that. A throwing condition counts as "not yet".
 * @template T
 * @param {string} what for the error: "timed out waiting for …"
 * @param {() => T | Promise<T>} condition
 * @param {{withinMs: number, everyMs?: number, giveUpIf?: () => string | undefined}} limits giveUpIf returns why it can no longer happen
 * @returns {Promise<T>}
 */
export async function waitUntil(what, condition, { withinMs, everyMs = 50, giveUpIf }) {
	const deadline = Date.now() + withinMs;
	let lastError;
	for (;;) {
		try {
			const result = await condition();
			if (result) return result;
		} catch (error) {
			lastError = error;
		}
		const hopeless = giveUpIf?.();
		if (hopeless) throw new Error(`${what}: ${hopeless}`, { cause: lastError });
		if (Date.now() > deadline) {
			const because = lastError ? ` (${lastError.message})` : "";
			throw new Error(`timed out after ${withinMs / 1000} s waiting for ${what}${because}`, { cause: lastError });
		}
		await delay(everyMs);
	}
}

/**
 * Like Promise.all, but rejects only when all have ended: nothing goes on behind the back of whoever handles the error.
 * @template T @param {Promise<T>[]} promises @returns {Promise<T[]>}
 */
export async function sideBySide(promises) {
	const results = await Promise.allSettled(promises);
	const failed = results.find((result) => result.status === "rejected");
	if (failed) throw failed.reason;
	return results.map((result) => result.value);
}
