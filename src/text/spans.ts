// Collects the places of a text that are to be masked, and masks them.

export class Spans {
	readonly #starts: number[] = [];
	readonly #ends: number[] = [];

	get isEmpty(): boolean {
		return this.#starts.length === 0;
	}

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

	/** The text with `mask` for every span; spans that overlap are one, those that only touch are not. */
	replace(text: string, mask: string): string {
		const order = Array.from(this.#starts.keys()).sort((a, b) => this.#start(a) - this.#start(b));
		const pieces: string[] = [];
		let end = 0;
		for (const span of order) {
			const start = this.#start(span);
			if (start >= end) pieces.push(text.slice(end, start), mask);
			end = Math.max(end, this.#ends[span] ?? 0);
		}
		pieces.push(text.slice(end));
		return pieces.join("");
	}

	#start(span: number): number {
		return this.#starts[span] ?? 0;
	}
}
