// The Claude Desktop bundle: packed, validated, unpacked, and started as Claude Desktop starts it.
import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { getMcpConfigForManifest } from "@anthropic-ai/mcpb/node";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import { afterAll, beforeAll, expect, it } from "vitest";
import { settingNames } from "../../src/config/settings-schema.ts";
import { run } from "../support/command.ts";
import { devPath, devTool } from "../support/dev-tool.ts";
import { PackageCopy } from "../support/package-copy.ts";

const root = join(import.meta.dirname, "../..");
const mostBytes = 15e6;

let copy: PackageCopy;
let unpacked: string;

beforeAll(async () => {
	copy = await PackageCopy.make();
	const bundle = join(copy.folder, "deploymill.mcpb");
	await copy.npm("run", "pack:mcpb", "--", bundle);
	const { size } = await stat(bundle);
	console.log(`Claude Desktop bundle: ${(size / 1e6).toFixed(1)} MB`);
	expect(size).toBeLessThan(mostBytes);
	unpacked = join(copy.folder, "unpacked");
	await mcpb("unpack", bundle, unpacked);
});

afterAll(() => copy[Symbol.asyncDispose]());

async function mcpb(...args: string[]): Promise<void> {
	const { code, stdout, stderr } = await run(devTool("mcpb"), args, { PATH: devPath });
	expect(code, stdout + stderr).toBe(0);
}

async function readManifest(file: string) {
	return JSON.parse(await readFile(file, "utf8"));
}

it("has a manifest that the bundle's own tool holds valid", () => mcpb("validate", join(unpacked, "manifest.json")));

it("needs no packages beside it", async () => {
	expect(await readdir(unpacked)).not.toContain("node_modules");
});

it("has the version of package.json, secrets marked as such, and settings that exist", async () => {
	const manifest = await readManifest(join(root, "packaging/mcpb/manifest.json"));
	expect(manifest.version).toBe((await readManifest(join(root, "package.json"))).version);
	expect(manifest.user_config.registry_password.sensitive).toBe(true);
	expect(manifest.user_config.git_token.sensitive).toBe(true);
	expect(manifest.user_config.notify_url.sensitive).toBe(true);
	const known: readonly string[] = [...settingNames, "DOCKER_HOST"];
	expect(Object.keys(manifest.server.mcp_config.env).filter((name) => !known.includes(name))).toEqual([]);
});

it("serves with what a user who changed nothing has configured", async () => {
	const manifest = await readManifest(join(unpacked, "manifest.json"));
	const config = await getMcpConfigForManifest({
		manifest,
		extensionPath: unpacked,
		systemDirs: {},
		userConfig: {},
		pathSeparator: "/",
	});
	const { command, args = [], env = {} } = config!;
	expect(Object.values(env).filter((value) => value.includes("${"))).toEqual([]);
	const client = new Client({ name: "claude-ai", version: "1.0.0" });
	await client.connect(new StdioClientTransport({ command, args, env: { ...env, PATH: devPath, HOME: copy.folder }, stderr: "ignore" }));
	try {
		const { tools } = await client.listTools();
		expect(tools.map(({ name }) => name)).toContain("rollback");
	} finally {
		await client.close();
	}
});
