// Lets Node keep what it compiled in the data folder, so that the next process begins without compiling it again.
import { lstatSync } from "node:fs";
import { readdir, rm, stat } from "node:fs/promises";
import { enableCompileCache } from "node:module";
import { join } from "node:path";
import { absolutePath, defaultDataFolder } from "../config/user-folders.ts";
import { compileCacheName, refuseOpenFolder } from "./data-folder.ts";

/** Compiled again once in so long, so that what left versions of deploymill and Node compiled does not stay for ever. */
const keptMs = 30 * 24 * 60 * 60 * 1000;

/**
 * To be called before the modules that are to be kept are loaded. What lies in the cache is run: it is used only where nobody but
 * this user and root could have put it there. Makes nothing: the folder is there once a server has run. Never throws.
 */
export function useCompileCache(env: NodeJS.ProcessEnv): void {
	try {
		const given = env.DEPLOYMILL_DATA_DIR?.trim();
		const folder = join(given ? absolutePath(given, env) : defaultDataFolder(env), compileCacheName);
		const found = lstatSync(folder, { throwIfNoEntry: false });
		if (!found?.isDirectory() || (found.mode & 0o077) !== 0) return;
		refuseOpenFolder(folder);
		enableCompileCache(folder);
	} catch {
		// Whatever is wrong with the data folder is told by the command that needs it; without a cache it only begins later.
		return;
	}
}

/** How many files were removed. */
export async function removeOldCompiled(dataFolder: string, now: number): Promise<number> {
	const folder = join(dataFolder, compileCacheName);
	const files = (await readdir(folder, { recursive: true, withFileTypes: true }).catch(ifGone)) ?? [];
	let removed = 0;
	for (const file of files.filter((entry) => entry.isFile())) {
		const path = join(file.parentPath, file.name);
		const found = await stat(path).catch(ifGone);
		if (!found || now - found.mtimeMs < keptMs) continue;
		await rm(path, { force: true });
		removed++;
	}
	return removed;
}

/** Another process may remove them too. */
function ifGone(error: NodeJS.ErrnoException): undefined {
	if (error.code !== "ENOENT") throw error;
}
