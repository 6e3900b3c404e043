// The npm package, from the tarball: what is in it, that it works from an empty folder, and the files that carry its version.
import { mkdir, readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { settingNames } from "../../src/config/settings-schema.ts";
import { run } from "../support/command.ts";
import { devPath } from "../support/dev-tool.ts";
import { npm, PackageCopy } from "../support/package-copy.ts";

/** All that is needed is in it, with source maps. */
const mostPackedBytes = 1_900_000;
const root = join(import.meta.dirname, "../..");

let copy: PackageCopy;
let tarball: string;

beforeAll(async () => {
	copy = await PackageCopy.make();
	tarball = await copy.pack();
});

afterAll(() => copy[Symbol.asyncDispose]());

describe("the tarball", () => {
	it("is small", async () => {
		const { size } = await stat(tarball);
		console.log(`npm package: ${(size / 1000).toFixed(0)} kB packed`);
		expect(size).toBeLessThan(mostPackedBytes);
	});

	it("holds the program, the guides, the JSON Schema and the licences, and nothing else", async () => {
		const { stdout } = await run("tar", ["-tzf", tarball], { PATH: devPath });
		const files = stdout.trim().split("\n");
		const expected = [
			"LICENSE",
			"README.md",
			"package.json",
			"dist/cli.js",
			"dist/project.schema.json",
			"dist/third-party-licenses.txt",
			"guides/rollback.md",
			"packaging/server.json",
		];
		expect(files).toEqual(expect.arrayContaining(expected.map((file) => `package/${file}`)));
		const known =
			/^package\/(?:dist\/(?:.+\.js(?:on|\.map)?|timeline\.css|third-party-licenses\.txt)|guides\/.+\.md|packaging\/(?:README\.md|server\.json)|[^/]+)$/;
		expect(files.filter((file) => !known.test(file))).toEqual([]);
	});

	it("imports no node:http, which would load a whole HTTP client in every process (adapters/docker/http-agents.ts)", async () => {
		const unpacked = join(copy.folder, "unpacked");
		await mkdir(unpacked);
		await run("tar", ["-xzf", tarball, "-C", unpacked], { PATH: devPath });
		const dist = join(unpacked, "package/dist");
		const files = (await readdir(dist)).filter((file) => file.endsWith(".js"));
		const texts = await Promise.all(files.map(async (file) => [file, await readFile(join(dist, file), "utf8")] as const));
		expect(files).toContain("cli.js");
		expect(texts.filter(([, text]) => /(?:from|import) ?["']node:https?["']/.test(text)).map(([file]) => file)).toEqual([]);
	});

	it("works by npx from an empty folder", async () => {
		const folder = join(copy.folder, "user");
		await mkdir(folder);
		await npm(["init", "--yes"], folder);
		await npm(["install", "--no-audit", "--no-fund", tarball], folder);
		const command = { command: "npx", args: ["--no-install", "deploymill"], cwd: folder };
		const client = new Client({ name: "package-test", version: "1.0.0" });
		await client.connect(new StdioClientTransport({ ...command, env: { PATH: devPath, HOME: folder }, stderr: "ignore" }));
		try {
			const { tools } = await client.listTools();
			expect(tools.map(({ name }) => name)).toContain("deploy");
			const { contents } = await client.readResource({ uri: "deploymill://guides/rollback" });
			expect(contents[0]).toMatchObject({ mimeType: "text/markdown", text: expect.stringContaining("rollback") });
		} finally {
			await client.close();
		}
		// Nothing comes with it.
		expect((await readdir(join(folder, "node_modules"))).filter((name) => !name.startsWith("."))).toEqual(["deploymill"]);
		const schema = await readJson(join(folder, "node_modules/deploymill/dist/project.schema.json"));
		expect(schema).toMatchObject({ title: "deploymill project", properties: { rollback: expect.anything() } });
	});

	it("names the source in the stack of a fault", async () => {
		const folder = join(copy.folder, "fault");
		await mkdir(folder);
		await run("tar", ["-xzf", tarball, "-C", folder], { PATH: devPath });
		const program = join(folder, "package/dist/cli.js");
		const { stderr } = await run("node", [program, "worker", "dep-of-nobody"], { PATH: devPath, HOME: folder });
		expect(JSON.parse(stderr).error).toMatch(/at findDeployment\S* \(src\/engine\/applications\.ts:\d+:\d+\)/);
	});

	it("brings the licence of all that is in it", async () => {
		const text = await readFile(join(copy.folder, "fault/package/dist/third-party-licenses.txt"), "utf8");
		for (const name of ["@modelcontextprotocol/sdk", "dockerode", "@grpc/grpc-js", "undici", "zod"]) {
			expect(text).toMatch(new RegExp(`^${name} \\d+\\.\\d+\\.\\d+ \\((?:MIT|Apache-2\\.0)\\)$`, "m"));
		}
		expect(text).toContain("Permission is hereby granted, free of charge");
		expect(text).toContain("Apache License");
	});
});

describe("the MCP registry's entry", () => {
	it("has the version and names of package.json, and settings that exist", async () => {
		const [entry, own] = await Promise.all([readJson(join(root, "packaging/server.json")), readJson(join(root, "package.json"))]);
		const [npmPackage] = entry.packages;
		expect([entry.version, npmPackage.version]).toEqual([own.version, own.version]);
		expect([entry.name, npmPackage.identifier]).toEqual([own.mcpName, own.name]);
		expect(entry.description.length).toBeLessThanOrEqual(100);
		const variables: { name: string; isSecret?: boolean }[] = npmPackage.environmentVariables;
		const known: readonly string[] = [...settingNames, "DOCKER_HOST"];
		expect(variables.filter(({ name }) => !known.includes(name))).toEqual([]);
		const secrets = variables.filter(({ name }) => /PASSWORD|TOKEN|SECRET|NOTIFY_URL/.test(name));
		expect(secrets.length).toBeGreaterThan(0);
		expect(secrets.every(({ isSecret }) => isSecret)).toBe(true);
	});
});

async function readJson(file: string) {
	return JSON.parse(await readFile(file, "utf8"));
}
