// Checks one commit out: fetched alone, looked over before it is written, and watched while it is.
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { Checkout } from "../../engine/ports/source.ts";
import type { Untrusted } from "../../untrusted.ts";
import { watchGrowth } from "./growth.ts";
import type { GitSession } from "./session.ts";
import { fetchCommit } from "./target.ts";
import { listFiles, readFile, refuseLargeTree } from "./tree.ts";
import type { WorkFolder } from "./work-folders.ts";

/**
 * Checks `ref` out below `folder`, which the checkout removes in the end. The work tree holds no `.git`: that differs from
 * fetch to fetch, and no image built from it would ever be the same as the one before.
 *
 * Symbolic links are left as they are, so a reader of the tree must not follow them out of it.
 */
export async function checkOut(
	session: GitSession,
	folder: WorkFolder,
	ref: string | undefined,
	untrusted: Untrusted,
	signal?: AbortSignal,
): Promise<Checkout> {
	const { commit, ref: name } = await fetchCommit(session, ref, [], untrusted);
	await refuseLargeTree(session, commit.sha);
	const directory = join(folder.path, "tree");
	await mkdir(directory);
	await writeTree(session, directory, commit.sha, signal);
	return {
		directory,
		commit,
		ref: name,
		readFile: (path) => readFile(session, commit.sha, path),
		listFiles: () => listFiles(session, commit.sha),
		[Symbol.asyncDispose]: () => folder.remove(),
	};
}

/** What git's own list says of sizes is not all: attributes and Git LFS make other files of it, so the disk is watched too. */
async function writeTree(session: GitSession, directory: string, sha: string, signal: AbortSignal | undefined): Promise<void> {
	const args = [`--work-tree=${directory}`, "checkout", "--quiet", "--detach", "--force", sha];
	const lfsObjects = join(session.folder, "git", "lfs");
	await watchGrowth([directory, lfsObjects], session.limits.treeBytes, signal, (watched) =>
		session.local(args, "write the files of the commit", watched),
	);
}
