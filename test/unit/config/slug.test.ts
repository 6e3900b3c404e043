import { expect, test } from "vitest";
import { slugs } from "../../../src/config/slug.ts";

test("candidates count up without end", () => {
	const [first, second, third] = slugs("Hello, World!");
	expect([first, second, third]).toEqual(["hello-world", "hello-world-2", "hello-world-3"]);
});

test.each([
	["Crème Brûlée", "creme-brulee"],
	["Straße Øst", "strasse-ost"],
	["ｆｕｌｌ", "full"],
	["2048", "app-2048"],
	["日本", "app"],
	["---", "app"],
	["__init__", "init"],
	["a".repeat(80), "a".repeat(40)],
	[`${"a".repeat(39)} b`, "a".repeat(39)],
	["../../etc", "etc"],
	["İstanbul", "istanbul"],
])("%s is %s", (name, expected) => {
	expect(slugs(name).next().value).toBe(expected);
});
