// Brings the sandbox of a test run up: one that is up already is used and left up; otherwise one is started and taken down again.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { isSandboxUp, sandboxCli } from "./sandbox.ts";

export default async function setup(): Promise<(() => Promise<void>) | undefined> {
	if (await isSandboxUp()) return undefined;
	await run("up");
	return () => run("down");
}

async function run(command: "up" | "down"): Promise<void> {
	const child = spawn(process.execPath, [sandboxCli, command], { stdio: ["ignore", "ignore", "inherit"] });
	const [code] = (await once(child, "exit")) as [number | null];
	if (code !== 0) throw new Error(`the sandbox did not come ${command} (exit code ${code})`);
}
