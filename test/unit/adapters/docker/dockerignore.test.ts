import { describe, expect, it } from "vitest";
import { Dockerignore } from "../../../../src/adapters/docker/dockerignore.ts";

/** Asked as the packing does: name by name from the root. */
function ignores(lines: string[] | string, path: string): boolean {
	const rules = new Dockerignore(typeof lines === "string" ? lines : lines.join("\n"), ".dockerignore");
	const names = path.split("/");
	let folder = rules.root;
	for (const name of names.slice(0, -1)) folder = rules.enter(rules.look(folder, name));
	return rules.look(folder, names.at(-1) ?? "").ignored;
}

function refusal(lines: string): unknown {
	try {
		new Dockerignore(lines, "app/.dockerignore");
	} catch (error) {
		return error;
	}
	return undefined;
}

/** [pattern, path, whether it stays behind] */
type Row = [pattern: string, path: string, ignored: boolean];

describe("one pattern, as Docker's documentation and its patternmatcher have it", () => {
	it.each<Row>([
		// The table of the documentation.
		["*/temp*", "somedir/temporary.txt", true],
		["*/temp*", "somedir/temp", true],
		["*/temp*", "temporary.txt", false],
		["*/temp*", "a/b/temp", false],
		["*/*/temp*", "somedir/subdir/temporary.txt", true],
		["*/*/temp*", "somedir/temporary.txt", false],
		["temp?", "tempa", true],
		["temp?", "temp", false],
		["temp?", "sub/tempa", false],
		["**/*.go", "main.go", true],
		["**/*.go", "cmd/app/main.go", true],
		["**/*.go", "main.god", false],
		// The root of the context is the root of all paths; `.`, `..` and slashes are cleaned away.
		["/foo/bar", "foo/bar", true],
		["foo/bar", "foo/bar", true],
		["foo/bar", "x/foo/bar", false],
		["foo/", "foo", true],
		["foo/", "foo/inside", true],
		["./foo", "foo", true],
		["foo/./bar//baz/", "foo/bar/baz", true],
		["foo/../bar", "bar", true],
		["/../bar", "bar", true],
		["../bar", "bar", false],
		// For the sake of what was, these name nothing.
		[".", "foo", false],
		["./", "foo", false],
		["/", "foo", false],
		["..", "foo", false],
		// What is in a folder that matches stays behind with it.
		["node_modules", "node_modules/a/b.js", true],
		["docs/*", "docs/a/b.md", true],
		["a/*", "a/b/c", true],
		// Double stars.
		["**", "file", true],
		["**", "dir/file", true],
		["**/", "dir/file", true],
		["**/**", "dir/file", true],
		["dir/**", "dir", false],
		["dir/**", "dir/file", true],
		["dir/**", "dir/sub/file", true],
		["dir**", "directory/file", true],
		["**/dir", "dir", true],
		["**/dir", "a/b/dir", true],
		["**/dir", "a/dir/file", true],
		["**/dir", "mydir", false],
		["**/dir2/*", "dir/dir2/file", true],
		["**/dir2/**", "dir/dir2/dir3/file", true],
		["**/foo/bar", "foo/bar", true],
		["**/foo/bar", "dir/dir2/foo/bar", true],
		["**file", "file", true],
		["**file", "dir/file", true],
		["**file", "dir/myfile", true],
		["**.log", "dir/deep/app.log", true],
		["**/*.log", "dir/deep/app.log", true],
		["**/.foo", "bar.foo", false],
		["**/file*txt", "dir/dir/file.txt", true],
		["**/**/*.txt", "file.txt", true],
		["**/**/*.txt", "dir/dir/file.txt", true],
		["**/**/*.txt2", "dir/dir/file.txt", false],
		["a**/*.txt", "a/file.txt", true],
		["a**/*.txt", "a/dir/dir/file.txt", true],
		["a/**/b", "a/b", true],
		["a/**/b", "a/x/y/b", true],
		["a/**/b", "a/xb", false],
		["a/*.txt", "a/dir/file.txt", false],
		["a/*.txt**", "a/file.txt", true],
		// What a regular expression would read otherwise is itself.
		["c++/", "c++/main.cc", true],
		["c++/", "c/main.cc", false],
		["(a+)+b", "(a+)+b", true],
		["(a+)+b", "aab", false],
		["a(b)c/def", "a(b)c/def", true],
		["a.|)$(}+{bc", "a.|)$(}+{bc", true],
		["abc.def", "abcZdef", false],
		["^foo*", "^foobar", true],
		["{a,b}", "a", false],
		["!(a)", "a", false],
		// Go's filepath.Match.
		["*", "abc", true],
		["*c", "abc", true],
		["a*/b", "a/c/b", false],
		["a*b*c*d*e*/f", "axbxcxdxexxx/f", true],
		["a*b*c*d*e*/f", "axbxcxdxexxx/fff", false],
		["a*b?c*x", "abxbbxdbxebxczzx", true],
		["a*b?c*x", "abxbbxdbxebxczzy", false],
		["a?b", "a☺b", true],
		["a?b", "a💩b", true],
		["a???b", "a☺b", false],
		["ab[c]", "abc", true],
		["ab[b-d]", "abc", true],
		["ab[e-g]", "abc", false],
		["ab[^c]", "abc", false],
		["ab[^e-g]", "abc", true],
		["[a-ζ]*", "α", true],
		["*[a-ζ]", "A", false],
		["[\\]a]", "]", true],
		["[\\-x]", "-", true],
		["[\\-x]", "a", false],
		["[!a]", "!", true],
		["[!a]", "b", false],
		["[*].txt", "*.txt", true],
		["[*].txt", "a.txt", false],
		["a\\*b", "a*b", true],
		["a\\*b", "axb", false],
		["a\\\\", "a\\", true],
		[".*", ".foo", true],
		[".*", "foo", false],
		["ä*", "ärger", true],
		["two words", "two words", true],
	])("%s on %s: %s", (pattern, path, ignored) => {
		// A pattern of its own begins with !, which is an exception at the beginning of a line.
		expect(ignores([pattern.startsWith("!") ? `\\${pattern}` : pattern], path)).toBe(ignored);
	});
});

