import { expect, test } from "vitest";
import { z } from "zod";
import { catalogue, findTool } from "../../../src/mcp/catalogue.ts";
import { instructions } from "../../../src/mcp/instructions.ts";

const all = catalogue(false);
const input = (tool: (typeof all)[number]) => z.toJSONSchema(tool.input, { io: "input" });

test("the tools of the contract, each once", () => {
	expect(all.map(({ name }) => name).sort()).toEqual([
		...["cancel_deployment", "confirm_deployment", "deploy", "get_app_health", "get_deployment", "get_logs", "list_applications"],
		...["list_deployments", "list_env_vars", "reconcile_project", "rollback", "set_env_vars", "set_hold"],
	]);
	for (const tool of all) expect(findTool(tool.name)).toBe(tool);
	expect(findTool("deplyo")).toBeUndefined();
});

test.each(all.map((tool) => [tool.name, tool] as const))("%s says what it is", (name, tool) => {
	expect(name).toMatch(/^[a-z]+(_[a-z]+)*$/);
	expect(tool.title.length).toBeGreaterThan(5);
	expect(tool.description).toMatch(/\.$/);
	expect(Buffer.byteLength(tool.description)).toBeLessThan(2048);
	expect(Object.entries(tool.hints).map(([hint, value]) => [hint, typeof value])).toEqual([
		["readOnlyHint", "boolean"],
		["destructiveHint", "boolean"],
		["idempotentHint", "boolean"],
		["openWorldHint", "boolean"],
	]);
	expect(input(tool)).toMatchObject({ type: "object", additionalProperties: false });
	const output = z.toJSONSchema(tool.output) as { type: string; properties: object };
	expect(output.type).toBe("object");
	expect(Object.keys(output.properties).length).toBeGreaterThan(0);
});

test("what only reads is never destructive, and only that is left on a read-only server", () => {
	for (const { hints } of all) expect(hints.readOnlyHint && hints.destructiveHint).toBe(false);
	expect(
		catalogue(true)
			.map(({ name }) => name)
			.sort(),
	).toEqual(["get_app_health", "get_deployment", "get_logs", "list_applications", "list_deployments", "list_env_vars"]);
});

test.each([
	["deploy", ["applicationId", "ref", "dryRun", "noCache", "force", "confirmWithin", "expectedCurrent", "requestId", "reason", "wait"]],
	["rollback", ["applicationId", "rollbackId", "dryRun", "allowMigrations", "hold", "expectedCurrent", "requestId", "reason", "wait"]],
	["reconcile_project", ["applicationId", "repoUrl", "ref", "dryRun", "prune"]],
	["get_deployment", ["deploymentId", "wait"]],
	["cancel_deployment", ["deploymentId", "reason"]],
	["confirm_deployment", ["deploymentId", "reason"]],
	["list_deployments", ["applicationId", "limit", "cursor"]],
	["get_app_health", ["applicationId"]],
	["get_logs", ["applicationId", "deploymentId", "source", "tail", "grep", "level", "since"]],
	["set_env_vars", ["applicationId", "set", "unset", "replace"]],
	["set_hold", ["applicationId", "hold", "reason"]],
	["list_env_vars", ["applicationId"]],
	["list_applications", []],
])("%s takes the contract's arguments", (name, expected) => {
	expect(Object.keys(findTool(name)?.input.shape ?? {}).sort()).toEqual([...expected].sort());
});

test("the instructions are short, and say to look before one deploys again", () => {
	expect(Buffer.byteLength(instructions)).toBeLessThan(2048);
	expect(instructions).toContain("never deploy again before you looked");
	for (const word of instructions.match(/\b[a-z]+_[a-z_]+\b/g) ?? []) {
		expect([...all.map(({ name }) => name), "live_unhealthy", "rolled_back", "orchestrator_rolled_back"]).toContain(word);
	}
});

test.each([
	["rollback", /branch's next deploy brings back/],
	["rollback", /where one of them is the cause, it does not help/],
	["get_deployment", /rolledOver.*attempts/],
	["list_deployments", /inconclusive: nobody could tell; null: never judged/],
	["get_app_health", /partial outage: report it, go back only if asked or agreed/],
])("%s says what its words mean: %s", (name, words) => {
	const tool = all.find((item) => item.name === name);
	expect(`${tool?.description}`).toMatch(words);
});

test("the whole list of tools stays small", () => {
	const list = all.map((tool) => ({
		name: tool.name,
		title: tool.title,
		description: tool.description,
		annotations: tool.hints,
		inputSchema: input(tool),
		outputSchema: z.toJSONSchema(tool.output),
	}));
	// A token is about four characters of JSON.
	expect(JSON.stringify(list).length / 4).toBeLessThan(4500);
});
