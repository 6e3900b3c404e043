// Holds the Claude Code plugin to what there is: its files, the server's settings, and the tools that its skills speak of.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { secretNames } from "../../src/config/secret.ts";
import { settingNames } from "../../src/config/settings-schema.ts";
import { readArguments } from "../../src/mcp/arguments.ts";
import { catalogue, findTool } from "../../src/mcp/catalogue.ts";
import { guidePages } from "../../src/mcp/guides.ts";

const root = join(import.meta.dirname, "../..");
const read = (path: string) => readFileSync(join(root, path), "utf8");
const marketplace = JSON.parse(read(".claude-plugin/marketplace.json"));
const [entry] = marketplace.plugins;
const plugin = JSON.parse(read(join(entry.source, ".claude-plugin/plugin.json")));
const manifest = JSON.parse(read("package.json"));
const { env } = plugin.mcpServers.deploymill;

test("the marketplace names the plugin, and both are of the package's version and name", () => {
	expect(marketplace.plugins).toHaveLength(1);
	expect(entry).toMatchObject({ name: "deploymill", source: expect.stringMatching(/^\.\//) });
	expect(plugin).toMatchObject({ name: entry.name, version: manifest.version, license: manifest.license });
	expect(plugin.mcpServers.deploymill.args).toEqual(["-y", manifest.name]);
});

test("every variable of the server is one that it knows, and is asked for once", () => {
	const known = [...settingNames, "DOCKER_HOST"] as string[];
	for (const name of Object.keys(env)) expect(known).toContain(name);
	const asked = Object.values(env).map((value) => /^\$\{user_config\.(\w+)\}$/.exec(String(value))?.[1]);
	expect(asked.sort()).toEqual(Object.keys(plugin.userConfig).sort());
});

test.each(Object.entries(plugin.userConfig) as [string, Record<string, unknown>][])(
	"the option %s can be shown, and is hidden where it is a secret",
	(key, option) => {
		expect(option).toMatchObject({
			type: "string",
			title: expect.any(String),
			description: expect.any(String),
			default: expect.any(String),
		});
		expect(Object.keys(option).sort()).toEqual(["default", "description", ...(option.sensitive ? ["sensitive"] : []), "title", "type"]);
		const variable = Object.keys(env).find((name) => String(env[name]).includes(`.${key}}`));
		expect(option.sensitive === true).toBe((secretNames as readonly string[]).includes(String(variable)));
	},
);

describe.each(readdirSync(join(root, entry.source, "skills")))("the skill %s", (name) => {
	const text = read(join(entry.source, "skills", name, "SKILL.md"));
	const [, head = "", body = ""] = /^---\n([\s\S]*?)\n---\n([\s\S]*)$/.exec(text) ?? [];

	test("has a head by which it is found", () => {
		const lines = head.split("\n");
		expect(lines[0]).toBe(`name: ${name}`);
		expect(lines[1]).toMatch(/^description: .{60,500} Use when .+\.$/);
		expect(lines).toHaveLength(2);
	});

	test("makes only calls that the tools take", () => {
		const calls = [...body.matchAll(/`(\w+) (\{.+?\})`/g)];
		expect(calls.length).toBeGreaterThan(1);
		for (const [, tool = "", json = ""] of calls) {
			const found = findTool(tool);
			expect(found, tool).toBeDefined();
			if (found) expect(() => readArguments(found, JSON.parse(json)), `${tool} ${json}`).not.toThrow();
		}
	});

	test("speaks of no tool, argument, skill or guide that is not there", () => {
		const tools = catalogue(false).map((tool) => tool.name);
		const snake = [...body.matchAll(/`([a-z]+(?:_[a-z]+)+)`/g)].map(([, word = ""]) => word);
		const outcomes = ["rolled_back", "live_unhealthy", "orchestrator_rolled_back"];
		for (const word of snake) expect([...tools, ...outcomes]).toContain(word);
		for (const [, guide] of body.matchAll(/deploymill:\/\/guides\/([\w-]+)/g)) expect(guidePages.map((page) => page.name)).toContain(guide);
		for (const [, skill = ""] of body.matchAll(/skill ([a-z]+(?:-[a-z]+)+)/g))
			expect(readdirSync(join(root, entry.source, "skills"))).toContain(skill);
	});
});
