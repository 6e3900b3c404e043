// Reads a commit's files from git itself, where no link and no filter changes what is read.
import { DeploymillError } from "../../errors.ts";
import { formatBytes, type GitLimits } from "./limits.ts";
import type { GitSession } from "./session.ts";

const mostBytes = 1024 * 1024;

/** Path and blob id of every file, links too. Submodules are left out: they are not checked out either. */
export async function listFiles(session: GitSession, sha: string): Promise<{ path: string; blob: string }[]> {
	const files: { path: string; blob: string }[] = [];
	await session.localRecords(["ls-tree", "-r", "-z", "--full-tree", sha], "list the files of the commit", (record) => {
		const [, blob, path] = /^\d+ blob ([0-9a-f]+)\t(.+)$/s.exec(record) ?? [];
		if (blob !== undefined && path !== undefined) files.push({ path, blob });
		return true;
	});
	return files;
}

/**
 * Looks at what would be written, before it is. Folders are counted too: a few hundred bytes of a pack can name millions.
 * @throws repo_not_allowed
 */
export async function refuseLargeTree(session: GitSession, sha: string): Promise<void> {
	let refused: DeploymillError | undefined;
	const sum = { bytes: 0, entries: 0 };
	const args = ["ls-tree", "-r", "-t", "-z", "--long", "--full-tree", sha];
	try {
		await session.localRecords(args, "measure the files of the commit", (record) => {
			const [, size = "", path = ""] = /^\d+ \w+ [0-9a-f]+ +(\d+|-)\t(.*)$/s.exec(record) ?? [];
			sum.entries++;
			sum.bytes += Number(size) || 0;
			refused = excessOf(session.limits, { ...sum, path });
			return refused === undefined;
		});
	} catch (error) {
		throw refused ?? error;
	}
}

function excessOf(
	limits: GitLimits,
	{ bytes, entries, path }: { bytes: number; entries: number; path: string },
): DeploymillError | undefined {
	if (entries > limits.treeEntries) return tooLarge(`has more than ${limits.treeEntries} files and folders`);
	if (bytes > limits.treeBytes) return tooLarge(`has more than ${formatBytes(limits.treeBytes)} of files`);
	// Names are not always UTF-8, and count as they were read.
	if (Buffer.byteLength(path) > limits.pathBytes) return tooLarge(`has a path of more than ${limits.pathBytes} bytes`);
	return undefined;
}

/**
 * Text of a file, by its path from the root; undefined where there is none, or where a folder on the way is a link.
 * @throws project_file_invalid for a link, a folder, or a file of more than 1 MB
 */
export async function readFile(session: GitSession, sha: string, path: string): Promise<string | undefined> {
	const blob = await findBlob(session, sha, path);
	if (blob === undefined) return undefined;
	const size = Number(await session.local(["cat-file", "-s", blob], `measure ${path}`));
	if (size > mostBytes) throw tooLong(path);
	return session.local(["cat-file", "blob", blob], `read ${path}`);
}

/** Id of the blob that a path names; the rest as `readFile`. */
export async function findBlob(session: GitSession, sha: string, path: string): Promise<string | undefined> {
	// A slash at the end would list what is in the folder.
	const wanted = path.replace(/\/+$/, "");
	const args = ["--literal-pathspecs", "ls-tree", "-z", "--full-tree", sha, "--", wanted];
	const found = /^(\d+) (\w+) ([0-9a-f]+)\t/.exec(await session.local(args, `find ${wanted}`));
	if (!found) return undefined;
	const [, mode, type, blob] = found;
	if (type !== "blob") throw invalid(wanted, "is a folder, not a file");
	if (mode === "120000") throw invalid(wanted, "is a symbolic link, which is not followed");
	return blob;
}

export function tooLong(path: string): DeploymillError {
	return invalid(path, "is larger than 1 MB");
}

function invalid(path: string, what: string): DeploymillError {
	return new DeploymillError("project_file_invalid", `${path} ${what}`);
}

function tooLarge(what: string): DeploymillError {
	return new DeploymillError("repo_not_allowed", `the commit ${what}, which is more than deploymill checks out`, {
		hint: "Deploy from a smaller repository, or from a branch that holds only what the image needs.",
	});
}
