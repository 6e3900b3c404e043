// Starts worker processes, which outlive the server: clients end their server seconds after they leave.
import { type ChildProcess, type StdioOptions, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { closeSync, mkdirSync, openSync } from "node:fs";
import { join } from "node:path";
import type { PreparedWorker, WorkerLauncher } from "../engine/ports/worker-launcher.ts";
import { StandbyWorker, standbyArgument } from "./standby-worker.ts";

export interface WorkerProcessOptions {
	/** File that `deploymill` is started from. */
	program: string;
	/** Takes the worker's own log (pino), 0600. */
	logFolder: string;
	env: NodeJS.ProcessEnv;
	/** False in a worker: a process that was prepared prepares none. */
	mayPrepare: boolean;
}

export class WorkerProcesses implements WorkerLauncher {
	readonly #options: WorkerProcessOptions;
	/** One at a time: calls that come side by side start theirs when they need it. */
	#hasStandby = false;

	constructor(options: WorkerProcessOptions) {
		this.#options = options;
	}

	async start(deploymentId: string): Promise<void> {
		const worker = this.#spawn([deploymentId], `${deploymentId}.worker.log`, "ignore");
		await new Promise<void>((resolve, reject) => {
			worker.once("spawn", resolve);
			worker.once("error", reject);
		});
		worker.unref();
	}

	prepare(): PreparedWorker {
		const standby = this.#options.mayPrepare && !this.#hasStandby ? this.#prepareOne() : undefined;
		this.#hasStandby ||= standby !== undefined;
		return {
			start: async (deploymentId) => {
				if (!(await standby?.takes(deploymentId))) await this.start(deploymentId);
			},
			[Symbol.dispose]: () => {
				if (!standby) return;
				standby[Symbol.dispose]();
				this.#hasStandby = false;
			},
		};
	}

	/** Undefined where it cannot be begun. What is wrong is told by the start that a deployment needs. */
	#prepareOne(): StandbyWorker | undefined {
		const { logFolder } = this.#options;
		const logName = `standby-${randomUUID()}.worker.log`;
		try {
			return new StandbyWorker(this.#spawn([standbyArgument, logName], logName, "pipe"), logFolder, logName);
		} catch {
			return undefined;
		}
	}

	#spawn(args: string[], logName: string, stdin: "ignore" | "pipe"): ChildProcess {
		const { program, logFolder, env } = this.#options;
		mkdirSync(logFolder, { recursive: true, mode: 0o700 });
		const log = openSync(join(logFolder, logName), "a", 0o600);
		try {
			const stdio: StdioOptions = [stdin, log, log];
			// A group and session of its own: no signal to the server's group reaches it, and no pipe ties one that works to the server.
			// Without this process's own options of Node: with `--eval` among them the worker would be this process once more.
			return spawn(process.execPath, [program, "worker", ...args], { detached: true, stdio, cwd: logFolder, env });
		} finally {
			closeSync(log);
		}
	}
}
