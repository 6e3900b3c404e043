// Keeps `.sandbox/state.json`: what was started, so that the next `up`, `status` or `down` can go on from it.
import { chmodSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { checkoutId, sandboxDir } from "./checkout.mjs";

const stateFile = join(sandboxDir, "state.json");

/**
 * `incomplete` until `up` finished once, and again from when `down` began: such a sandbox is thrown away, not repaired.
 * @typedef {object} SandboxState
 * @property {string} checkoutId a state that was copied along with its folder is somebody else's
 * @property {string} runId changes with each fresh sandbox; the ingress controller ends itself when it is not its own any more
 * @property {'incomplete' | 'ready'} status
 * @property {string} suite Debian suite of the root file system
 * @property {number} nodes how many
 * @property {string} subnet its first three numbers, such as `10.99.7`
 * @property {string} registryPassword
 * @property {string} [engineVersion]
 * @property {Record<string, import('./process.mjs').ProcessRecord>} processes by box name
 */

/** @returns {SandboxState | undefined} undefined when there is none, it is unreadable, or it belongs to another checkout */
export function readState() {
	try {
		const state = JSON.parse(readFileSync(stateFile, "utf8"));
		return state.checkoutId === checkoutId ? state : undefined;
	} catch {
		return undefined;
	}
}

/** @param {SandboxState} state replaces the file in one step, so that a reader never sees half of it */
export function writeState(state) {
	mkdirSync(sandboxDir, { recursive: true });
	chmodSync(sandboxDir, 0o700); // the registry's password is in here
	const unfinished = `${stateFile}.${process.pid}`;
	writeFileSync(unfinished, `${JSON.stringify(state, undefined, 2)}\n`, { mode: 0o600 });
	renameSync(unfinished, stateFile);
}

/** @param {SandboxState} state @param {string} name @param {import('./process.mjs').ProcessRecord} record */
export function recordProcess(state, name, record) {
	state.processes[name] = record;
	writeState(state);
}
