// Makes a data folder that nothing was recorded in, for processes that are measured without Docker.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Environment } from "./processes.ts";

/** The least that an MCP server can be. */
export const helloServer = join(import.meta.dirname, "programs/hello-server.mjs");

export interface EmptyFolder extends AsyncDisposable {
	dataFolder: string;
	/** Of a server on it. */
	env: Environment;
}

export async function openEmptyFolder(): Promise<EmptyFolder> {
	const folder = await mkdtemp(join(tmpdir(), "deploymill-bench-"));
	const dataFolder = join(folder, "data");
	const env = {
		PATH: process.env.PATH ?? "",
		HOME: folder,
		DEPLOYMILL_DATA_DIR: dataFolder,
		DOCKER_HOST: `unix://${join(folder, "no.sock")}`,
		DEPLOYMILL_LOG_LEVEL: "error",
	};
	return { dataFolder, env, [Symbol.asyncDispose]: () => rm(folder, { recursive: true }) };
}
