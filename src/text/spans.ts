// Collects the places of a text that are to be masked, and masks them.

export class Spans {
	readonly #starts: number[] = [];
	readonly #ends: number[] = [];

	/** @param end exclusive */
	add(start: number, end: number): void {
		const last = this.#starts.length - 1;
		const lastStart = this.#starts[last];
		const lastEnd = this.#ends[last];
		// A run of overlapping finds is one span, however many they are.
		if (lastStart !== undefined && lastEnd !== undefined && start >= lastStart && start < lastEnd) {
			if (end > lastEnd) this.#ends[last] = end;
			return;
		}
		this.#starts.push(start);
		this.#ends.push(end);
	}

	/**
	 * The part of the text from `from` to `to` (exclusive), with `mask` for every span that stands in it, be it with one unit. Spans that
	 * overlap are one, those that only touch are not.
	 */
	replace(text: string, mask: string, from: number, to: number): string {
		const order = Array.from(this.#starts.keys()).sort((a, b) => this.#start(a) - this.#start(b));
		const pieces: string[] = [];
		let end = from;
		for (const span of order) {
			const start = Math.max(from, this.#start(span));
			const spanEnd = this.#ends[span] ?? 0;
			if (start >= to || spanEnd <= end) continue;
			if (start >= end) pieces.push(text.slice(end, start), mask);
			end = spanEnd;
		}
		pieces.push(text.slice(end, Math.max(end, to)));
		return pieces.join("");
	}

	#start(span: number): number {
		return this.#starts[span] ?? 0;
	}
}
