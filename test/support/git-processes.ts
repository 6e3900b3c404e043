// Finds the processes that work in a folder, read from /proc: git, its helpers, and the shell around them.
import { readdir, readFile, readlink } from "node:fs/promises";

/** `pid command` of each process that has the folder in its command line or works below it. */
export async function processesIn(folder: string): Promise<string[]> {
	const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid);
	const found = await Promise.all(pids.map((pid) => describe(pid, folder)));
	return found.filter((text) => text !== undefined);
}

/** Undefined also for one that ended meanwhile. */
async function describe(pid: string, folder: string): Promise<string | undefined> {
	try {
		const command = (await readFile(`/proc/${pid}/cmdline`, "utf8")).replaceAll("\0", " ");
		const at = await readlink(`/proc/${pid}/cwd`);
		return command.includes(folder) || at.startsWith(folder) ? `${pid} ${command.slice(0, 200)}` : undefined;
	} catch {
		return undefined;
	}
}
