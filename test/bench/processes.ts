// Starts programs to measure how long they take, and how much memory they hold.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdir, readFile } from "node:fs/promises";
import { createInterface } from "node:readline";
import { program } from "../support/deploymill.ts";
import { timed } from "./pairs.ts";

export type Environment = Record<string, string>;

/** From start to end, in milliseconds. */
export function runTime(args: string[], env: Environment): Promise<number> {
	return timed(async () => {
		const child = spawn(program.command, args, { env, stdio: "ignore" });
		await once(child, "exit");
	});
}

export interface ServerStart {
	/** To the answer of `initialize`. */
	initializedMs: number;
	/** Resident, after `tools/list`. */
	megabytes: number;
}

/** Starts a server, makes the calls that every client begins with, and ends it as a client does. */
export async function startServer(args: string[], env: Environment): Promise<ServerStart> {
	await using server = await runServer(args, env);
	return { initializedMs: server.initializedMs, megabytes: await memoryOf(server.pid, "VmRSS") };
}

export interface RunningServer extends AsyncDisposable {
	pid: number;
	initializedMs: number;
	/** One tool call; returns when it is answered. */
	call(tool: string, args: object): Promise<void>;
	usage(): Promise<Usage>;
}

/** Since the process began. */
interface Usage {
	cpuMs: number;
	/** Of all threads: how often one waited for something, and went on. */
	wakeUps: number;
}

/** A server that has made the calls that every client begins with. */
export async function runServer(args: string[], env: Environment): Promise<RunningServer> {
	const began = performance.now();
	const child = spawn(program.command, args, { env, stdio: ["pipe", "pipe", "ignore"] });
	const pid = child.pid!;
	const lines = createInterface({ input: child.stdout });
	let id = 0;
	const ask = async (method: string, params: object) => {
		child.stdin.write(`${JSON.stringify({ jsonrpc: "2.0", id: ++id, method, params })}\n`);
		const [line] = (await once(lines, "line")) as [string];
		if (line.includes('"isError":true')) throw new Error(line);
	};
	await ask("initialize", { protocolVersion: "2025-11-25", capabilities: {}, clientInfo: { name: "bench", version: "1.0.0" } });
	const initializedMs = performance.now() - began;
	child.stdin.write(`${JSON.stringify({ jsonrpc: "2.0", method: "notifications/initialized" })}\n`);
	await ask("tools/list", {});
	return {
		pid,
		initializedMs,
		call: (name, callArgs) => ask("tools/call", { name, arguments: callArgs }),
		usage: async () => ({ cpuMs: await cpuOf(pid), wakeUps: await wakeUpsOf(pid) }),
		async [Symbol.asyncDispose]() {
			const ended = once(child, "exit");
			child.stdin.end();
			// The hello-world goes on without its client.
			child.kill("SIGTERM");
			await ended;
		},
	};
}

/** In megabytes; `VmHWM` is the most it ever held. */
export async function memoryOf(pid: number, what: "VmRSS" | "VmHWM"): Promise<number> {
	const status = await readFile(`/proc/${pid}/status`, "utf8");
	return Number(new RegExp(`^${what}:\\s+(\\d+) kB`, "m").exec(status)?.[1]) / 1024;
}

/** Ticks of Linux, a hundred a second. */
const tickMs = 10;

async function cpuOf(pid: number): Promise<number> {
	const fields = (await readFile(`/proc/${pid}/stat`, "utf8")).replace(/^.*\) /, "").split(" ");
	return (Number(fields[11]) + Number(fields[12])) * tickMs;
}

async function wakeUpsOf(pid: number): Promise<number> {
	const threads = await readdir(`/proc/${pid}/task`);
	const counts = await Promise.all(
		threads.map(async (thread) => {
			const status = await readFile(`/proc/${pid}/task/${thread}/status`, "utf8");
			return Number(/^voluntary_ctxt_switches:\s+(\d+)/m.exec(status)?.[1]);
		}),
	);
	return counts.reduce((sum, count) => sum + count, 0);
}
