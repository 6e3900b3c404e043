// Keeps a text as it reads after decoding, with where each of its characters stands in the original.

/** One reading of a text. Units are UTF-16 code units; `startOf` and `endOf` lead back to the text that was first given. */
export class View {
	readonly text: string;
	/** Absent where the text was not changed: unit i stands at i. */
	readonly #starts: Uint32Array | undefined;
	readonly #ends: Uint32Array | undefined;

	constructor(text: string, starts?: Uint32Array, ends?: Uint32Array) {
		this.text = text;
		this.#starts = starts;
		this.#ends = ends;
	}

	startOf(index: number): number {
		return this.#starts ? (this.#starts[index] as number) : index;
	}

	/** Where unit `index` ends, exclusive. */
	endOf(index: number): number {
		return this.#ends ? (this.#ends[index] as number) : index + 1;
	}
}

/** Writes a new view of another, unit by unit. It can hold as many units as the other has. */
export class ViewWriter {
	readonly #source: View;
	readonly #units: Uint16Array;
	readonly #starts: Uint32Array;
	readonly #ends: Uint32Array;
	#length = 0;

	constructor(source: View) {
		const capacity = source.text.length;
		this.#source = source;
		this.#units = new Uint16Array(capacity);
		this.#starts = new Uint32Array(capacity);
		this.#ends = new Uint32Array(capacity);
	}

	/** A unit that stands for the source's units `from` to `to`, exclusive. */
	put(unit: number, from: number, to: number): void {
		this.#units[this.#length] = unit;
		this.#starts[this.#length] = this.#source.startOf(from);
		this.#ends[this.#length] = this.#source.endOf(to - 1);
		this.#length++;
	}

	/** The source's units `from` to `to` as they are. */
	copy(from: number, to: number): void {
		for (let index = from; index < to; index++) this.put(this.#source.text.charCodeAt(index), index, index + 1);
	}

	finish(): View {
		const bytes = Buffer.from(this.#units.buffer, 0, this.#length * 2);
		return new View(bytes.toString("utf16le"), this.#starts.subarray(0, this.#length), this.#ends.subarray(0, this.#length));
	}
}
