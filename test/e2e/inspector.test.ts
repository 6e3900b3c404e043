// The Inspector's command line, another implementation of an MCP client, against the built server on stdio.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { run } from "../support/command.ts";
import { program } from "../support/deploymill.ts";
import { devPath, devTool } from "../support/dev-tool.ts";

/** What the Inspector's exit codes mean. */
const exit = { ok: 0, toolError: 5 };

let home: string;

beforeAll(async () => {
	home = await mkdtemp(join(tmpdir(), "deploymill-inspector-"));
});

afterAll(async () => {
	await rm(home, { recursive: true });
});

async function inspect(...args: string[]) {
	const command = ["--cli", program.command, program.file, ...args, "--format", "json"];
	const { code, stdout, stderr } = await run(devTool("mcp-inspector"), command, { PATH: devPath, HOME: home });
	if (code !== exit.ok && code !== exit.toolError) throw new Error(`the Inspector ended with ${code}: ${stdout}${stderr}`);
	return { code, answer: JSON.parse(stdout) };
}

it("lists the tools, and holds their schemas valid", async () => {
	const { code, answer } = await inspect("--method", "tools/list", "--strict");
	expect(code).toBe(exit.ok);
	expect(answer.result.tools.map(({ name }: { name: string }) => name)).toContain("deploy");
});

it("lists resources", async () => {
	const { answer } = await inspect("--method", "resources/list");
	expect(JSON.stringify(answer)).toContain("deploymill://guides/rollback");
});

it("lists prompts", async () => {
	const { answer } = await inspect("--method", "prompts/list");
	expect(JSON.stringify(answer)).toContain("take_back_a_bad_deploy");
});

it("calls a tool that answers", async () => {
	const { code, answer } = await inspect("--method", "tools/call", "--tool-name", "list_applications");
	expect(code).toBe(exit.ok);
	expect(answer.result.structuredContent).toEqual({ applications: [] });
});

it("sees a refused call as a tool's error, with its code and hint", async () => {
	const { code, answer } = await inspect("--method", "tools/call", "--tool-name", "list_env_vars", "--tool-arg", "applicationId=nobody");
	expect(code).toBe(exit.toolError);
	const { error } = JSON.parse(answer.result.content[0].text);
	expect(error).toMatchObject({ code: "application_not_found", hint: expect.stringContaining("list_applications") });
});