describe("several patterns: the last one that matches decides", () => {
	it.each<[lines: string[], path: string, ignored: boolean]>([
		[["*.md", "!README.md"], "README.md", false],
		[["*.md", "!README.md"], "CHANGES.md", true],
		[["*.md", "!README*.md", "README-secret.md"], "README-secret.md", true],
		[["*.md", "!README*.md", "README-secret.md"], "README.md", false],
		[["*.md", "README-secret.md", "!README*.md"], "README-secret.md", false],
		[["!fileutils.go", "*.go"], "fileutils.go", true],
		[["docs", "!docs/README.md"], "docs/README.md", false],
		[["docs/", "!docs/README.md"], "docs/other.md", true],
		[["docs/*", "!docs/README.md"], "docs/README.md", false],
		[["**", "!util/docker/web"], "util/docker/web/foo", false],
		[["**", "!util/docker/web"], "util/docker/other", true],
		[["**", "!util/docker/web", "util/docker/web/foo"], "util/docker/web/foo", true],
		[["**", "!dist/*.whl"], "dist/proxy.py-2.4.0rc3.dev36+g08acad9-py3-none-any.whl", false],
		[["*", "!src", "src/**/*.test.js"], "src/a/b.test.js", true],
		[["*", "!src", "src/**/*.test.js"], "src/a/b.js", false],
		// A folder that an exception brought back is not asked again for what is in it.
		[["a", "!a/b", "a/b/c", "!a/b/c/d"], "a/b/c/d", false],
		[["a", "!a/b", "a/b/c", "!a/b/c/d"], "a/b/c/e", true],
		// An exception for a folder counts where the folder was ignored; where only a file in it is, the file stays behind.
		[["a/b", "!a"], "a/b", true],
		[["a", "!a"], "a/b", false],
		[["!!x"], "!x", false],
		[["*", "!!x"], "!x", false],
	])("%j on %s: %s", (lines, path, ignored) => {
		expect(ignores(lines, path)).toBe(ignored);
	});
});

