import fc from "fast-check";
import { expect, test } from "vitest";
import { PathMatcher } from "../../../src/config/path-matcher.ts";
import type { PatternStep } from "../../../src/config/path-steps.ts";

const step = fc.oneof(
	fc.constantFrom(..."ab/💩").map((one): PatternStep => ({ kind: "character", code: one.codePointAt(0) ?? 0 })),
	fc.constantFrom<PatternStep["kind"]>("any-character", "any-in-name", "any-path", "any-folders").map((kind) => ({ kind }) as PatternStep),
	fc.boolean().map((negated): PatternStep => ({ kind: "class", negated, ranges: [[0x61, 0x62]] })),
);
/** So many that they fill several words, and lie across their borders. */
const patterns = fc.array(fc.array(step, { maxLength: 12 }), { maxLength: 30 });
const text = fc.string({ unit: fc.constantFrom(..."aabbc/💩"), maxLength: 12 });

/** Tries every way, as slow as it is plain. */
function matches(steps: PatternStep[], path: string[]): boolean {
	const [first, ...rest] = steps;
	if (!first) return path.length === 0;
	const takes = (most: number, isTaken: (character: string) => boolean) => {
		for (let count = 0; count <= most; count++) {
			if (matches(rest, path.slice(count))) return true;
			if (!isTaken(path[count] ?? "")) return false;
		}
		return false;
	};
	const code = path[0]?.codePointAt(0);
	switch (first.kind) {
		case "any-in-name":
			return takes(path.length, (character) => character !== "/");
		case "any-path":
			return takes(path.length, () => true);
		case "any-folders":
			return matches(rest, path) || path.some((character, at) => character === "/" && matches(rest, path.slice(at + 1)));
		case "character":
			return code === first.code && matches(rest, path.slice(1));
		case "any-character":
			return code !== undefined && path[0] !== "/" && matches(rest, path.slice(1));
		case "class":
			return (
				code !== undefined &&
				first.ranges.some(([from, to]) => from <= code && code <= to) !== first.negated &&
				matches(rest, path.slice(1))
			);
	}
}

test("all patterns at once match what each matches when every way is tried", () => {
	fc.assert(
		fc.property(patterns, text, text, (all, start, rest) => {
			const matcher = new PathMatcher(all);
			const halfway = matcher.advance(matcher.start, start);
			const found = matcher.matches(matcher.advance(halfway, rest));
			const path = [...start, ...rest];
			expect(found).toEqual(all.flatMap((steps, index) => (matches(steps, path) ? [index] : [])));
			// What matched in the end must have been possible halfway.
			expect(found.filter((index) => !matcher.mayMatch(halfway, matcher.placesOf([index])))).toEqual([]);
		}),
		{ numRuns: 500 },
	);
});
