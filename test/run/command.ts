// Runs one command of a test run to its end, or to its limit: whatever it started ends with it.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as pause } from "node:timers/promises";

/** From the request to end until the end by force. */
const graceMs = 10_000;

export interface CommandEnd {
	ok: boolean;
	/** Why it is not ok. */
	because?: string;
}

export async function runCommand([command = "", ...args]: string[], limitMs: number, signal?: AbortSignal): Promise<CommandEnd> {
	// In a process group of its own, so that all of it can be ended.
	const child = spawn(command, args, { detached: true, stdio: ["ignore", "inherit", "inherit"] });
	const group = -(child.pid ?? Number.NaN);
	const ended = once(child, "exit") as Promise<[code: number | null, signal: string | null]>;
	const limit = AbortSignal.timeout(limitMs);
	const stop = signal ? AbortSignal.any([signal, limit]) : limit;
	const onStop = () => void endGroup(group);
	stop.addEventListener("abort", onStop, { once: true });
	try {
		const [code, killedBy] = await ended;
		if (limit.aborted) return { ok: false, because: `not done after ${limitMs / 60_000} minutes` };
		return code === 0 ? { ok: true } : { ok: false, because: killedBy ? `ended by ${killedBy}` : `exit code ${code}` };
	} catch (error) {
		return { ok: false, because: (error as Error).message };
	} finally {
		stop.removeEventListener("abort", onStop);
		signalGroup(group, "SIGKILL");
	}
}

async function endGroup(group: number): Promise<void> {
	signalGroup(group, "SIGTERM");
	await pause(graceMs, undefined, { ref: false });
	signalGroup(group, "SIGKILL");
}

function signalGroup(group: number, name: NodeJS.Signals): void {
	try {
		process.kill(group, name);
	} catch {
		// Nobody is left in it.
	}
}
