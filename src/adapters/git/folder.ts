// Owns the temporary folders that git works in.
import { chmod, mkdir, mkdtemp, readdir, rm } from "node:fs/promises";
import { join } from "node:path";

/** A new folder (0700) below `workDirectory`, which is made where it is missing. */
export async function makeFolder(workDirectory: string): Promise<string> {
	await mkdir(workDirectory, { recursive: true, mode: 0o700 });
	return mkdtemp(join(workDirectory, "git-"));
}

/** Removes a folder with all in it, also where a build took permissions away from parts of it. Fine where it is gone. */
export async function removeFolder(folder: string): Promise<void> {
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
