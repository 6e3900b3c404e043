// Owns the reading of a commit's files from git itself, where no link and no filter changes what is read.
import { DeploymillError } from "../../errors.ts";
import type { GitSession } from "./session.ts";

const mostBytes = 1024 * 1024;

/** Path and blob id of every file, links too. Submodules are left out: they are not checked out either. */
export async function listFiles(session: GitSession, sha: string): Promise<{ path: string; blob: string }[]> {
	const output = await session.local(["ls-tree", "-r", "-z", "--full-tree", sha], "list the files of the commit");
	const entries = output.split("\0").map((line) => /^\d+ blob ([0-9a-f]+)\t(.+)$/s.exec(line));
	return entries.filter((entry) => entry !== null).map(([, blob = "", path = ""]) => ({ path, blob }));
}

/**
 * Text of a file, by its path from the root; undefined where there is none, or where a folder on the way is a link.
 * @throws project_file_invalid for a link, a folder, or a file of more than 1 MB
 */
export async function readFile(session: GitSession, sha: string, path: string): Promise<string | undefined> {
	// A slash at the end would list what is in the folder.
	const wanted = path.replace(/\/+$/, "");
	const args = ["--literal-pathspecs", "ls-tree", "-z", "--long", "--full-tree", sha, "--", wanted];
	const found = /^(\d+) (\w+) ([0-9a-f]+) +(\d+|-)\t/.exec(await session.local(args, `find ${wanted}`));
	if (!found) return undefined;
	const [, mode, type, blob = "", size] = found;
	if (type !== "blob") throw invalid(wanted, "is a folder, not a file");
	if (mode === "120000") throw invalid(wanted, "is a symbolic link, which is not followed");
	if (Number(size) > mostBytes) throw invalid(wanted, "is larger than 1 MB");
	return session.local(["cat-file", "blob", blob], `read ${wanted}`);
}

function invalid(path: string, what: string): DeploymillError {
	return new DeploymillError("project_file_invalid", `${path} ${what}`);
}
