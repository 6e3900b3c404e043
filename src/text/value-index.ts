// Finds known values in a text, in time that grows with the text alone, whatever the values are and however many.
import { WindowFilter } from "./window-filter.ts";

/** Shorter values ("1", "true", "prod") are no secrets, and masking them would garble every text. */
export const shortestValue = 6;

/** A value as long as this is found by its pieces, each of this length, so that a part of it is found too. */
export const pieceLength = 32;
const pieceStride = 16;

/** A part of a long value that is at least this long always holds one of its pieces. */
export const longestHiddenPart = pieceLength + pieceStride - 2;

/** Told each place where a value stands, `end` exclusive. */
type Found = (start: number, end: number) => void;

/**
 * Values are kept in hash tables and nothing is compiled from them. Short ones are found as a whole: by their first six units,
 * and then by the whole of each length that begins so (26 at most). Long ones are found by pieces, and from a piece as far to both
 * sides as the text is the value's.
 */
export class ValueIndex {
	readonly #heads = new WindowFilter(shortestValue);
	readonly #lengths = new Map<string, number[]>();
	readonly #short = new Set<string>();
	readonly #pieces = new WindowFilter(pieceLength);
	readonly #places = new Map<string, Place>();

	get isEmpty(): boolean {
		return this.size === 0;
	}

	/** Whole values and pieces that are kept. */
	get size(): number {
		return this.#short.size + this.#places.size;
	}

	/** Adding a value twice changes nothing. One that is too short is left out. */
	add(value: string): void {
		if (value.length < shortestValue) return;
		if (value.length < pieceLength) this.#addShort(value);
		else this.#addLong(value);
	}

	find(text: string, found: Found): void {
		if (this.#lengths.size > 0) roll(this.#heads, text, (at) => this.#matchShort(text, at, found));
		if (this.#places.size > 0) this.#findPieces(text, found);
	}

	#addShort(value: string): void {
		if (this.#short.has(value)) return;
		this.#short.add(value);
		const head = value.slice(0, shortestValue);
		const lengths = this.#lengths.get(head);
		if (!lengths) {
			this.#heads.add(head);
			this.#lengths.set(head, [value.length]);
		} else if (!lengths.includes(value.length)) {
			lengths.push(value.length);
			lengths.sort((a, b) => b - a);
		}
	}

	#addLong(value: string): void {
		const last = value.length - pieceLength;
		for (let at = 0; at < last; at += pieceStride) this.#addPiece(value, at);
		this.#addPiece(value, last);
	}

	#addPiece(value: string, at: number): void {
		const piece = value.slice(at, at + pieceLength);
		if (this.#places.has(piece)) return;
		this.#pieces.add(piece);
		this.#places.set(piece, { value, at });
	}

	/** The longest that begins here covers all others that do. */
	#matchShort(text: string, at: number, found: Found): void {
		for (const length of this.#lengths.get(text.slice(at, at + shortestValue)) ?? []) {
			if (at + length > text.length || !this.#short.has(text.slice(at, at + length))) continue;
			found(at, at + length);
			break;
		}
	}

	#findPieces(text: string, found: Found): void {
		let covered = 0;
		roll(this.#pieces, text, (at) => {
			if (at + pieceLength <= covered) return;
			const place = this.#places.get(text.slice(at, at + pieceLength));
			if (!place) return;
			// No unit is compared twice: to the left only as far as nothing is covered yet.
			const start = at - commonBefore(text, at, place, at - covered);
			covered = at + pieceLength + commonAfter(text, at + pieceLength, place);
			found(start, covered);
		});
	}
}

interface Place {
	value: string;
	at: number;
}

/** Tells each place where a window of the filter may begin. */
function roll(filter: WindowFilter, text: string, seen: (at: number) => void): void {
	const { width } = filter;
	let hash = 0;
	for (let end = 0; end < text.length; end++) {
		hash = filter.push(hash, text.charCodeAt(end));
		if (end >= width) hash = filter.drop(hash, text.charCodeAt(end - width));
		if (end >= width - 1 && filter.mayHold(hash)) seen(end - width + 1);
	}
}

function commonBefore(text: string, end: number, { value, at }: Place, most: number): number {
	let count = 0;
	while (count < most && count < at && text.charCodeAt(end - count - 1) === value.charCodeAt(at - count - 1)) count++;
	return count;
}

function commonAfter(text: string, begin: number, { value, at }: Place): number {
	const own = at + pieceLength;
	let count = 0;
	while (own + count < value.length && begin + count < text.length && text.charCodeAt(begin + count) === value.charCodeAt(own + count)) {
		count++;
	}
	return count;
}
