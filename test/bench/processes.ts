// Starts programs to measure how long they take, and how much memory they hold.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
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
	const began = performance.now();
	const child = spawn(program.command, args, { env, stdio: ["pipe", "pipe", "ignore"] });
	const lines = createInterface({ input: child.stdout });
	const ask = async (id: number, method: string, params: object) => {
		child.stdin.write(`${JSON.stringify({ jsonrpc: "2.0", id, method, params })}\n`);
		await once(lines, "line");
	};
	await ask(1, "initialize", { protocolVersion: "2025-11-25", capabilities: {}, clientInfo: { name: "bench", version: "1.0.0" } });
	const initializedMs = performance.now() - began;
	child.stdin.write(`${JSON.stringify({ jsonrpc: "2.0", method: "notifications/initialized" })}\n`);
	await ask(2, "tools/list", {});
	const megabytes = await memoryOf(child.pid!, "VmRSS");
	const ended = once(child, "exit");
	child.stdin.end();
	// The hello-world goes on without its client.
	child.kill("SIGTERM");
	await ended;
	return { initializedMs, megabytes };
}

/** In megabytes; `VmHWM` is the most it ever held. */
async function memoryOf(pid: number, what: "VmRSS" | "VmHWM"): Promise<number> {
	const status = await readFile(`/proc/${pid}/status`, "utf8");
	return Number(new RegExp(`^${what}:\\s+(\\d+) kB`, "m").exec(status)?.[1]) / 1024;
}
