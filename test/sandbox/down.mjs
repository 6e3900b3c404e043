// Takes a sandbox down: finds everything it left on this machine by this checkout's names, and removes it.
import { rmSync } from "node:fs";
import { pidsInCgroups, removeCgroups } from "./cgroups.mjs";
import { sandboxDir, shortSocketsDir } from "./checkout.mjs";
import { pidsInNamespaces, removeNetwork, withNetworkLock } from "./network.mjs";
import { isAlive, kill, markedPids } from "./process.mjs";
import { readState, writeState } from "./state.mjs";

/** Removes all of it; what is missing already is fine. @returns {Promise<void>} */
export async function removeSandbox() {
	const state = readState();
	if (state) writeState({ ...state, status: "incomplete" }); // if we do not get to the end, nobody shall repair what is left
	await stopSandbox();
	rmSync(shortSocketsDir, { recursive: true, force: true });
	rmSync(sandboxDir, { recursive: true, force: true, maxRetries: 5 });
}

/** Ends every process and takes the network down; images, services and what the registry holds stay on disk. @returns {Promise<void>} */
export async function stopSandbox() {
	await kill(await ownPids());
	await kill(await ownPids()); // what was just being started when we looked
	await withNetworkLock(removeNetwork);
	await removeCgroups();
}

/** No one way finds all of them: `up` may have been killed between starting a process and writing that down. */
async function ownPids() {
	const recorded = Object.values(readState()?.processes ?? {})
		.filter(isAlive)
		.map(({ pid }) => pid);
	const found = [...recorded, ...markedPids(), ...(await pidsInNamespaces()), ...pidsInCgroups()];
	return [...new Set(found)].filter((pid) => pid !== process.pid);
}
