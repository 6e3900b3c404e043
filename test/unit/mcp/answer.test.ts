import { expect, test } from "vitest";
import { z } from "zod";
import { DeploymillError } from "../../../src/errors.ts";
import { answer } from "../../../src/mcp/answer.ts";
import { readsOnly, type Tool, type ToolAnswer, type ToolContext } from "../../../src/mcp/tool.ts";
import { Redactor } from "../../../src/redact.ts";

const redactor = new Redactor();
redactor.add("hunter22");

async function call(work: () => ToolAnswer | Promise<ToolAnswer>, args: unknown = {}) {
	const logged: object[] = [];
	const log = { error: (facts: object) => logged.push(facts) };
	const context = { engine: { log } } as unknown as ToolContext;
	const tool: Tool = {
		name: "a_tool",
		title: "A",
		description: "A",
		hints: readsOnly,
		input: z.strictObject({}),
		output: z.looseObject({}),
		call: work,
	};
	const { content, ...rest } = await answer(tool, args, context, {
		redactor,
		secrets: { lookForEnvValues: () => undefined, logins: Promise.resolve() },
	});
	expect(content).toHaveLength(1);
	const [first] = content as { type: string; text: string }[];
	expect(first?.type).toBe("text");
	return { ...rest, json: JSON.parse(first?.text ?? "") as { error?: Record<string, unknown> }, logged };
}

test("the same JSON stands in both places, masked", async () => {
	const { json, structuredContent, isError } = await call(() => ({ content: { a: "key hunter22", b: { c: ["hunter22"] }, d: null } }));
	expect(json).toEqual({ a: "key ***", b: { c: ["***"] }, d: null });
	expect(structuredContent).toEqual(json);
	expect(isError).toBeUndefined();
});

test("a deployment that failed is an error that keeps its content", async () => {
	const { json, structuredContent, isError } = await call(() => ({ content: { status: "error" }, failed: true }));
	expect([json, structuredContent, isError]).toEqual([{ status: "error" }, { status: "error" }, true]);
});

test.each([true, false])("a known fault is told in its own words, without structured content (asynchronous: %s)", async (asynchronous) => {
	const error = new DeploymillError("stale_view", "the key hunter22 is stale", {
		details: { output: "hunter22!" },
		cause: new Error("inside"),
	});
	const result = await call(() => {
		if (asynchronous) return Promise.reject(error);
		throw error;
	});
	expect(result).toEqual({
		json: { error: { ...error.toBody(), message: "the key *** is stale", details: { output: "***!" } } },
		isError: true,
		logged: [],
	});
});

test.each([new TypeError("/secret/path is not a function"), "secret text", { secret: true }, undefined])(
	"of an unknown fault (%s) nothing but an id leaves",
	async (fault) => {
		const { json, isError, structuredContent, logged } = await call(() => Promise.reject(fault));
		const { faultId } = (json.error?.details ?? {}) as { faultId: string };
		expect(faultId).toMatch(/^[0-9a-f]{8}$/);
		expect(json.error).toEqual({
			...new DeploymillError("internal", `A fault of deploymill, recorded in its log as ${faultId}.`).toBody(),
			details: { faultId },
		});
		expect([isError, structuredContent]).toEqual([true, undefined]);
		expect(JSON.stringify(json)).not.toContain("secret");
		expect(logged).toEqual([{ faultId, tool: "a_tool", error: expect.any(String) }]);
	},
);

test("bad arguments never reach the tool", async () => {
	let called = false;
	const { json } = await call(
		() => {
			called = true;
			return { content: {} };
		},
		{ x: 1 },
	);
	expect([called, json.error?.code]).toEqual([false, "invalid_input"]);
});
