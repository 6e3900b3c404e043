import { describe, expect, test } from "vitest";
import { isAtLeast, type Level, levelOf, levels } from "../../../../src/engine/logs/log-level.ts";

describe("the level of a line, as loggers write it", () => {
	test.each<[string, string, Level | undefined]>([
		["pino", '{"level":30,"time":1764000000000,"msg":"ready"}', "info"],
		["pino, an error", '{"level":50,"msg":"no database"}', "error"],
		["pino, a level of one's own between two", '{"level":35,"msg":"notice"}', "warn"],
		["bunyan", '{"name":"app","hostname":"h","pid":1,"level":60,"msg":"dead","time":"2026-01-01T00:00:00Z","v":0}', "fatal"],
		["a number beyond all levels", '{"level":100}', "fatal"],
		["a number below all levels", '{"level":0}', "trace"],
		["winston", '{"level":"warn","message":"slow"}', "warn"],
		["Google's severity", '{"severity":"CRITICAL","message":"x"}', "fatal"],
		["JSON with the level last", '{"msg":"error error error","level":"debug"}', "debug"],
		["JSON that says no level", '{"msg":"error: no"}', undefined],
		["JSON that is cut short", '{"level":50,"msg":"no da', undefined],
		["JSON with a level that is none", '{"level":{"name":"error"}}', undefined],
		["JSON with a level that is a word of JavaScript's own", '{"level":"constructor"}', undefined],
		["JSON with a level that is a word of JavaScript's own, upper case", '{"severity":"__PROTO__"}', undefined],
		["logfmt with a word of JavaScript's own", "level=constructor msg=x", undefined],
		["logfmt", "time=2026-01-01T00:00:00Z level=error msg=refused", "error"],
		["logfmt, quoted", 'ts=1 level="warning" msg="x"', "warn"],
		["logfmt, short name", "t=1 lvl=crit msg=x", "fatal"],
		["a word with a colon", "ERROR: relation does not exist", "error"],
		["a word in brackets", "[warn] deprecated", "warn"],
		["a word after a time", "2026-01-01 12:00:00,123 INFO started", "info"],
		["a word after a time and a thread", "12:00:00.123 [main] ERROR com.example.App - no", "error"],
		["nginx", "2026/01/01 12:00:00 [error] 31#31: *1 open() failed", "error"],
		["Python", "WARNING:root:careful", "warn"],
		["an uncaught error of Node", "TypeError: x is not a function", "error"],
		["a traceback of Python", "Traceback (most recent call last):", "error"],
		["a panic of Go", "panic: runtime error: index out of range", "fatal"],
		["BuildKit's end of a step", '#7 ERROR: process "/bin/sh -c exit 3" did not complete', "error"],
		["a step's output below BuildKit's head", "#7 0.31 warning: unused variable", "warn"],
		["a word in the middle of a sentence", "the error page was shown", undefined],
		["a name that begins like a level", "information wants to be free", undefined],
		["a class that ends like an error's", "ErrorBoundary mounted", undefined],
		["nothing", "", undefined],
	])("%s", (_name, line, level) => {
		expect(levelOf(line)).toBe(level);
	});
});

test.each<[string, Level | undefined]>([
	['{"level":50,"msg":"no da', "error"],
	['{"time":1,"level" : "warn","stack":"Error: no da', "warn"],
	['{"msg":"no da', undefined],
	["ERROR: no da", "error"],
])("what is left of a long line still says it: %s", (beginning, level) => {
	expect(levelOf(beginning, true)).toBe(level);
});

test("levels are in order", () => {
	for (const [index, level] of levels.entries()) {
		expect(levels.filter((least) => isAtLeast(level, least))).toEqual(levels.slice(0, index + 1));
	}
});

test("a line that never ends costs no more than its head", () => {
	const before = performance.now();
	for (const line of ["a".repeat(1_000_000), `${" ".repeat(1_000_000)}x`, `level=${"e".repeat(1_000_000)}`, "[".repeat(1_000_000)])
		levelOf(line);
	expect(performance.now() - before).toBeLessThan(1_000);
});
