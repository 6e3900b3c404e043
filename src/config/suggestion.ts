// Suggests the known word that a misspelt one was most likely meant to be.
import { distance } from "fastest-levenshtein";

/** Words longer than this are never a slip of the known ones, and comparing them would only cost time. */
const longestCompared = 64;

/** `; did you mean retries?` where a known word is near enough, else nothing. */
export function didYouMean(word: string, known: readonly string[]): string {
	const suggestion = nearest(word, known);
	return suggestion === undefined ? "" : `; did you mean ${suggestion}?`;
}

function nearest(word: string, known: readonly string[]): string | undefined {
	if (word.length > longestCompared) return undefined;
	const lowered = word.toLowerCase();
	const ranked = known.map((candidate) => ({ candidate, slips: distance(lowered, candidate.toLowerCase()) }));
	const best = ranked.sort((a, b) => a.slips - b.slips)[0];
	return best && best.slips <= allowedSlips(lowered, best.candidate) ? best.candidate : undefined;
}

/** A third of the shorter word; one at least, so that `prot` still finds `port` (a swap counts as two). */
function allowedSlips(word: string, candidate: string): number {
	const shorter = Math.min(word.length, candidate.length);
	return shorter < 4 ? 1 : Math.max(2, Math.floor(shorter / 3));
}
