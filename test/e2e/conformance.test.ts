// The scenarios of MCP's conformance suite that say something of a server without its fixture tools, by way of an HTTP proxy.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { run } from "../support/command.ts";
import { program } from "../support/deploymill.ts";
import { devPath, devTool } from "../support/dev-tool.ts";
import { closedPort } from "../support/server.ts";
import { until } from "../support/until.ts";

const scenarios = ["server-initialize", "ping", "tools-list", "resources-list", "prompts-list"];

let home: string;
let proxy: ChildProcess;
let url: string;

beforeAll(async () => {
	home = await mkdtemp(join(tmpdir(), "deploymill-conformance-"));
	const port = await closedPort();
	url = `http://127.0.0.1:${port}/mcp`;
	const listen = ["--host", "127.0.0.1", "--port", String(port), "--server", "stream"];
	proxy = spawn(devTool("mcp-proxy"), [...listen, "--", program.command, program.file], {
		env: { PATH: devPath, HOME: home },
		stdio: "ignore",
	});
	await until(answers, (yes) => yes);
});

afterAll(async () => {
	const ended = once(proxy, "exit");
	proxy.kill();
	await ended;
	await rm(home, { recursive: true, maxRetries: 5 });
});

it.each(scenarios)("%s", async (scenario) => {
	const args = ["server", "--url", url, "--scenario", scenario, "--spec-version", "2025-11-25"];
	const { code, stdout, stderr } = await run(devTool("conformance"), args, { PATH: devPath, HOME: home }, { cwd: home });
	expect(code, `${stdout}\n${stderr}`).toBe(0);
	expect(stdout).toMatch(/Passed: [1-9]\d*\/\d+, 0 failed, 0 warnings/);
});

/** Any answer will do: the proxy listens. */
async function answers(): Promise<boolean> {
	return fetch(url, { signal: AbortSignal.timeout(2_000) }).then(
		() => true,
		() => false,
	);
}
