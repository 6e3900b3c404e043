// Reads one pattern of a .dockerignore: the rules of Go's filepath.Match, and Docker's ** on top of them.
import type { CharacterRange, PatternStep } from "../../config/path-steps.ts";
import { Refusal } from "../../config/refusal.ts";

/**
 * Docker tells three cases of `**` apart: at the end it stands for anything, as the beginning of a pattern without further
 * wildcards it does so too (`**.log` is any path that ends so), and elsewhere for nothing or whole folders.
 *
 * @param pattern cleaned, without the `!` of an exception
 * @throws Refusal for what Go calls a bad pattern
 */
export function readPattern(pattern: string): PatternStep[] {
	const characters = [...pattern];
	const steps: PatternStep[] = [];
	for (let at = 0; at < characters.length; ) {
		const { step, next } = readStep(characters, at);
		if (!isRepeated(steps.at(-1), step)) steps.push(step);
		at = next;
	}
	return steps;
}

interface Reading {
	step: PatternStep;
	/** Where the pattern goes on. */
	next: number;
}

function readStep(characters: string[], at: number): Reading {
	switch (characters[at]) {
		case "*":
			return characters[at + 1] === "*" ? readDoubleStar(characters, at) : { step: { kind: "any-in-name" }, next: at + 1 };
		case "?":
			return { step: { kind: "any-character" }, next: at + 1 };
		case "[":
			return readClass(characters, at);
		case "\\":
			if (at + 1 === characters.length) throw new Refusal("a \\ at the end, with nothing to escape");
			return { step: { kind: "character", code: codeAt(characters, at + 1) }, next: at + 2 };
		default:
			return { step: { kind: "character", code: codeAt(characters, at) }, next: at + 1 };
	}
}

function readDoubleStar(characters: string[], at: number): Reading {
	const hasSlash = characters[at + 2] === "/";
	const next = at + (hasSlash ? 3 : 2);
	const rest = characters.slice(next);
	const isSuffix = at === 0 && !hasSlash && !rest.some((character) => "*?[]\\".includes(character));
	return { step: { kind: rest.length === 0 || isSuffix ? "any-path" : "any-folders" }, next };
}

/** `**` right behind `**` adds nothing, and would make a long way of it. */
function isRepeated(before: PatternStep | undefined, step: PatternStep): boolean {
	return step.kind === "any-folders" && before?.kind === "any-folders";
}

/** `[a-z]`, `[^a-z]`. In it `]`, `-` and `\` stand behind a `\`, as Go will have it; unlike `?` it also takes a slash. */
function readClass(characters: string[], open: number): Reading {
	const negated = characters[open + 1] === "^";
	const ranges: CharacterRange[] = [];
	let at = open + (negated ? 2 : 1);
	while (characters[at] !== "]" || ranges.length === 0) {
		const from = readBound(characters, at);
		const isRange = characters[from.next] === "-";
		const to = isRange ? readBound(characters, from.next + 1) : from;
		if (to.code < from.code) throw new Refusal("a range in [ ] that runs backwards");
		ranges.push([from.code, to.code]);
		at = to.next;
	}
	return { step: { kind: "class", negated, ranges }, next: at + 1 };
}

function readBound(characters: string[], at: number): { code: number; next: number } {
	const escaped = characters[at] === "\\";
	const place = escaped ? at + 1 : at;
	if (place >= characters.length) throw new Refusal("a [ without its ]");
	if (!escaped && (characters[at] === "-" || characters[at] === "]")) {
		throw new Refusal(`a ${characters[at]} in [ ] where a character is expected; write \\${characters[at]}`);
	}
	return { code: codeAt(characters, place), next: place + 1 };
}

function codeAt(characters: string[], at: number): number {
	return characters[at]?.codePointAt(0) ?? 0;
}
