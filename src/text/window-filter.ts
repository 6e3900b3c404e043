// Tells quickly that a window of a text is none of those that are looked for: a rolling hash and a bitmap.

/** A hash of `width` units that moves along a text in constant time. A window it lets through must still be compared. */
export class WindowFilter {
	readonly width: number;
	readonly #factor: number;
	readonly #factorOut: number;
	#bitsLog2 = 14;
	#bitmap = new Uint32Array(2 ** (14 - 5));
	readonly #hashes: number[] = [];

	constructor(width: number) {
		this.width = width;
		this.#factor = 0x2c1b_3c6d;
		let out = 1;
		for (let at = 0; at < width; at++) out = Math.imul(out, this.#factor);
		this.#factorOut = out;
	}

	add(window: string): void {
		let hash = 0;
		for (let at = 0; at < this.width; at++) hash = this.push(hash, window.charCodeAt(at));
		this.#hashes.push(hash);
		// Thinly filled, it lets one window in 128 through by mistake at most.
		if (this.#hashes.length * 128 > 2 ** this.#bitsLog2 && this.#bitsLog2 < 28) this.#grow();
		else this.#set(hash);
	}

	/** The hash with one more unit. */
	push(hash: number, unit: number): number {
		return (Math.imul(hash, this.#factor) + unit) | 0;
	}

	/** The hash without the unit that went in `width` units ago. */
	drop(hash: number, unit: number): number {
		return (hash - Math.imul(unit, this.#factorOut)) | 0;
	}

	mayHold(hash: number): boolean {
		const bit = Math.imul(hash, 0x9e37_79b1) >>> (32 - this.#bitsLog2);
		return ((this.#bitmap[bit >>> 5] as number) & (1 << (bit & 31))) !== 0;
	}

	#set(hash: number): void {
		const bit = Math.imul(hash, 0x9e37_79b1) >>> (32 - this.#bitsLog2);
		this.#bitmap[bit >>> 5] = (this.#bitmap[bit >>> 5] as number) | (1 << (bit & 31));
	}

	#grow(): void {
		this.#bitsLog2 += 2;
		this.#bitmap = new Uint32Array(2 ** (this.#bitsLog2 - 5));
		for (const hash of this.#hashes) this.#set(hash);
	}
}
