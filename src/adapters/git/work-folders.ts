// Makes the temporary folders that git works in, and removes those of processes that are gone.
import { existsSync } from "node:fs";
import { chmod, mkdir, mkdtemp, readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

export interface WorkFolder {
	/** Absolute; 0700. */
	path: string;
	/** Removes it with all in it. Fine where it is gone. */
	remove(): Promise<void>;
}

const prefix = "git-";
const lockName = "lock";
/** One without a lock file is being made right now, or is an older deploymill's. */
const withoutLockMs = 24 * 60 * 60 * 1000;
/** SQLite's result code for a lock that somebody else holds. */
const busy = 5;

/** A new folder below `workDirectory`, which is made where it is missing. */
export async function makeWorkFolder(workDirectory: string): Promise<WorkFolder> {
	await mkdir(workDirectory, { recursive: true, mode: 0o700 });
	for (;;) {
		const path = await mkdtemp(join(workDirectory, prefix));
		const lock = lockFolder(path);
		if (!lock) continue;
		return {
			path,
			async remove() {
				await removeFolder(path);
				if (lock.isOpen) lock.close();
			},
		};
	}
}

/**
 * Removes the folders whose process is gone, by whatever end. Several processes, in containers of their own even, may share the
 * directory: a lock tells who lives, which the kernel takes back with the process.
 *
 * @returns how many were removed
 */
export async function removeLeftovers(workDirectory: string): Promise<number> {
	const names = await readdir(workDirectory).catch(ifGone);
	let removed = 0;
	for (const name of names ?? []) {
		if (name.startsWith(prefix) && (await removeIfLeft(join(workDirectory, name)))) removed++;
	}
	return removed;
}

async function removeIfLeft(path: string): Promise<boolean> {
	if (!existsSync(join(path, lockName)) && !(await isOld(path))) return false;
	const lock = lockFolder(path);
	if (!lock) return false;
	try {
		await removeFolder(path);
	} finally {
		lock.close();
	}
	return true;
}

async function isOld(path: string): Promise<boolean> {
	const found = await stat(path).catch(ifGone);
	return found !== undefined && Date.now() - found.mtimeMs > withoutLockMs;
}

/**
 * Takes the lock of a folder: an empty database that is held by a transaction without an end. Undefined where another holds it, or
 * where the folder was taken away before it was locked.
 */
function lockFolder(path: string): DatabaseSync | undefined {
	const file = join(path, lockName);
	let lock: DatabaseSync | undefined;
	try {
		lock = new DatabaseSync(file);
		lock.exec("PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE");
		if (existsSync(file)) return lock;
	} catch (error) {
		if (existsSync(path) && (error as { errcode?: number }).errcode !== busy) throw error;
	}
	lock?.close();
	return undefined;
}

/** Also where a build took permissions away from parts of it. */
async function removeFolder(folder: string): Promise<void> {
	const remove = () => rm(folder, { recursive: true, force: true, maxRetries: 3 });
	await remove().catch(async () => {
		await openFolders(folder);
		await remove();
	});
}

/** Links are not followed: what they lead to is not ours. */
async function openFolders(folder: string): Promise<void> {
	await chmod(folder, 0o700);
	const entries = await readdir(folder, { withFileTypes: true });
	for (const entry of entries) if (entry.isDirectory()) await openFolders(join(folder, entry.name));
}

function ifGone(error: NodeJS.ErrnoException): undefined {
	if (error.code !== "ENOENT") throw error;
}
