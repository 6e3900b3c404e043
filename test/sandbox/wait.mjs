// Owns waiting: polling a condition up to a deadline, never a fixed sleep.
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
