// The commands of the orchestrator gate, run by the programs they are for, where this machine has them.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { chooseGate } from "../../../../src/engine/service/container-check.ts";

const app = (path: string) => ({
	healthDeclared: true,
	port: 8080,
	health: { path, retries: 3, intervalMs: 1000, timeoutMs: 1000 },
});

describe("health commands", { concurrent: true }, async () => {
	const here = await installed(["wget", "curl", "node", "python3", "php", "ruby"]);
	const server = createServer((request, response) => {
		const status = Number(/\d{3}/.exec(request.url ?? "")?.[0] ?? 0);
		if (status === 0) return; // hangs
		response.writeHead(status, status === 302 ? { location: "/200" } : {}).end(status === 204 ? undefined : "words\n");
	});
	let port = 0;
	let nobody = 0;
	beforeAll(async () => {
		server.listen(0, "127.0.0.1");
		await once(server, "listening");
		port = (server.address() as AddressInfo).port;
		const other = createServer().listen(0, "127.0.0.1");
		await once(other, "listening");
		nobody = (other.address() as AddressInfo).port;
		other.close();
	});
	afterAll(() => {
		server.closeAllConnections();
		server.close();
	});

	const passes = async (name: string, path: string, at = port) => {
		const { command = [] } = chooseGate({ ...app(path), port: at }, [name]);
		return (await exitCode(command)) === 0;
	};

	describe.each(here)("%s", (name) => {
		test.each([
			["/200", true],
			["/404", false],
			["/500", false],
			["/502", false],
			["/503", false],
		])("strict %s passes: %s", async (path, expected) => {
			expect(await passes(name, path)).toBe(expected);
		});

		// wget and curl tell only errors apart. The edges' own gate is strict about the rest.
		test.each(["/204", "/302"])("strict %s passes only where the program cannot tell", async (path) => {
			expect(await passes(name, path)).toBe(name === "wget" || name === "curl");
		});

		test("a port nobody listens on fails", async () => {
			expect(await passes(name, "/200", nobody)).toBe(false);
		});
	});

	// wget asks again after a timeout: there Docker's own timeout ends it.
	test.each(here.filter((name) => name !== "wget"))("%s fails by itself where no answer comes", async (name) => {
		expect(await passes(name, "/hangs")).toBe(false);
	});

	test.each(here.filter((name) => name !== "wget"))("lenient %s: only gateway errors fail", async (name) => {
		const lenient = async (status: number, expected: boolean) => {
			const answering = createServer((_request, response) => response.writeHead(status).end()).listen(0, "127.0.0.1");
			await once(answering, "listening");
			const passed = await passes(name, "/", (answering.address() as AddressInfo).port);
			answering.closeAllConnections();
			answering.close();
			expect([status, passed]).toEqual([status, expected]);
		};
		expect(await passes(name, "/", nobody)).toBe(false);
		await Promise.all([200, 404, 500].map((status) => lenient(status, true)));
		// curl's exit code does not tell a gateway error from any other answer without a shell.
		if (name !== "curl") await Promise.all([502, 503, 504].map((status) => lenient(status, false)));
	});
});

async function installed(names: string[]): Promise<string[]> {
	const checks = await Promise.all(names.map(async (name) => [name, await exitCode([name, "--version"])] as const));
	return checks.filter(([, code]) => code === 0).map(([name]) => name);
}

async function exitCode([program = "", ...args]: string[]): Promise<number | string> {
	const child = spawn(program, args, { stdio: "ignore", timeout: 10_000 });
	return new Promise((resolve) => {
		child.once("exit", (code, signal) => resolve(code ?? signal ?? "?"));
		child.once("error", (error) => resolve(error.message));
	});
}
