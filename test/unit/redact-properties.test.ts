import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Redactor } from "../../src/redact.ts";
import { type Choose, printedForms } from "../support/printed-forms.ts";

const longest = 65_536;

/** How many inputs each property is tried with, as a share of the usual; `FC_EFFORT=20` tries harder. */
const effort = Number(process.env.FC_EFFORT ?? 1);

/** Any UTF-16 units, halves of surrogate pairs with them; now and then very long. */
const anyText = (maxLength: number) =>
	fc.oneof(
		{ weight: 4, arbitrary: fc.string({ unit: "grapheme", maxLength: Math.min(60, maxLength) }) },
		{ weight: 4, arbitrary: fc.string({ unit: "binary", maxLength: Math.min(60, maxLength) }) },
		{
			weight: 2,
			arbitrary: fc
				.array(fc.integer({ min: 0, max: 0xffff }), { maxLength: Math.min(100, maxLength) })
				.map((units) => String.fromCharCode(...units)),
		},
		{
			weight: 1,
			arbitrary: fc
				.tuple(fc.string({ unit: "binary", minLength: 1, maxLength: 20 }), fc.nat(maxLength))
				.map(([unit, length]) => unit.repeat(length).slice(0, length)),
		},
		{ weight: 1, arbitrary: fc.tuple(fc.nat(), fc.nat(maxLength)).map(([seed, length]) => noise(seed, length)) },
	);

const choices: fc.Arbitrary<Choose> = fc.nat().map((seed) => (at) => ((Math.imul(seed + at, 0x9e37_79b1) >>> 7) & 1) === 1);

/** A value that is long enough to be one. */
const anyValue = (maxLength: number) => anyText(maxLength).filter((value) => value.trim().length >= 6);

function knowing(values: string[]): Redactor {
	const redactor = new Redactor();
	for (const [at, value] of values.entries()) {
		if (at % 2 === 0) redactor.add(value);
		else redactor.addEnvValue(value);
	}
	return redactor;
}

describe("Of any value in any text", { timeout: 60_000 * effort }, () => {
	test("nothing is thrown, and no value is left in any of its forms", () => {
		const pieces = fc.array(fc.oneof(anyText(300), fc.tuple(fc.nat(), fc.nat(), choices)), { maxLength: 8 });
		fc.assert(
			fc.property(fc.array(anyValue(longest), { minLength: 1, maxLength: 6 }), pieces, (values, parts) => {
				const names = Object.keys(contextFree);
				const text = parts.map((part) => (typeof part === "string" ? part : print(values, names, part))).join("");
				const masked = knowing(values).mask(text);
				for (const value of values) {
					for (const write of Object.values(contextFree)) {
						const form = write(value.trim(), () => false);
						if (form.length >= 6) expect(masked.includes(form)).toBe(false);
					}
				}
			}),
			{ numRuns: 80 * effort },
		);
	});

	test.each(Object.entries(printedForms))("it is found as %s, and all of it", (_name, write) => {
		fc.assert(
			fc.property(anyValue(longest), choices, (value, choose) => {
				const form = write(value.trim(), choose);
				const masked = knowing([value]).mask(`[ ${form} ]`);
				expect(masked.startsWith("[ ") && masked.endsWith(" ]")).toBe(true);
				// What base64 holds beside the value, and what pads it.
				const around = { "base64 of JSON": 24, "base64 of a login": 12, "base64 of base64": 90 }[_name] ?? 0;
				expect(masked.slice(2, -2).replace(/\*\*\*=*(?:%3D)*/g, "").length).toBeLessThanOrEqual(around);
				expect(masked).toContain("***");
			}),
			{ numRuns: 15 * effort },
		);
	});

	test("of a long one every part of 47 units or more is found, and all of it", () => {
		fc.assert(
			fc.property(
				fc.nat(),
				fc.integer({ min: 47, max: 3_000 }),
				fc.nat(),
				fc.integer({ min: 47, max: 3_000 }),
				(seed, length, from, partLength) => {
					const value = noise(seed, length);
					const begin = from % (length - 46);
					const part = value.slice(begin, begin + partLength);
					fc.pre(part.length >= 47);
					expect(knowing([value]).mask(`[ ${part} ]`)).toBe("[ *** ]");
				},
			),
			{ numRuns: 60 * effort },
		);
	});

	test("no text is so long or so deep that it is thrown at", () => {
		const redactor = knowing(["correct-horse", noise(1, longest)]);
		expect(redactor.mask("correct-horse".repeat(400_000))).toMatch(/^(\*{3})+\[… \d+ characters cut\]$/);
		let deep: unknown = "correct-horse";
		for (let level = 0; level < 50_000; level++) deep = [deep];
		expect(JSON.stringify(redactor.maskDeep(deep))).toContain("withheld");
	});
});

/** A hang, or work that grows with the square of a text, would take hours. */
describe("The work grows with the text alone", { timeout: 60_000 }, () => {
	const size = 32_768;
	const values = [
		`${"a".repeat(25_000)}b`,
		...Array.from({ length: 800 }, (_, at) => `${"a".repeat(6 + (at % 40))}${at}`),
		...Array.from({ length: 200 }, (_, at) => `${"a".repeat(200)}${at}`),
	];
	test.each([
		["one letter", "a"],
		["backslashes", "\\"],
		["escapes", "\\u0061"],
		["bytes", "\\xc3\\xa4"],
		["percents", "%61"],
		["pluses", "+"],
		["entities", "&#97;"],
		["entities without an end", "&#0"],
		["base64", "YWFh"],
		["base64 in lines", `${"YWFh".repeat(16)}\n`],
		["base64 in base64", "WVdGaFlXRmhZV0Zo"],
		["half of a character", "\u00c3"],
		["line breaks", "\n \t"],
		["addresses", "a://b:c@"],
		["addresses without an end", "a://b:"],
		["authorization", "authorization: basic "],
	])("%s", (_name, unit) => {
		const text = unit.repeat(size / unit.length);
		expect(typeof knowing(values).mask(text)).toBe("string");
	});
});

/** Of these a form is found whatever stands before it. */
const contextFree = Object.fromEntries(
	["plain", "JSON", "JSON of Go", "address in JSON"].map((name) => [name, printedForms[name] as (value: string, choose: Choose) => string]),
);

function print(values: string[], names: string[], [value, name, choose]: [number, number, Choose]): string {
	const write = contextFree[names[name % names.length] ?? ""];
	return write?.(values[value % values.length]?.trim() ?? "", choose) ?? "";
}

/** Printable characters without a pattern, the same for the same seed. */
function noise(seed: number, length: number): string {
	let state = seed | 1;
	return Array.from({ length }, () => {
		state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fff_ffff;
		return String.fromCharCode(0x21 + ((state >> 8) % 94));
	}).join("");
}
