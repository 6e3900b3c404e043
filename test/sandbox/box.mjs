// Runs a command in a small machine of its own (root file system, network, processes), as node or registry.
import { mkdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { isAlive, startDetached } from "./process.mjs";
import { recordProcess } from "./state.mjs";

const initScript = join(dirname(fileURLToPath(import.meta.url)), "box-init.sh");

/**
 * @typedef {object} Box
 * @property {string} name also its host name
 * @property {string} folder for its changes of the root file system and its log
 * @property {string} namespace network namespace, which exists
 * @property {string} address its own; nothing listens there for DNS, so names that Docker does not know fail at once
 * @property {string} root cached root file system
 * @property {[source: string, target: string][]} binds folders of this machine that the box sees
 * @property {string[]} command
 */

/**
 * Starts the box unless it runs. Its processes have a pid namespace: when its first process ends, all of them do.
 * @param {import('./state.mjs').SandboxState} state @param {Box} box @returns {Promise<void>}
 */
export async function ensureBox(state, box) {
	if (isAlive(state.processes[box.name])) return;
	const storage = join(box.folder, "rootfs");
	for (const part of ["lower", "upper", "work", "root"]) mkdirSync(join(storage, part), { recursive: true });
	const args = [
		`--net=/run/netns/${box.namespace}`, // `ip netns exec` would hide the cgroup mounts
		"unshare",
		...["--mount", "--uts", "--pid", "--fork", "--kill-child", "--propagation", "private"],
		...[initScript, box.name, box.address, box.root, storage],
		...box.binds.flat(),
		"--",
		...box.command,
	];
	recordProcess(state, box.name, await startDetached("nsenter", args, logFile(box)));
}

/**
 * For waitUntil: why it is no use to wait for something inside this box any longer.
 * @param {import('./state.mjs').SandboxState} state @param {Box} box @returns {string | undefined}
 */
export function endedBecause(state, box) {
	if (isAlive(state.processes[box.name])) return undefined;
	const lastLines = readFileSync(logFile(box), "utf8").trim().split("\n").slice(-8).join("\n");
	return `${box.name} ended; last lines of ${logFile(box)}:\n${lastLines}`;
}

const logFile = (box) => join(box.folder, `${box.name}.log`);
