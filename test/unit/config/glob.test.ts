import { describe, expect, it } from "vitest";
import { globMatcher } from "../../../src/config/glob.ts";

describe("globMatcher", () => {
	it.each<[glob: string, path: string, matches: boolean]>([
		["db/*.sql", "db/1.sql", true],
		["db/*.sql", "db/.hidden.sql", true],
		["db/*.sql", "db/sub/1.sql", false],
		["db/*.sql", "DB/1.sql", false],
		["db/**", "db/sub/1.sql", true],
		["db/**", "db", false],
		["db/**", "other/db/1.sql", false],
		["**", "a/b/c", true],
		["**/db/**/*.sql", "db/1.sql", true],
		["**/db/**/*.sql", "a/b/db/c/d/1.sql", true],
		["**/db/**/*.sql", "a/mydb/1.sql", false],
		["**/1.sql", "1.sql", true],
		["**/1.sql", "x1.sql", false],
		// Between slashes `**` stands for folders; beside other characters it is a `*`.
		["a**b", "axxb", true],
		["a**b", "a/b", false],
		["?.sql", "1.sql", true],
		["?.sql", "💩.sql", true],
		["?.sql", "12.sql", false],
		["a?b", "a/b", false],
		["[0-9][0-9].sql", "42.sql", true],
		["[0-9][0-9].sql", "4x.sql", false],
		["[^0-9].sql", "x.sql", true],
		["a[^x]b", "a/b", false],
		["[]a].sql", "].sql", true],
		["[a-].sql", "-.sql", true],
		["{db,sql}/*.sql", "sql/1.sql", true],
		["{db,sql}/*.sql", "sqlx/1.sql", false],
		["{a,b/{c,d}}/1", "b/d/1", true],
		["{a,b/{c,d}}/1", "b/1", false],
		["{,x}1.sql", "1.sql", true],
		["{**/,}1.sql", "a/b/1.sql", true],
		["1+1.sql", "1+1.sql", true],
		["1.sql", "1xsql", false],
		["ä ö.sql", "ä ö.sql", true],
	])("%s on %s: %s", (glob, path, matches) => {
		expect(globMatcher([glob])(path)).toBe(matches);
		expect(globMatcher(["nothing", glob])(path)).toBe(matches);
	});

	it("matches nothing without globs", () => {
		expect(globMatcher([])("a")).toBe(false);
	});

	/** Each would take hours if anything were tried twice. */
	it.each([
		["*a*a*a*a*a*a*a*ab", "a".repeat(250)],
		["**/a/**/a/**/a/**/a/**/a/**/a/**/b", "a/".repeat(2000)],
		["{a,a}{a,a}{a,a}{a,a}{a,a}{a,a}b", "a".repeat(250)],
		["*[^b]*[^b]*[^b]*[^b]*[^b]*[^b]*[^b]b", "a".repeat(250)],
	])("%s", (glob, path) => {
		expect(globMatcher(Array.from({ length: 50 }, () => glob))(path)).toBe(false);
	});

	it.each(["{a", "a}", "{a}", "{{a,b}", "[a", "[b-a]", "[/]", `${"{a,b}".repeat(7)}`])("refuses %s", (glob) => {
		expect(() => globMatcher([glob])).toThrow(/expected/);
	});

	it("refuses what would be long in all", () => {
		const globs = Array.from({ length: 50 }, (_, index) => `{a,b,c,d,e,f,g,h,i,j}${"x".repeat(100)}${index}`);
		expect(() => globMatcher(globs)).toThrow("characters with every alternative written out, allowed 32768");
	});
});
