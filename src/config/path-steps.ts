// Compiles patterns over paths to bits: what each place in each pattern does with the next character.

/** One step of a pattern. Characters are Unicode code points. */
export type PatternStep =
	| { kind: "character"; code: number }
	/** One character but /. */
	| { kind: "any-character" }
	/** One character of these ranges, both ends included; negated: one that is in none of them. */
	| { kind: "class"; negated: boolean; ranges: CharacterRange[] }
	/** Any number of characters but /. */
	| { kind: "any-in-name" }
	/** Any number of any characters. */
	| { kind: "any-path" }
	/** Nothing, or anything that ends with /. */
	| { kind: "any-folders" };

export type CharacterRange = readonly [from: number, to: number];
type CharacterClass = Extract<PatternStep, { kind: "class" }>;

/** A bit for each place in each pattern. */
export type PlaceBits = Int32Array;

export const slash = 0x2f;

/** All patterns, one behind the other: a place before each of a pattern's steps, and one behind the last. */
export class PatternPlaces {
	readonly size: number;
	readonly starts: PlaceBits;
	readonly ends: PlaceBits;
	/** Places that a character leaves where they are: any character but /, and / too. */
	readonly stayInName: PlaceBits;
	readonly stay: PlaceBits;
	/** Places that are left without a character, for the next one and for the one after that. */
	readonly free: PlaceBits;
	readonly freeByTwo: PlaceBits;
	readonly #anyCharacter: PlaceBits;
	readonly #slash: PlaceBits;
	readonly #characters = new Map<number, number[]>();
	readonly #classes: { place: number; step: CharacterClass }[] = [];
	/** Number of the pattern that ends at a place. */
	readonly #patternAtEnd = new Map<number, number>();
	readonly #firstPlaces: number[] = [];

	constructor(patterns: readonly (readonly PatternStep[])[]) {
		const places = patterns.reduce((sum, steps) => steps.reduce((all, step) => all + widthOf(step), sum + 1), 0);
		this.size = Math.ceil(places / 32);
		this.starts = this.none();
		this.ends = this.none();
		this.stayInName = this.none();
		this.stay = this.none();
		this.free = this.none();
		this.freeByTwo = this.none();
		this.#anyCharacter = this.none();
		this.#slash = this.none();
		let place = 0;
		for (const [pattern, steps] of patterns.entries()) {
			this.#firstPlaces.push(place);
			set(this.starts, place);
			for (const step of steps) {
				this.#put(step, place);
				place += widthOf(step);
			}
			set(this.ends, place);
			this.#patternAtEnd.set(place++, pattern);
		}
		this.#firstPlaces.push(place);
	}

	/** How many classes there are, each of which `movedBy` asks. */
	get classes(): number {
		return this.#classes.length;
	}

	none(): PlaceBits {
		return new Int32Array(this.size);
	}

	/** All places of some patterns. */
	of(patterns: readonly number[]): PlaceBits {
		const bits = this.none();
		for (const pattern of patterns) {
			const end = this.#firstPlaces[pattern + 1] ?? 0;
			for (let place = this.#firstPlaces[pattern] ?? 0; place < end; place++) set(bits, place);
		}
		return bits;
	}

	/** Places that a character leads on from, to the next one. */
	movedBy(code: number): PlaceBits {
		const bits = Int32Array.from(code === slash ? this.#slash : this.#anyCharacter);
		for (const place of this.#characters.get(code) ?? []) set(bits, place);
		for (const { place, step } of this.#classes) {
			if (step.ranges.some(([from, to]) => from <= code && code <= to) !== step.negated) set(bits, place);
		}
		return bits;
	}

	/** Numbers of the patterns that have their end among these places, rising. */
	endedAmong(bits: PlaceBits): number[] {
		const found: number[] = [];
		for (let word = 0; word < this.size; word++) {
			let ended = (bits[word] as number) & (this.ends[word] as number);
			for (; ended !== 0; ended &= ended - 1) {
				const pattern = this.#patternAtEnd.get(word * 32 + 31 - Math.clz32(ended & -ended));
				if (pattern !== undefined) found.push(pattern);
			}
		}
		return found;
	}

	#put(step: PatternStep, place: number): void {
		switch (step.kind) {
			case "character": {
				const places = this.#characters.get(step.code);
				if (places) places.push(place);
				else this.#characters.set(step.code, [place]);
				break;
			}
			case "any-character":
				set(this.#anyCharacter, place);
				break;
			case "class":
				this.#classes.push({ place, step });
				break;
			case "any-in-name":
				set(this.stayInName, place);
				set(this.free, place);
				break;
			case "any-path":
				set(this.stayInName, place);
				set(this.stay, place);
				set(this.free, place);
				break;
			case "any-folders":
				// The first place is passed by or leads into the second, which only a / leads out of.
				set(this.free, place);
				set(this.freeByTwo, place);
				set(this.stayInName, place + 1);
				set(this.stay, place + 1);
				set(this.#slash, place + 1);
		}
	}
}

function widthOf({ kind }: PatternStep): number {
	return kind === "any-folders" ? 2 : 1;
}

function set(bits: PlaceBits, place: number): void {
	bits[place >>> 5] = (bits[place >>> 5] as number) | (1 << (place & 31));
}
