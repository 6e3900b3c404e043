// Finds the Docker sandbox for tests, and says clearly when it is not up.
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";

/** What `node test/sandbox/cli.mjs status --json` prints (contract section 11). */
export interface Sandbox {
	/** Endpoint of the first node, a manager. */
	dockerHost: string;
	dockerHosts: string[];
	/** `host:port` of the password-protected registry. */
	registry: string;
	registryUsername: string;
	registryPassword: string;
	registryConfigDir: string;
	edgeAddress: string;
	suite: string;
	engineVersion: string;
	/** Every variable that a deploymill server needs to use the sandbox. */
	env: Record<string, string>;
}

/** The program behind `npm run sandbox`. */
export const sandboxCli = join(import.meta.dirname, "../sandbox/cli.mjs");

/** The sandbox that runs. Fails when none does: starting one takes too long for a test. */
export async function findSandbox(): Promise<Sandbox> {
	try {
		const { stdout } = await promisify(execFile)(process.execPath, [sandboxCli, "status", "--json"]);
		return JSON.parse(stdout.trim().split("\n").at(-1) ?? "") as Sandbox;
	} catch (error) {
		throw new Error("The Docker sandbox is not up. Start it with: npm run sandbox -- up", { cause: error });
	}
}

export async function isSandboxUp(): Promise<boolean> {
	return findSandbox().then(
		() => true,
		() => false,
	);
}
