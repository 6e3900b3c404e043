import { expect, test } from "vitest";
import { readArguments } from "../../../src/mcp/arguments.ts";
import { findTool } from "../../../src/mcp/catalogue.ts";
import type { Tool } from "../../../src/mcp/tool.ts";

const tool = (name: string) => findTool(name) as Tool;
const long = "x".repeat(81);

test.each<[string, string, unknown, string]>([
	["nothing at all", "deploy", undefined, "applicationId: Invalid input: expected string, received undefined"],
	["null", "deploy", null, "applicationId: Invalid input: expected string, received undefined"],
	["no object", "deploy", "hello", "arguments: Invalid input: expected object, received string"],
	["a list", "deploy", [], "arguments: Invalid input: expected object, received array"],
	["another type", "deploy", { applicationId: 3 }, "applicationId: Invalid input: expected string, received number"],
	["empty", "deploy", { applicationId: "" }, "applicationId: Too small: expected string to have >=1 characters"],
	["too long", "deploy", { applicationId: long }, "applicationId: Too big: expected string to have <=80 characters"],
	["too big", "deploy", { applicationId: "a", wait: 601 }, "wait: Too big: expected number to be <=600"],
	["below zero", "deploy", { applicationId: "a", wait: -1 }, "wait: Too small: expected number to be >=0"],
	["not whole", "deploy", { applicationId: "a", wait: 1.5 }, "wait: Invalid input: expected int, received number"],
	["a number as text", "deploy", { applicationId: "a", wait: "1" }, "wait: Invalid input: expected number, received string"],
	["misspelt", "deploy", { applicationId: "a", noCashe: true }, '"noCashe": unknown argument; did you mean noCache?'],
	["unknown", "deploy", { applicationId: "a", zzzzzz: 1 }, '"zzzzzz": unknown argument'],
	["another tool's", "list_applications", { applicationId: "a" }, '"applicationId": unknown argument'],
	[
		"two at once",
		"deploy",
		{ wait: "1", force: 1 },
		"applicationId: Invalid input: expected string, received undefined; force: Invalid input: expected boolean, received number; wait: Invalid input: expected number, received string",
	],
	["deep within", "set_env_vars", { applicationId: "a", set: { A: 1 } }, "set.A: Invalid input: expected string, received number"],
	["an item of a list", "set_env_vars", { applicationId: "a", unset: [1] }, "unset[0]: Invalid input: expected string, received number"],
	[
		"a long key",
		"set_env_vars",
		{ applicationId: "a", set: { ["B".repeat(300)]: "1" } },
		`set["${"B".repeat(59)}…"]: Invalid key in record`,
	],
	[
		"a key that hides and reorders",
		"list_env_vars",
		{ applicationId: "a", "\u202Ex\u200b\u{e0041}": 1 },
		'"\\u{202e}x\\u{200b}\\u{e0041}": unknown argument',
	],
	[
		"a name that objects have",
		"set_env_vars",
		JSON.parse('{"applicationId":"a","set":{"__proto__":"x"}}'),
		"set.__proto__: nothing can have this name",
	],
	[
		"the same as an argument",
		"list_applications",
		JSON.parse('{"__proto__":{}}'),
		'__proto__: nothing can have this name; "__proto__": unknown argument',
	],
	["limit 0", "list_deployments", { applicationId: "a", limit: 0 }, "limit: Too small: expected number to be >=1"],
	["limit 101", "list_deployments", { applicationId: "a", limit: 101 }, "limit: Too big: expected number to be <=100"],
])("%s", (_name, name, args, message) => {
	const known = Object.keys(tool(name).input.shape);
	const takes = known.length > 0 ? known.join(", ") : "no arguments";
	expect(() => readArguments(tool(name), args)).toThrow(
		expect.objectContaining({ code: "invalid_input", message, hint: `${name} takes ${takes}. Correct the named ones and call again.` }),
	);
});

test("a message never shows what was given: it may be a secret", () => {
	const secret = "correct-horse-battery";
	for (const args of [{ applicationId: "a", set: secret }, { applicationId: { secret } }, { applicationId: "a", set: { A: [secret] } }]) {
		expect(() => readArguments(tool("set_env_vars"), args)).toThrow(
			expect.objectContaining({ message: expect.not.stringContaining(secret) }),
		);
	}
});

test("defaults are filled in", () => {
	expect(readArguments(tool("deploy"), { applicationId: "a" })).toEqual({
		applicationId: "a",
		dryRun: false,
		noCache: false,
		force: false,
		wait: 45,
	});
	expect(readArguments(tool("rollback"), { applicationId: "a" })).toEqual({
		applicationId: "a",
		dryRun: false,
		allowMigrations: false,
		hold: false,
		wait: 45,
	});
	expect(readArguments(tool("get_deployment"), { deploymentId: "d" })).toEqual({ deploymentId: "d", wait: 0 });
	expect(readArguments(tool("list_deployments"), { applicationId: "a" })).toEqual({ applicationId: "a", limit: 10 });
	expect(readArguments(tool("reconcile_project"), {})).toEqual({ dryRun: false, prune: false });
	expect(readArguments(tool("set_env_vars"), { applicationId: "a" })).toEqual({ applicationId: "a", set: {}, unset: [], replace: false });
	expect(readArguments(tool("list_applications"), undefined)).toEqual({});
});

test("names that objects have by themselves are names like others", () => {
	const set = { constructor: "a", toString: "b", hasOwnProperty: "c", valueOf: "d" };
	expect(readArguments(tool("set_env_vars"), { applicationId: "a", set })).toMatchObject({ set });
});

test.each([
	["bidi", "a\u202eb\u2066c"],
	["zero width", "a\u200bb\u200dc"],
	["tags", "a\u{e0041}b\u{e0042}c"],
	["variation selectors, which can carry a text", "a\ufe00b\u{e0101}c"],
	["fillers", "a\u3164b\u2800c"],
	["an escape sequence", "a\u001b[31mb\u0007c"],
])("%s is taken out of a reason, and refused in a requestId", (_name, hostile) => {
	expect(readArguments(tool("deploy"), { applicationId: "a", reason: ` ${hostile}\r\nd ` }).reason).toBe("abc d");
	expect(readArguments(tool("deploy"), { applicationId: "a", reason: "\u200b" }).reason).toBeUndefined();
	expect(() => readArguments(tool("deploy"), { applicationId: "a", requestId: hostile })).toThrow(
		expect.objectContaining({ message: "requestId: expected no invisible or control characters, line breaks, or spaces around it" }),
	);
});

test("what people write is kept", () => {
	const args = { applicationId: "a", reason: "Rücknahme wegen Störung 日本 😀", requestId: "ci/2024-11-05 #7 ü" };
	expect(readArguments(tool("rollback"), args)).toMatchObject(args);
});
