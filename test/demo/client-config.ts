// Makes the configuration by which an MCP client starts this checkout's server on the sandbox.
import { writeFile } from "node:fs/promises";
import { join } from "node:path";

/** One entry of `mcpServers`. */
export interface ServerEntry {
	command: string;
	args: string[];
	env: Record<string, string>;
}

export function serverEntry(env: Record<string, string>): ServerEntry {
	return { command: process.execPath, args: [join(import.meta.dirname, "../../dist/cli.js")], env };
}

export function clientConfig(entry: ServerEntry): string {
	return JSON.stringify({ mcpServers: { deploymill: entry } }, undefined, 2);
}

/** For this user alone: it holds the registry's password. */
export async function writeClientConfig(file: string, entry: ServerEntry): Promise<void> {
	await writeFile(file, `${clientConfig(entry)}\n`, { mode: 0o600 });
}
