import { expect, test } from "vitest";
import { readJson } from "../../../src/config/project-json.ts";

test.each([
	["", 'line 1, column 1: the file is empty, expected an object: {"version": 2, "name": "hello"}'],
	['{\n\t"a": 1,\n}', 'line 3, column 1: not valid JSON at "}"; remove the comma before it'],
	['{"a" 1}', 'line 1, column 6: not valid JSON at "1"'],
	['{"a": 1', 'line 1, column 8: not valid JSON: the file ends too early; a closing }, ] or " is missing'],
	['{"a": "x', 'line 1, column 9: not valid JSON: the file ends too early; a closing }, ] or " is missing'],
	["// note\n{}", 'line 1, column 1: not valid JSON at "/"; JSON has no comments'],
	['{\n"a": 1 // note\n}', 'line 2, column 8: not valid JSON at "/"; JSON has no comments'],
	["{'a': 1}", `line 1, column 2: not valid JSON at "'"; text stands in plain double quotes: "…"`],
	['{"a": True}', 'line 1, column 7: not valid JSON at "True"'],
	['{"a": 1}}', 'line 1, column 9: not valid JSON at "}"'],
	['{"a": 1\n "b": 2}', 'line 2, column 2: not valid JSON at "\\""; a comma or colon is missing before it'],
	["{\n<<<<<<< HEAD\n}", 'line 2, column 1: not valid JSON at "<"; a merge conflict is left in the file'],
	['{"a": "x\ny"}', 'line 1, column 9: not valid JSON at "\\n"'],
	['{"a": "\u202e"', 'line 1, column 10: not valid JSON: the file ends too early; a closing }, ] or " is missing'],
	["[".repeat(200_000), 'line 1, column 200001: not valid JSON: the file ends too early; a closing }, ] or " is missing'],
	[`${"[".repeat(65)}${"]".repeat(65)}`, "nested more than 64 levels deep"],
	[`"${"x".repeat(262_144)}"`, "the file has 262146 bytes, allowed 262144"],
	[`[${"0,".repeat(20_000)}0]`, "the file has more than 20000 keys, values and signs between them"],
	['{"a": 1,\n"b": {"c": 1},\n"a": 2}', "a: stands here a second time (line 3); keep one"],
	['{"l": [{"c": 1, "\\u0063": 1}]}', "l[0].c: stands here a second time (line 1); keep one"],
	['{"build": {"__proto__": {}}}', "build.__proto__: no key can have this name"],
])("%j", (text, expected) => {
	expect(readJson(text)).toEqual({ problems: [expected] });
});

test("a byte order mark is skipped, brackets in text do not nest, and equal keys of different objects are fine", () => {
	const text = `\uFEFF{"a": {"x": 1}, "b": {"x": "${"[{".repeat(100)}"}}\n`;
	expect(readJson(text)).toEqual({ value: { a: { x: 1 }, b: { x: "[{".repeat(100) } } });
});
