// Starts worker processes, which outlive the server: clients end their server seconds after they leave.
import { spawn } from "node:child_process";
import { closeSync, mkdirSync, openSync } from "node:fs";
import { join } from "node:path";
import type { WorkerLauncher } from "../engine/ports/worker-launcher.ts";

export interface WorkerProcessOptions {
	/** File that `deploymill` is started from. */
	program: string;
	/** Takes the worker's own log (pino), 0600. */
	logFolder: string;
	env: NodeJS.ProcessEnv;
}

export class WorkerProcesses implements WorkerLauncher {
	readonly #options: WorkerProcessOptions;

	constructor(options: WorkerProcessOptions) {
		this.#options = options;
	}

	async start(deploymentId: string): Promise<void> {
		const { program, logFolder, env } = this.#options;
		mkdirSync(logFolder, { recursive: true, mode: 0o700 });
		const log = openSync(join(logFolder, `${deploymentId}.worker.log`), "a", 0o600);
		try {
			// A group and session of its own: no signal to the server's group reaches it, and no pipe ties it to the server.
			const worker = spawn(process.execPath, [...process.execArgv, program, "worker", deploymentId], {
				detached: true,
				stdio: ["ignore", log, log],
				cwd: logFolder,
				env,
			});
			await new Promise<void>((resolve, reject) => {
				worker.once("spawn", resolve);
				worker.once("error", reject);
			});
			worker.unref();
		} finally {
			closeSync(log);
		}
	}
}
