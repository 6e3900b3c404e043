// Finds what stands base64 encoded: the forms a short text takes, and what long runs of base64 decode to.
import { View, ViewWriter } from "./view.ts";

/** A run that is shorter is compared with the forms of short texts; words are no longer than this. */
const shortestRun = 40;

/** Longer texts always make a run of base64 that is decoded. */
export const mostBytesWithForms = 48;

/**
 * The part of a text's base64 that stays the same whatever stands before and after it, and that with the last character it has
 * where nothing comes after. A text begins at one of three places within base64's groups, as a password does in `user:password`.
 */
export function base64Forms(bytes: Buffer): string[] {
	return [0, 1, 2].flatMap((offset) => {
		const encoded = Buffer.concat([Buffer.alloc(offset), bytes])
			.toString("base64")
			.replace(/=+$/, "");
		const begin = Math.ceil((offset * 8) / 6);
		return [encoded.slice(begin, Math.floor(((offset + bytes.length) * 8) / 6)), encoded.slice(begin)];
	});
}

/** The text as one alphabet of base64 writes it, without the line breaks that encoders put in; undefined where that changes nothing. */
export function joinBase64(view: View): View | undefined {
	if (!/[-_\n]/.test(view.text)) return undefined;
	const writer = new ViewWriter(view);
	let copied = 0;
	for (const { 0: found, index } of view.text.matchAll(/[-_]|\r?\n[ \t]*/g)) {
		writer.copy(copied, index);
		if (found === "-") writer.put(plus, index, index + 1);
		if (found === "_") writer.put(slash, index, index + 1);
		copied = index + found.length;
	}
	writer.copy(copied, view.text.length);
	return writer.finish();
}

const plus = 0x2b;
const slash = 0x2f;

/** What the long runs of base64 hold, each read from all four places that a group may begin at. A byte is a character of its number. */
export function* decodeBase64(joined: View): Generator<View> {
	for (const [from, to] of longRuns(joined.text)) {
		for (let phase = 0; phase < 4; phase++) yield decodeRun(joined, from + phase, to);
	}
}

/** Looks at each character once, which a pattern with a least length does not. */
function* longRuns(text: string): Generator<[from: number, to: number]> {
	let from = 0;
	for (let at = 0; at <= text.length; at++) {
		if (isBase64(text.charCodeAt(at))) continue;
		if (at - from >= shortestRun) yield [from, at];
		from = at + 1;
	}
}

/** False also for what stands behind the end (NaN). */
function isBase64(unit: number): boolean {
	return (unit >= 0x61 && unit <= 0x7a) || (unit >= 0x41 && unit <= 0x5a) || (unit >= 0x2f && unit <= 0x39) || unit === plus;
}

function decodeRun(joined: View, from: number, to: number): View {
	const bytes = Buffer.from(joined.text.slice(from, to), "base64");
	const starts = new Uint32Array(bytes.length);
	const ends = new Uint32Array(bytes.length);
	for (let at = 0; at < bytes.length; at++) {
		starts[at] = joined.startOf(from + Math.floor((at * 8) / 6));
		ends[at] = joined.endOf(from + Math.ceil(((at + 1) * 8) / 6) - 1);
	}
	return new View(bytes.toString("latin1"), starts, ends);
}
