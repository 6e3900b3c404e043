// Matches paths against many patterns at once, in a time that depends on their sizes alone: no pattern can make it slow.
import { PatternPlaces, type PatternStep, type PlaceBits, slash } from "./path-steps.ts";
import { Refusal } from "./refusal.ts";

/** How far all patterns have come in a path. Not to be changed. */
export type PathProgress = PlaceBits;

/** What is kept of work done once: words of bits (16 MB), ways from one progress to the next, and what a character moves. */
const mostKeptWords = 4_194_304;
const mostKeptWays = 100_000;
const mostKeptCharacters = 512;
/** Words and classes gone through, some seconds of work. A thousand usual patterns on 50,000 usual paths take 250,000. */
const mostWork = 50_000_000;

/**
 * A bit for each place in each pattern says whether the path so far may have led there, and a character moves all of them at
 * once (the algorithm is known as Shift-And). Where a character leads is kept while there is room, since names repeat; at worst
 * a path costs its length times a 32nd of the length of all patterns, and nothing is ever tried twice.
 *
 * Progress can be held on to: everything in a folder goes on from where the folder's own path led.
 */
export class PathMatcher {
	/** Before the first character of a path. */
	readonly start: PathProgress;
	readonly #places: PatternPlaces;
	readonly #kept = new Map<string, PathProgress>();
	readonly #ways = new Map<PathProgress, Map<number, PathProgress>>();
	readonly #moved = new Map<number, PlaceBits>();
	#keptWays = 0;
	#work = 0;

	constructor(patterns: readonly (readonly PatternStep[])[]) {
		this.#places = new PatternPlaces(patterns);
		const { starts } = this.#places;
		this.start = this.#step(starts, this.#places.none(), starts);
	}

	/**
	 * After more of the path.
	 * @throws Refusal where patterns and paths are made for each other to be more work than anybody needs
	 */
	advance(progress: PathProgress, text: string): PathProgress {
		let now = progress;
		for (const character of text) {
			const code = character.codePointAt(0) ?? 0;
			now = this.#ways.get(now)?.get(code) ?? this.#find(now, code);
		}
		return now;
	}

	/** Numbers of the patterns that match all of the path that was read, rising. */
	matches(progress: PathProgress): number[] {
		return this.#places.endedAmong(progress);
	}

	/** For `mayMatch`. */
	placesOf(patterns: readonly number[]): PlaceBits {
		return this.#places.of(patterns);
	}

	/** Whether more of the path could make one of the patterns match that `places` are of. */
	mayMatch(progress: PathProgress, places: PlaceBits): boolean {
		return progress.some((word, index) => (word & (places[index] as number)) !== 0);
	}

	#find(now: PathProgress, code: number): PathProgress {
		const { stay, stayInName, size } = this.#places;
		const next = this.#step(now, this.#movedBy(code), code === slash ? stay : stayInName);
		this.#count(size);
		if (this.#keptWays >= mostKeptWays || this.#kept.size * size >= mostKeptWords) this.#forget();
		const key = Buffer.from(next.buffer).toString("latin1");
		const same = this.#kept.get(key) ?? next;
		this.#kept.set(key, same);
		const ways = this.#ways.get(now) ?? new Map<number, PathProgress>();
		this.#ways.set(now, ways.set(code, same));
		this.#keptWays++;
		return same;
	}

	#movedBy(code: number): PlaceBits {
		const known = this.#moved.get(code);
		if (known) return known;
		if (this.#moved.size >= mostKeptCharacters) this.#moved.clear();
		this.#count(this.#places.size + this.#places.classes);
		const moved = this.#places.movedBy(code);
		this.#moved.set(code, moved);
		return moved;
	}

	#count(work: number): void {
		this.#work += work;
		if (this.#work > mostWork) throw new Refusal("it is too much work to match these patterns with these names");
	}

	#forget(): void {
		this.#kept.clear();
		this.#ways.clear();
		this.#keptWays = 0;
	}

	#step(now: PathProgress, moved: PlaceBits, stay: PlaceBits): PathProgress {
		const { free, freeByTwo, size } = this.#places;
		const next = this.#places.none();
		// What is led over from a word to the one after it.
		let carried = 0;
		for (let word = 0; word < size; word++) {
			const bits = now[word] as number;
			if ((bits | carried) === 0) continue;
			const onward = bits & (moved[word] as number);
			let reached = carried | (onward << 1) | (bits & (stay[word] as number));
			carried = onward >>> 31;
			for (let fresh = reached & (free[word] as number); fresh !== 0; ) {
				const byTwo = fresh & (freeByTwo[word] as number);
				carried |= (fresh >>> 31) | (byTwo >>> 30);
				const more = ((fresh << 1) | (byTwo << 2)) & ~reached;
				reached |= more;
				fresh = more & (free[word] as number);
			}
			next[word] = reached;
		}
		return next;
	}
}
