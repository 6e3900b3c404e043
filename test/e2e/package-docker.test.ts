// The image to run beside a Swarm manager: built on a real engine, and spoken to as an MCP client does, by stdin and stdout.
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { PassThrough, type Readable } from "node:stream";
import { text } from "node:stream/consumers";
import type Docker from "dockerode";
import { afterAll, beforeAll, expect, it } from "vitest";
import { openWorkbench, type Workbench } from "../support/docker-workbench.ts";
import { PackageCopy } from "../support/package-copy.ts";

let copy: PackageCopy;
let bench: Workbench;
let image: string;

beforeAll(async () => {
	[copy, bench] = await Promise.all([PackageCopy.make(), openWorkbench()]);
	const directory = join(copy.folder, "context");
	await copy.npm("run", "pack:docker", "--", directory);
	image = `${bench.prefix}/deploymill:test`;
	// The sandbox has no way out, and its stand-in for node:24-slim nothing to install packages with.
	const build = { dockerfile: "Dockerfile", context: ".", args: { PACKAGES: "" } };
	const listener = { line: () => undefined, step: () => undefined };
	await bench.images.build({ directory, build, tag: image, noCache: false }, listener, new AbortController().signal);
});

afterAll(async () => {
	await bench?.close();
	await copy?.[Symbol.asyncDispose]();
});

it("lists the tools over stdin and stdout, and ends when its client leaves", async () => {
	const container = await bench.docker.createContainer({
		Image: image,
		OpenStdin: true,
		StdinOnce: true,
		HostConfig: { AutoRemove: true },
	});
	const session = await attach(bench.docker, container);
	const ended = container.wait();
	await container.start();
	const clientInfo = { name: "container-test", version: "1.0.0" };
	const server = await session.ask("initialize", { protocolVersion: "2025-11-25", capabilities: {}, clientInfo });
	expect(server).toMatchObject({ serverInfo: { name: "deploymill" } });
	session.tell("notifications/initialized");
	const { tools } = (await session.ask("tools/list")) as { tools: { name: string }[] };
	expect(tools.map(({ name }) => name)).toContain("deploy");
	session.leave();
	expect(await ended).toMatchObject({ StatusCode: 0 });
});

it("runs any other command, and keeps its data where only it can read it", async () => {
	const { StatusCode, output } = await runContainer({ Cmd: ["doctor", "--json"] });
	expect(StatusCode).toBe(1);
	const { checks } = JSON.parse(output) as { checks: { name: string; ok: boolean; detail: string }[] };
	const check = (name: string) => checks.find((candidate) => candidate.name === name);
	expect(check("data folder")).toMatchObject({ ok: true, detail: expect.stringContaining("/data") });
	expect(check("docker")).toMatchObject({ ok: false, detail: expect.stringContaining("/var/run/docker.sock") });
});

it("lives on until the deployments that a server left behind have ended", async () => {
	// A stand-in that ends well after the server did: it waits until the server is there, and then until it is gone.
	const standIn = `
		const { readdirSync, readFileSync } = require("node:fs");
		const commandOf = (pid) => { try { return readFileSync("/proc/" + pid + "/cmdline", "utf8"); } catch { return ""; } };
		const others = () => readdirSync("/proc").filter((pid) => pid !== String(process.pid));
		const serves = () => others().some((pid) => /(cli.js|deploymill).--version/.test(commandOf(pid)));
		let seen = false;
		const look = setInterval(() => {
			const now = serves();
			if (seen && !now) { clearInterval(look); console.log("the deployment ended"); }
			seen ||= now;
		}, 20);`;
	const worker = `node -e '${standIn}' /opt/deploymill/dist/cli.js worker dep-1`;
	const { StatusCode, output } = await runContainer({
		Entrypoint: ["sh", "-c", `${worker} & exec /opt/deploymill/entrypoint.sh --version`],
	});
	expect(StatusCode).toBe(0);
	expect(output).toMatch(/^\d+\.\d+\.\d+\r?\n[\s\S]*the deployment ended/);
});

/** Runs a container to its end, without anything on stdin. */
async function runContainer(options: Docker.ContainerCreateOptions): Promise<{ StatusCode: number; output: string }> {
	const container = await bench.docker.createContainer({ Image: image, Tty: true, ...options });
	try {
		const stream = await container.attach({ stream: true, stdout: true, stderr: true });
		const output = text(stream as unknown as Readable);
		await container.start();
		const { StatusCode } = (await container.wait()) as { StatusCode: number };
		return { StatusCode, output: await output };
	} finally {
		await container.remove({ force: true, v: true });
	}
}

/** JSON-RPC over the container's stdin and stdout. */
async function attach(docker: Docker, container: Docker.Container) {
	const socket = await container.attach({ stream: true, stdin: true, stdout: true, stderr: true, hijack: true });
	const stdout = new PassThrough();
	docker.modem.demuxStream(socket, stdout, new PassThrough().resume());
	const lines = createInterface({ input: stdout });
	let lastId = 0;
	const send = (message: object) => socket.write(`${JSON.stringify({ jsonrpc: "2.0", ...message })}\n`);
	return {
		async ask(method: string, params: object = {}): Promise<unknown> {
			const id = ++lastId;
			const answered = once(lines, "line");
			send({ id, method, params });
			const [line] = (await answered) as [string];
			const answer = JSON.parse(line);
			expect(answer).toMatchObject({ id });
			return answer.result;
		},
		tell: (method: string) => send({ method }),
		leave: () => socket.end(),
	};
}