describe("lines", () => {
	it.each<[text: string, path: string, ignored: boolean]>([
		["\uFEFFfoo", "foo", true],
		["\uFEFF# comment\nfoo", "foo", true],
		["# foo\nbar", "# foo", false],
		[" # foo", "# foo", true],
		["  foo  \n", "foo", true],
		["foo\u0085", "foo", true],
		["foo\r\nbar\r\n", "bar", true],
		["\n\n\t\nfoo", "foo", true],
		["*\n  !  /foo  ", "foo", false],
		["*\n! /in/verted", "in/verted", false],
	])("%j on %s: %s", (text, path, ignored) => {
		expect(ignores(text, path)).toBe(ignored);
	});

	it.each([
		["!", 'line 1: got "!", a ! without a pattern'],
		["foo\n! \n", 'line 2: got "!", a ! without a pattern'],
		["!/", "a ! without a pattern"],
		["[", "a [ without its ]"],
		["a[", "a [ without its ]"],
		["[^bc", "a [ without its ]"],
		["[a\\", "a [ without its ]"],
		["[]a]", "a ] in [ ] where a character is expected; write \\]"],
		["[-x]", "a - in [ ] where a character is expected; write \\-"],
		["[x-]", "a ] in [ ] where a character is expected"],
		["[a-b-c]", "a - in [ ] where a character is expected"],
		["[Local-Only]/", "a range in [ ] that runs backwards"],
		["ok\nfoo\\", 'line 2: got "foo\\\\", a \\ at the end'],
	])("refuses %j", (text, problem) => {
		expect(refusal(text)).toMatchObject({
			code: "build_failed",
			message: expect.stringContaining(problem),
			hint: expect.stringContaining("Correct that file"),
		});
		expect(refusal(text)).toMatchObject({ message: expect.stringContaining('"app/.dockerignore"') });
	});

	it("refuses more patterns than are read", () => {
		expect(refusal("x\n".repeat(2001))).toMatchObject({
			code: "build_failed",
			message: expect.stringContaining("it has 2001 patterns, allowed 2000"),
		});
	});

	it("shows a long line cut and escaped", () => {
		const { message } = refusal(`[${"a\u202E".repeat(500)}`) as Error;
		expect(message.length).toBeLessThan(700);
		expect(message).not.toContain("\u202E");
	});
});

describe("folders", () => {
	const enter = (lines: string[], path: string) => {
		const rules = new Dockerignore(lines.join("\n"), ".dockerignore");
		let folder = rules.root;
		for (const name of path.split("/")) folder = rules.enter(rules.look(folder, name));
		return folder;
	};

	it("are closed where they are ignored and no exception can match in them", () => {
		expect(enter(["node_modules"], "node_modules").closed).toBe(true);
		expect(enter(["node_modules", "!src"], "node_modules/a").closed).toBe(true);
		expect(enter(["*", "!src/app"], "src").closed).toBe(false);
		expect(enter(["*", "!src/app"], "lib").closed).toBe(true);
		expect(enter(["*", "!**/keep"], "lib/deep").closed).toBe(false);
		expect(enter(["lib"], "src").closed).toBe(false);
	});
});

describe("work", () => {
	/** What made the former matchers hang, and what makes states explode. Each would take hours if anything were tried twice. */
	it.each<[name: string, pattern: string, path: string]>([
		["nested repetition", "(a+)+b", "a".repeat(250)],
		["many stars", "*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*ab", "a".repeat(250)],
		["many double stars", "**/a/**/a/**/a/**/a/**/a/**/a/**/b", "a/".repeat(1000).slice(0, -1)],
		["double stars inside of names", "**a**a**a**a**a**a**a**b", "a/".repeat(1000).slice(0, -1)],
		["stars before question marks", `*a${"?".repeat(200)}c`, "ab".repeat(125)],
	])("%s", (_name, pattern, path) => {
		const many = Array.from({ length: 300 }, () => pattern);
		expect(ignores(many, path)).toBe(false);
		expect(ignores([...many, "**"], path)).toBe(true);
	});

	it("takes spaces without end for what they are", () => {
		expect(ignores(`a${" ".repeat(60_000)}b`, "a")).toBe(false);
	});

	it("ends where patterns and names are made for each other", () => {
		const rules = new Dockerignore(`**/*a${"?".repeat(40)}b\n`.repeat(1400), ".dockerignore");
		const names = function* () {
			// Names that share nothing, so that each character leads to bits that were not seen before.
			for (let seed = 1; ; seed++)
				yield Array.from({ length: 240 }, (_, at) => (((seed * 2654435761 * (at + 7)) >>> 13) % 2 ? "a" : "b")).join("");
		};
		const lookAtAll = () => {
			for (const name of names()) rules.look(rules.root, name);
		};
		expect(lookAtAll).toThrow(/cannot be used: it is too much work to match these patterns/);
	}, 60_000);
});
