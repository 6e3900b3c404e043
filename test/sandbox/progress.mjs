// Prints progress for people: lines on stderr, stamped with the time since the start.
const startedAt = Date.now();

/** @param {string} text */
export function say(text) {
	const seconds = ((Date.now() - startedAt) / 1000).toFixed(1).padStart(5);
	process.stderr.write(`${seconds}s  ${text}\n`);
}
