import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { program } from "../support/deploymill.ts";
import { TestBed } from "../support/test-bed.ts";

const changing = ["reconcile_project", "deploy", "cancel_deployment", "confirm_deployment", "rollback", "set_hold", "set_env_vars"];
const reading = ["list_applications", "get_deployment", "list_deployments", "get_app_health", "get_logs", "list_env_vars"];

describe("The server on stdio", () => {
	let bed: TestBed;
	beforeAll(async () => {
		bed = await TestBed.open();
	});
	afterAll(() => bed.close());

	function start(env: Record<string, string>, args: string[] = []): ChildProcess {
		return spawn(program.command, [program.file, ...args], { env: { PATH: process.env.PATH, ...env }, stdio: ["pipe", "pipe", "pipe"] });
	}

	/** Ends, and tells what it printed. */
	async function run(env: Record<string, string>, args: string[] = []): Promise<{ code: number; stdout: string; stderr: string }> {
		const child = start(env, args);
		child.stdin?.end();
		const [stdout, stderr, [code]] = await Promise.all([text(child.stdout!), text(child.stderr!), once(child, "exit")]);
		return { code: Number(code), stdout, stderr };
	}

	it.for(["trace", "debug", "info", "warn", "error", "silent"])(
		"prints JSON-RPC and nothing else on stdout at log level %s",
		async (level) => {
			const child = start(bed.env({ DEPLOYMILL_LOG_LEVEL: level }));
			const stderr = text(child.stderr!);
			const lines = createInterface(child.stdout!)[Symbol.asyncIterator]();
			const ask = async (id: number, method: string, params: object) => {
				child.stdin?.write(`${JSON.stringify({ jsonrpc: "2.0", id, method, params })}\n`);
				const { value } = (await lines.next()) as { value: string };
				const message = JSON.parse(value);
				expect(message).toMatchObject({ jsonrpc: "2.0", id });
				return message.result;
			};
			const hello = { protocolVersion: "2025-06-18", capabilities: {}, clientInfo: { name: "raw", version: "1" } };
			expect(await ask(0, "initialize", hello)).toMatchObject({ serverInfo: { name: "deploymill" } });
			child.stdin?.write(`${JSON.stringify({ jsonrpc: "2.0", method: "notifications/initialized" })}\n`);
			expect((await ask(1, "tools/list", {})).tools).toHaveLength(changing.length + reading.length);
			expect(await ask(2, "tools/call", { name: "list_applications", arguments: {} })).not.toHaveProperty("isError");
			expect(await ask(3, "tools/call", { name: "deploy", arguments: { applicationId: "nobody" } })).toMatchObject({ isError: true });
			expect(await ask(4, "tools/call", { name: "no_such_tool", arguments: {} })).toMatchObject({ isError: true });
			const leftAt = Date.now();
			child.stdin?.end();
			await once(child, "exit");
			expect(Date.now() - leftAt).toBeLessThan(1000);
			expect(await lines.next()).toMatchObject({ done: true });
			const isQuiet = ["warn", "error", "silent"].includes(level);
			expect(await stderr).toEqual(isQuiet ? "" : expect.stringContaining("deploymill serves on stdio"));
		},
	);

	it("names a setting that it does not know, on stderr, and does not start", async () => {
		const { code, stdout, stderr } = await run(bed.env({ DEPLOYMILL_REGISTRI: "registry.test" }));
		expect(code).toBe(2);
		expect(stdout).toBe("");
		expect(stderr).toContain("DEPLOYMILL_REGISTRI");
		expect(stderr).toContain("DEPLOYMILL_REGISTRY");
	});

	it("names every setting that is wrong, and tells no secret", async () => {
		const { code, stderr } = await run(bed.env({ DEPLOYMILL_INGRESS: "nginx", DEPLOYMILL_KEEP_ROLLBACKS: "many" }));
		expect(code).toBe(2);
		expect(stderr).toContain("DEPLOYMILL_INGRESS");
		expect(stderr).toContain("DEPLOYMILL_KEEP_ROLLBACKS");
		expect(stderr).not.toContain(bed.sandbox.registryPassword);
	});

	it("offers what changes nothing alone when it is read-only", async () => {
		await using server = await bed.server({ DEPLOYMILL_READ_ONLY: "true" });
		const { tools } = await server.client.listTools();
		expect(tools.map(({ name }) => name)).toEqual(reading);
		for (const { annotations } of tools) expect(annotations).toMatchObject({ readOnlyHint: true, destructiveHint: false });
		expect(await server.refusal("deploy", { applicationId: "any" })).toMatchObject({ code: "read_only" });
	});

	it("says how to reach Docker when it cannot", async () => {
		await using server = await bed.server({ DOCKER_HOST: "unix:///nowhere/docker.sock", DEPLOYMILL_DATA_DIR: bed.path("lonely") });
		const repo = await bed.project("lonely");
		const error = await server.refusal("reconcile_project", { repoUrl: repo.repoUrl });
		expect(error).toMatchObject({ code: "docker_unreachable", retryable: true, hint: expect.stringContaining("DOCKER_HOST") });
		expect(await server.ok("list_applications")).toEqual({ applications: [] });
	});

	it("refuses arguments it does not know, by name", async () => {
		await using server = await bed.server();
		const error = await server.refusal("deploy", { aplicationId: "hello" });
		expect(error.code).toBe("invalid_input");
		expect(error.message).toContain("did you mean applicationId");
		expect(await server.refusal("get_deployment", { deploymentId: "dep-none" })).toMatchObject({ code: "deployment_not_found" });
		expect(await server.refusal("deploy", { applicationId: "none" })).toMatchObject({ code: "application_not_found" });
	});

	it("makes one call from a shell, with an exit code that tells", async () => {
		const fine = await run(bed.env(), ["call", "list_applications"]);
		expect(fine).toMatchObject({ code: 0 });
		expect(JSON.parse(fine.stdout)).toEqual({ applications: [] });
		const refused = await run(bed.env(), ["call", "deploy", '{"applicationId": "none"}']);
		expect(refused).toMatchObject({ code: 1 });
		expect(JSON.parse(refused.stdout)).toMatchObject({ error: { code: "application_not_found" } });
		expect(await run(bed.env(), ["call", "deploy", "{oops"])).toMatchObject({ code: 2, stdout: "" });
	});
});
