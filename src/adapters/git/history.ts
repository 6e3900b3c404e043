// Tells which commits lie between two.
import { DeploymillError } from "../../errors.ts";
import type { Commit } from "../../model/deployment.ts";
import type { Untrusted } from "../../untrusted.ts";
import { logArguments, parseCommits } from "./commit.ts";
import type { GitSession } from "./session.ts";

/** How far back history is fetched from each of the two commits. Without trees this is some hundred KB. */
const depth = 500;

/**
 * Commits reachable from `to` and not from `from` (full commit ids), newest first. Undefined where the repository does not
 * have one of them any more, or where they have no common past within `depth` commits, or where that is more than is fetched for a history.
 */
export async function readHistory(
	session: GitSession,
	from: string,
	to: string,
	limit: number,
	untrusted: Untrusted,
): Promise<Commit[] | undefined> {
	if (from === to) return [];
	try {
		await session.fetch({
			options: [`--depth=${depth}`, "--filter=tree:0"],
			refspecs: [`+${from}:refs/deploymill/from`, `+${to}:refs/deploymill/to`],
			packBytes: session.limits.historyPackBytes,
			doing: "fetch the history",
		});
	} catch (error) {
		// Gone, or too large where the remote cannot leave the files out.
		if (error instanceof DeploymillError && ["ref_not_found", "repo_not_allowed"].includes(error.code)) return undefined;
		throw error;
	}
	const between = await session.local(["rev-list", "--boundary", `${from}...${to}`], "compare two commits");
	// Boundary commits, marked with a minus, are where the two pasts meet.
	if (!/^-/m.test(between) || (await isCutShort(session, from, to))) return undefined;
	const output = await session.local([...logArguments, `--max-count=${limit}`, to, `^${from}`], "read the history");
	return parseCommits(output, untrusted);
}

/**
 * Where the fetch ended before the two pasts had met everywhere, a commit that is in both can look as if one had it alone: a branch
 * merged late leads past it. A commit without parents in what differs tells of such an end.
 */
async function isCutShort(session: GitSession, from: string, to: string): Promise<boolean> {
	const isShallow = (await session.local(["rev-parse", "--is-shallow-repository"], "compare two commits")).trim() === "true";
	if (!isShallow) return false;
	const roots = await session.local(["rev-list", "--max-parents=0", "--max-count=1", `${from}...${to}`], "compare two commits");
	return roots.trim() !== "";
}
