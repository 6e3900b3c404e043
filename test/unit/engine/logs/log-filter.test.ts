import { describe, expect, test } from "vitest";
import { systemClock } from "../../../../src/adapters/system-clock.ts";
import { filterLines, type LogFilter, type LogLine, parseSince } from "../../../../src/engine/logs/log-filter.ts";

function line(text: string, over: Partial<LogLine> = {}): LogLine {
	return { prefix: "", text, source: "task stdout", levelIfSilent: "info", ...over };
}

/** Texts of the lines that pass. */
async function filter(items: (string | LogLine)[], over: Partial<LogFilter>) {
	const { lines, truncated } = await filterLines(
		items.map((item) => (typeof item === "string" ? line(item) : item)),
		{ tail: 100, clock: systemClock, ...over },
	);
	return { lines: lines.map(({ text }) => text), truncated };
}

describe("tail", () => {
	test("keeps the last lines, oldest first, and says that there were more", async () => {
		expect(await filter(["one", "two", "three"], { tail: 2 })).toEqual({ lines: ["two", "three"], truncated: true });
		expect(await filter(["one", "two", "three"], { tail: 3 })).toEqual({ lines: ["one", "two", "three"], truncated: false });
		expect(await filter([], {})).toEqual({ lines: [], truncated: false });
	});

	test("counts what passed the filters, not what was read", async () => {
		expect(await filter(["a 1", "b 1", "a 2", "b 2"], { tail: 2, grep: "a" })).toEqual({ lines: ["a 1", "a 2"], truncated: false });
	});
});

describe("grep", () => {
	test.each<[string, string[]]>([
		["error", ["ERROR one", "an error"]],
		["ERROR", ["ERROR one"]],
		["^an? ", ["an error"]],
		["one|two", ["ERROR one", "two"]],
		["\\d+", []],
	])("%s: a pattern in lower case ignores case", async (grep, lines) => {
		expect((await filter(["ERROR one", "an error", "two"], { grep })).lines).toEqual(lines);
	});

	test("looks at the line, not at what stands before it", async () => {
		expect((await filter([line("calm", { prefix: "12:00 node-1 | " })], { grep: "node-1" })).lines).toEqual([]);
	});

	test.each(["(a+)+$", "(a|aa)+$", "(.*)*x", "^(([a-z])+.)+[A-Z]([a-z])+$"])("%s answers on a long line", async (grep) => {
		const lines = ["a".repeat(16_000), `${"a".repeat(16_000)}!`];
		expect((await filter(lines, { grep })).lines.length).toBeLessThanOrEqual(2);
	});

	test.each(["(", "[a-", "a{2,1}", "(?=look)", "(a)\\1", "((a{0,100}){0,100}){0,100}", ".{900}x", "(\\w{1,30}\\s){12}q"])(
		"%s is refused by name",
		async (grep) => {
			await expect(filter(["a"], { grep })).rejects.toMatchObject({
				code: "invalid_input",
				message: expect.stringMatching(/^grep: /),
				hint: expect.any(String),
			});
		},
	);

	test("no two hundred characters without counted repetitions are too large", async () => {
		for (const grep of ["a".repeat(200), "(a|b)".repeat(40), "[a-z]+".repeat(33), ".*".repeat(100), "ß".repeat(200)])
			expect((await filter(["-"], { grep })).lines.length).toBeLessThanOrEqual(1);
	});

	test("a large pattern looks at the beginning of a long line, and takes no cut for its end", async () => {
		const lines = [`${"x".repeat(2000)}needle`, `${"x".repeat(300)}needle${"x".repeat(2000)}`];
		expect((await filter(lines, { grep: "x{300}needle" })).lines).toHaveLength(1);
		expect((await filter(lines, { grep: "x{300}$" })).lines).toEqual([]);
		expect((await filter(lines, { grep: "needle$" })).lines).toEqual([expect.stringMatching(/^x{500}/)]);
	});

	test("the loop turns while a log is searched", async () => {
		let turns = 0;
		const count = setInterval(() => turns++, 0);
		function* endless() {
			while (turns < 3) yield line("x".repeat(10_000));
		}
		await filterLines(endless(), { tail: 1, grep: "needle", clock: systemClock });
		clearInterval(count);
		expect(turns).toBe(3);
	});
});

