// Reads globs of the project file (`*`, `**`, `?`, `[a-z]`, `{a,b}`), and matches a repository's paths against them.
import { PathMatcher } from "./path-matcher.ts";
import { type CharacterRange, type PatternStep, slash } from "./path-steps.ts";
import { Refusal } from "./refusal.ts";

/** What the braces of one glob may stand for. */
const mostAlternatives = 100;
/** Of all globs together, every alternative written out. */
const mostCharacters = 32_768;

/**
 * Whether a path (relative, `/`) matches one of the globs; hidden files count like others. `**` alone between slashes stands for
 * any number of folders, at the end for all that is in them.
 * @throws Refusal for what is no glob, and for more alternatives than are matched
 */
export function globMatcher(globs: readonly string[]): (path: string) => boolean {
	const patterns = globs.flatMap(expandBraces).map(readGlob);
	const characters = patterns.reduce((sum, steps) => sum + steps.length, 0);
	if (characters > mostCharacters)
		throw new Refusal(`${characters} characters with every alternative written out, allowed ${mostCharacters}`);
	const matcher = new PathMatcher(patterns);
	return (path) => matcher.matches(matcher.advance(matcher.start, path)).length > 0;
}

/** `{a,b}c` as `ac` and `bc`. */
function expandBraces(glob: string): string[] {
	const open = glob.indexOf("{");
	const before = open < 0 ? glob : glob.slice(0, open);
	if (before.includes("}")) throw new Refusal("expected a { before its }");
	if (open < 0) return [glob];
	const { alternatives, end } = readBraces(glob, open);
	const middles = alternatives.flatMap(expandBraces);
	const ends = expandBraces(glob.slice(end));
	if (middles.length * ends.length > mostAlternatives) throw new Refusal(`expected at most ${mostAlternatives} alternatives in braces`);
	return middles.flatMap((middle) => ends.map((rest) => before + middle + rest));
}

/** What stands between the commas of the braces that open there, and where the text behind them begins. */
function readBraces(glob: string, open: number): { alternatives: string[]; end: number } {
	const alternatives: string[] = [];
	let depth = 0;
	let from = open + 1;
	for (const { 0: sign, index } of glob.slice(open).matchAll(/[{},]/g)) {
		const at = open + index;
		if (sign !== ",") depth += sign === "{" ? 1 : -1;
		if (depth > 1 || (depth === 1 && sign !== ",")) continue;
		alternatives.push(glob.slice(from, at));
		from = at + 1;
		if (depth === 0) return { alternatives: needsChoice(alternatives), end: from };
	}
	throw new Refusal("expected a } after its {");
}

function needsChoice(alternatives: string[]): string[] {
	if (alternatives.length < 2) throw new Refusal("expected a comma in braces: {a,b}");
	return alternatives;
}

function readGlob(glob: string): PatternStep[] {
	const names = glob.split("/");
	return names.flatMap((name, index) => {
		const isLast = index === names.length - 1;
		if (name === "**") return [{ kind: isLast ? "any-path" : "any-folders" }];
		return isLast ? readName(name) : [...readName(name), character(slash)];
	});
}

function readName(name: string): PatternStep[] {
	const characters = [...name];
	const steps: PatternStep[] = [];
	for (let at = 0; at < characters.length; at++) {
		const one = characters[at] as string;
		if (one === "*") {
			if (steps.at(-1)?.kind !== "any-in-name") steps.push({ kind: "any-in-name" });
		} else if (one === "?") steps.push({ kind: "any-character" });
		else if (one === "[") {
			const { step, end } = readClass(characters, at);
			steps.push(step);
			at = end;
		} else steps.push(character(one.codePointAt(0) ?? 0));
	}
	return steps;
}

/** `[a-z_]` or `[^a-z]`, and where its ] stands. A ] that comes first is one of its characters. */
function readClass(characters: string[], open: number): { step: PatternStep; end: number } {
	const negated = characters[open + 1] === "^";
	const first = open + (negated ? 2 : 1);
	const end = characters.indexOf("]", first + 1);
	if (end < 0) throw new Refusal("expected a ] after its [");
	const codes = characters.slice(first, end).map((one) => one.codePointAt(0) ?? 0);
	const ranges: CharacterRange[] = [];
	for (let at = 0; at < codes.length; at++) {
		const from = codes[at] as number;
		const to = characters[first + at + 1] === "-" ? codes[at + 2] : undefined;
		if (to !== undefined && to < from) throw new Refusal("expected ranges in [ ] that run forwards");
		ranges.push([from, to ?? from]);
		if (to !== undefined) at += 2;
	}
	return { step: { kind: "class", negated, ranges: negated ? [...ranges, [slash, slash]] : ranges }, end };
}

function character(code: number): PatternStep {
	return { kind: "character", code };
}
