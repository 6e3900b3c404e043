import type { JSONRPCMessage } from "@modelcontextprotocol/sdk/types.js";
import { expect, test } from "vitest";
import { z } from "zod";
import { safeMessage } from "../../../src/mcp/outgoing.ts";
import { Redactor } from "../../../src/redact.ts";

const redactor = new Redactor();
redactor.add("hunter22");

function send(message: object) {
	const logged: object[] = [];
	const log = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: (facts: object) => logged.push(facts) };
	return { sent: JSON.parse(safeMessage(message as JSONRPCMessage, { redactor, log })), logged };
}

test.each([
	["a result", { jsonrpc: "2.0", id: 1, result: { text: "key hunter22" } }, { jsonrpc: "2.0", id: 1, result: { text: "key ***" } }],
	["a notification", { jsonrpc: "2.0", method: "n", params: { a: ["hunter22"] } }, { jsonrpc: "2.0", method: "n", params: { a: ["***"] } }],
	["an id, which comes back as it was", { jsonrpc: "2.0", id: "hunter22", result: {} }, { jsonrpc: "2.0", id: "hunter22", result: {} }],
	[
		"an error of the SDK's",
		{ jsonrpc: "2.0", id: 1, error: { code: -32_602, message: `no hunter22 ${"x".repeat(2_000)}`, data: "hunter22" } },
		{ jsonrpc: "2.0", id: 1, error: { code: -32_602, message: `no *** ${"x".repeat(993)}` } },
	],
])("%s is masked", (_name, message, sent) => {
	expect(send(message)).toEqual({ sent, logged: [] });
});

test("a message is one line to every reader of lines", () => {
	const log = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };
	const message = { jsonrpc: "2.0", id: "a\u2028b\u2029c\u0085d", result: {} } as JSONRPCMessage;
	const line = safeMessage(message, { redactor, log });
	expect(line).not.toMatch(/[\u0085\u2028\u2029]/);
	expect(JSON.parse(line)).toEqual(message);
});

test("a secret at the place where an error's words are cut does not leave its head", () => {
	const { sent } = send({ jsonrpc: "2.0", id: 1, error: { code: -32_602, message: `${"x".repeat(995)}hunter22` } });
	expect(sent.error.message).not.toContain("hunt");
});

test.each([
	["an internal error", { code: -32_603, message: "/secret/path is not a function" }],
	["a code that nobody gave", { code: 5, message: "secret" }],
	["something like a list of problems", { code: -32_603, message: '["secret"]' }],
	["something like JSON", { code: -32_603, message: "[secret" }],
])("of %s nothing but an id leaves", (_name, error) => {
	const { sent, logged } = send({ jsonrpc: "2.0", id: 1, error: { ...error, data: { secret: true } } });
	expect(sent).toEqual({
		jsonrpc: "2.0",
		id: 1,
		error: { code: -32_603, message: expect.stringMatching(/^A fault of deploymill, recorded in its log as [0-9a-f]{8}\.$/) },
	});
	expect(logged).toEqual([{ faultId: sent.error.message.slice(-9, -1), error: error.message }]);
});

test("what the SDK's schemas say of a request is told as what it is", () => {
	const { error } = z.object({ params: z.object({ name: z.string() }) }).safeParse({ params: { name: 7 } });
	const { sent, logged } = send({ jsonrpc: "2.0", id: 1, error: { code: -32_603, message: error?.message } });
	expect(sent.error).toEqual({ code: -32_602, message: "params.name: Invalid input: expected string, received number" });
	expect(logged).toEqual([]);
});

test.each([
	["cannot be written as JSON", { jsonrpc: "2.0", id: 3, result: { big: 1n } }],
	[
		"throws when it is read",
		{
			jsonrpc: "2.0",
			id: 3,
			get result() {
				throw new Error("hunter22");
			},
		},
	],
])("a message that %s is answered all the same", (_name, message) => {
	expect(send(message).sent).toMatchObject({ id: 3, error: { code: -32_603, message: expect.stringContaining("A fault of deploymill") } });
});