describe("level", () => {
	test("keeps this level and worse", async () => {
		const lines = ["DEBUG a", "INFO b", "WARN c", "ERROR d", "FATAL e"];
		expect((await filter(lines, { level: "warn" })).lines).toEqual(["WARN c", "ERROR d", "FATAL e"]);
		expect((await filter(lines, { level: "trace" })).lines).toEqual(lines);
	});

	test("a stack trace has the level of the line above it, in its own stream", async () => {
		const error = [line("ERROR broken"), line("    at app.js:3")];
		const other = line("    at peace", { source: "task stderr" });
		expect((await filter([error[0]!, other, error[1]!, line("INFO mended"), line("    well")], { level: "error" })).lines).toEqual([
			"ERROR broken",
			"    at app.js:3",
		]);
	});

	test("a line that says nothing has its stream's own", async () => {
		expect(
			(await filter([line("dying", { source: "task stderr", levelIfSilent: "error" }), line("well")], { level: "error" })).lines,
		).toEqual(["dying"]);
	});

	test("is that of the line above also where that line does not pass", async () => {
		expect((await filter(["ERROR broken", "    at app.js:3"], { level: "error", grep: "app" })).lines).toEqual(["    at app.js:3"]);
	});
});

test("since leaves out what is older, and keeps what has no time", async () => {
	const lines = [line("old", { time: 1 }), line("timeless"), line("at", { time: 5 }), line("new", { time: 9 })];
	expect((await filter(lines, { sinceMs: 5 })).lines).toEqual(["timeless", "at", "new"]);
});

test("of a line that was too long to be read the answer says how long it is", async () => {
	const { lines, truncated } = await filter([line("x".repeat(700), { wholeLength: 40_000_000 })], {});
	expect(lines).toEqual([`${"x".repeat(500)}… [cut; the line is 40000000 bytes long]`]);
	expect(truncated).toBe(true);
});

test("a long line is cut, and that is told", async () => {
	const { lines, truncated } = await filter([line("x".repeat(700), { prefix: "12:00 | " }), "short"], {});
	expect(lines).toEqual([`12:00 | ${"x".repeat(500)}… [200 characters cut]`, "short"]);
	expect(truncated).toBe(true);
	expect(await filter(["x".repeat(500)], {})).toEqual({ lines: ["x".repeat(500)], truncated: false });
});

describe("since", () => {
	const now = Date.parse("2026-06-01T12:00:00Z");

	test.each<[string, string]>([
		["90s", "2026-06-01T11:58:30.000Z"],
		["10m", "2026-06-01T11:50:00.000Z"],
		[" 2 h ", "2026-06-01T10:00:00.000Z"],
		["1d", "2026-05-31T12:00:00.000Z"],
		["2026-05-30", "2026-05-30T00:00:00.000Z"],
		["2026-05-30T10:00:00Z", "2026-05-30T10:00:00.000Z"],
		["2026-05-30T10:00:00.5+02:00", "2026-05-30T08:00:00.500Z"],
		["999999d", "1970-01-01T00:00:00.000Z"],
		["0001-01-01", "1970-01-01T00:00:00.000Z"],
	])("%s", (since, time) => {
		expect(new Date(parseSince(since, now)).toISOString()).toBe(time);
	});

	test.each(["", "yesterday", "10", "10 minutes", "-5m", "1w", "2026-13-45", "12:00", "1e3s"])("%j is refused by name", (since) => {
		expect(() => parseSince(since, now)).toThrow(
			expect.objectContaining({ code: "invalid_input", message: expect.stringContaining("since: got ") }),
		);
	});
});
