// Owns the files that deployments' logs are kept in: `<data folder>/logs/<deploymentId>.log`, 0600.
import { mkdirSync, openSync, writeSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { DeploymentLogs, DeploymentLogWriter } from "../engine/ports/deployment-logs.ts";

/** A build that never stops printing must not fill the disk. */
const mostBytes = 20 * 1024 * 1024;

export class LogFiles implements DeploymentLogs {
	readonly #folder: string;
	readonly #onFault: (error: unknown) => void;

	constructor(folder: string, onFault: (error: unknown) => void) {
		this.#folder = folder;
		this.#onFault = onFault;
	}

	open(deploymentId: string): DeploymentLogWriter {
		mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
		const file = openSync(join(this.#folder, `${deploymentId}.log`), "a", 0o600);
		let written = 0;
		return {
			line: (text) => {
				if (written > mostBytes) return;
				const line = `${text}\n`;
				written += Buffer.byteLength(line);
				try {
					writeSync(file, written > mostBytes ? "[the log is cut here: it is larger than 20 MB]\n" : line);
				} catch (error) {
					this.#onFault(error);
				}
			},
		};
	}

	async read(deploymentId: string): Promise<string[] | undefined> {
		if (!/^[\w-]+$/.test(deploymentId)) return undefined;
		try {
			return (await readFile(join(this.#folder, `${deploymentId}.log`), "utf8")).replace(/\n$/, "").split("\n");
		} catch (error) {
			if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
			throw error;
		}
	}
}
