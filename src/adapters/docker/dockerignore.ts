// Tells which files of a build context stay behind, by the rules that Docker has for .dockerignore.
import { posix } from "node:path";
import { PathMatcher, type PathProgress } from "../../config/path-matcher.ts";
import type { PlaceBits } from "../../config/path-steps.ts";
import { quote } from "../../config/quote.ts";
import { Refusal } from "../../config/refusal.ts";
import { DeploymillError } from "../../errors.ts";
import { readPattern } from "./dockerignore-pattern.ts";

export const mostIgnoreBytes = 65_536;
const mostPatterns = 2000;

/** What the patterns say of all that is in a folder. */
export interface FolderRules {
	/** After the folder's path and its slash. */
	progress: PathProgress;
	matched: readonly number[];
	/** The folder is ignored, and no exception can match anything in it. */
	closed: boolean;
}

/** What the patterns say of a file or a folder. */
export interface Verdict {
	ignored: boolean;
	/** After its path. */
	progress: PathProgress;
	/** Numbers of the patterns that matched it or a folder around it, as far as they counted. */
	matched: readonly number[];
}

/**
 * The patterns of one file. A path is asked for name by name, from the root down: what a folder matched holds for everything in
 * it, and the last pattern that matches decides.
 */
export class Dockerignore {
	readonly root: FolderRules;
	readonly #name: string;
	readonly #matcher: PathMatcher;
	readonly #isException: readonly boolean[];
	readonly #exceptions: PlaceBits;

	/**
	 * @param name of the file in the repository, for errors
	 * @throws build_failed, naming the line that is no pattern, or for more patterns than are read
	 */
	constructor(text: string, name: string) {
		this.#name = name;
		const patterns = this.#explain(() => readPatterns(text));
		this.#isException = patterns.map(({ isException }) => isException);
		this.#matcher = new PathMatcher(patterns.map(({ steps }) => steps));
		this.#exceptions = this.#matcher.placesOf(patterns.flatMap(({ isException }, index) => (isException ? [index] : [])));
		this.root = { progress: this.#matcher.start, matched: [], closed: false };
	}

	/** @throws build_failed where patterns and names are made for each other to be endless work */
	look({ progress, matched }: FolderRules, name: string): Verdict {
		const here = this.#explain(() => this.#matcher.advance(progress, name));
		return { progress: here, ...this.#decide(this.#matcher.matches(here), matched) };
	}

	enter({ ignored, progress, matched }: Verdict): FolderRules {
		const inside = this.#explain(() => this.#matcher.advance(progress, "/"));
		return { progress: inside, matched, closed: ignored && !this.#matcher.mayMatch(inside, this.#exceptions) };
	}

	#explain<Result>(work: () => Result): Result {
		try {
			return work();
		} catch (error) {
			throw error instanceof Refusal ? badIgnoreFile(this.#name, error.message) : error;
		}
	}

	/**
	 * In the order of the file. A pattern that matched around the entry counts again; another is only asked where it would change
	 * something: an exception where the entry is ignored so far, any other where it is not.
	 */
	#decide(here: readonly number[], around: readonly number[]): { ignored: boolean; matched: number[] } {
		const matched: number[] = [];
		let ignored = false;
		for (let [first, second] = [0, 0]; first < here.length || second < around.length; ) {
			const pattern = Math.min(here[first] ?? Number.POSITIVE_INFINITY, around[second] ?? Number.POSITIVE_INFINITY);
			const isInherited = around[second] === pattern;
			if (here[first] === pattern) first++;
			if (isInherited) second++;
			const isException = this.#isException[pattern] === true;
			if (isException !== ignored && !isInherited) continue;
			matched.push(pattern);
			ignored = !isException;
		}
		return { ignored, matched };
	}
}

/** The author's mistake in an ignore file. `problem` is a part of a sentence. */
export function badIgnoreFile(name: string, problem: string): DeploymillError {
	return new DeploymillError("build_failed", `The build was not started: ${quote(name)} cannot be used: ${problem}.`, {
		hint: "Correct that file in the repository, push and deploy again.",
	});
}

interface Pattern {
	isException: boolean;
	steps: ReturnType<typeof readPattern>;
}

function readPatterns(text: string): Pattern[] {
	const lines = text.replace(/^\uFEFF/, "").split(/\r?\n/);
	const patterns = lines.flatMap((line, index) => readLine(line, index + 1) ?? []);
	if (patterns.length > mostPatterns) throw new Refusal(`it has ${patterns.length} patterns, allowed ${mostPatterns}`);
	return patterns;
}

/** A comment begins in the first column; around a pattern, spaces do not count. */
function readLine(line: string, number: number): Pattern | undefined {
	const trimmed = line.startsWith("#") ? "" : trim(line);
	if (trimmed === "") return undefined;
	const isException = trimmed.startsWith("!");
	const pattern = clean(isException ? trim(trimmed.slice(1)) : trimmed);
	try {
		if (isException && (pattern === "" || pattern === "/")) throw new Refusal("a ! without a pattern");
		return { isException, steps: readPattern(pattern) };
	} catch (error) {
		if (!(error instanceof Refusal)) throw error;
		throw new Refusal(`line ${number}: got ${quote(trimmed)}, ${error.message}`);
	}
}

/** As Go's filepath.Clean: without `.`, `..` and doubled slashes. The root of the context is the root of all paths. */
function clean(pattern: string): string {
	if (pattern === "") return "";
	const normal = posix.normalize(pattern).replace(/(?<=.)\/$/, "");
	return normal.length > 1 && normal.startsWith("/") ? normal.slice(1) : normal;
}

function trim(text: string): string {
	let [start, end] = [0, text.length];
	while (start < end && isSpace(text[start])) start++;
	while (end > start && isSpace(text[end - 1])) end--;
	return text.slice(start, end);
}

function isSpace(character: string | undefined): boolean {
	return character !== undefined && /\p{White_Space}/u.test(character);
}
