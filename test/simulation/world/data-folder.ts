// Holds what the processes of one data folder share: a real SQLite database in memory, and the deployments' logs.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openStore, type SqliteStore } from "../../../src/adapters/sqlite/store.ts";
import type { DeploymentLogLine, DeploymentLogs } from "../../../src/engine/ports/deployment-logs.ts";
import type { VirtualClock } from "../virtual-clock.ts";

/**
 * Processes of one machine take turns at a SQLite file, and a statement ends before another begins. Here they do so by running
 * in one thread, so that they can share one connection.
 */
export class DataFolder implements Disposable {
	readonly store: SqliteStore;
	readonly logs: DeploymentLogs;
	readonly lines = new Map<string, DeploymentLogLine[]>();

	constructor(clock: VirtualClock) {
		this.store = openStore(":memory:", keyFile, () => {}, clock);
		this.store.expectReceiver();
		this.logs = {
			open: (deploymentId) => {
				const lines = this.lines.get(deploymentId) ?? [];
				this.lines.set(deploymentId, lines);
				return { line: (text) => void lines.push({ text, own: false }), own: (text) => void lines.push({ text, own: true }) };
			},
			read: async (deploymentId, tail) => {
				const lines = this.lines.get(deploymentId);
				return lines && { lines: lines.slice(-tail), truncated: lines.length > tail };
			},
		};
	}

	[Symbol.dispose](): void {
		this.store.close();
	}
}

const keyFolder = mkdtempSync(join(tmpdir(), "deploymill-simulation-"));
/** One for all: it is made once, and nothing of a simulation depends on it. */
const keyFile = join(keyFolder, "key");
process.once("exit", () => rmSync(keyFolder, { recursive: true, force: true }));
