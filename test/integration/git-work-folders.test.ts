// Whose folders in the work directory are removed: those that nobody holds any more.
import { mkdir, readdir, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { makeWorkFolder, removeLeftovers } from "../../src/adapters/git/work-folders.ts";
import { temporaryFolder } from "../support/git-repository.ts";

const hour = 60 * 60 * 1000;

async function folderOf(workDirectory: string, name: string, ageMs: number): Promise<void> {
	const path = join(workDirectory, name);
	await mkdir(join(path, "tree"), { recursive: true });
	const then = new Date(Date.now() - ageMs);
	await utimes(path, then, then);
}

test("folders without a holder go, those in use and those of others stay", async () => {
	const workDirectory = await temporaryFolder();
	const [held, released] = [await makeWorkFolder(workDirectory), await makeWorkFolder(workDirectory)];
	await released.remove();
	await released.remove();
	await folderOf(workDirectory, "git-left", 0);
	await writeFile(join(workDirectory, "git-left", "lock"), "");
	await folderOf(workDirectory, "git-being-made", 0);
	await folderOf(workDirectory, "git-of-an-older-version", 25 * hour);
	await folderOf(workDirectory, "of-somebody-else", 25 * hour);
	expect(await removeLeftovers(workDirectory)).toBe(2);
	expect((await readdir(workDirectory)).sort()).toEqual(
		[held.path.slice(workDirectory.length + 1), "git-being-made", "of-somebody-else"].sort(),
	);
	expect(await removeLeftovers(workDirectory)).toBe(0);
	await held.remove();
});

test("several that clean up at once are not in each other's way", async () => {
	const workDirectory = await temporaryFolder();
	for (let index = 0; index < 20; index++) {
		await folderOf(workDirectory, `git-${index}`, 0);
		await writeFile(join(workDirectory, `git-${index}`, "lock"), "");
	}
	const held = await makeWorkFolder(workDirectory);
	const removed = await Promise.all([1, 2, 3, 4].map(() => removeLeftovers(workDirectory)));
	expect(removed.reduce((sum, count) => sum + count)).toBe(20);
	expect(await readdir(workDirectory)).toEqual([held.path.slice(workDirectory.length + 1)]);
	await held.remove();
});

test("there is nothing to remove where nothing was made", async () => {
	expect(await removeLeftovers(join(await temporaryFolder(), "none"))).toBe(0);
});
