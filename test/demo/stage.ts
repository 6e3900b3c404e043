// Prepares the demo: the built server, the sandbox, and nothing of an earlier demo.
import { mkdir, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import Docker from "dockerode";
import { runCommand } from "../run/command.ts";
import { findSandbox, type Sandbox, sandboxCli } from "../support/sandbox.ts";

const minuteMs = 60_000;

export async function build(): Promise<void> {
	await mustDo("the build", ["npm", "run", "--silent", "build"], 5 * minuteMs);
}

/** Up already, or started now. Either way it is left up. */
export async function raiseSandbox(): Promise<Sandbox> {
	await mustDo("the sandbox", [process.execPath, sandboxCli, "up"], 15 * minuteMs);
	return findSandbox();
}

/** The demo has a data folder of its own, so it can start over without touching what else is in the sandbox. @returns an empty folder */
export async function clearStage(sandbox: Sandbox, serviceName: string): Promise<string> {
	const docker = new Docker({ socketPath: new URL(sandbox.dockerHost).pathname });
	await docker
		.getService(serviceName)
		.remove()
		.catch((error: { statusCode?: number }) => {
			if (error.statusCode !== 404) throw error;
		});
	const folder = join(dirname(sandbox.env.DEPLOYMILL_DATA_DIR ?? ""), "demo");
	await rm(folder, { recursive: true, force: true });
	await mkdir(folder, { recursive: true, mode: 0o700 });
	return folder;
}

async function mustDo(what: string, command: string[], limitMs: number): Promise<void> {
	const { ok, because } = await runCommand(command, limitMs);
	if (!ok) throw new Error(`${what} failed: ${because}`);
}
