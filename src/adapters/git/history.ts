// Owns the question which commits lie between two.
import { DeploymillError } from "../../errors.ts";
import type { Commit } from "../../model/deployment.ts";
import type { Untrusted } from "../../untrusted.ts";
import { logArguments, parseCommits } from "./commit.ts";
import type { GitSession } from "./session.ts";

/** How far back history is fetched from each of the two commits. Without trees this is some hundred KB. */
const depth = 500;

/**
 * Commits reachable from `to` and not from `from` (full commit ids), newest first. Undefined where the repository does not
 * have one of them any more, or where they have no common past within `depth` commits.
 */
export async function readHistory(
	session: GitSession,
	from: string,
	to: string,
	limit: number,
	untrusted: Untrusted,
): Promise<Commit[] | undefined> {
	if (from === to) return [];
	const options = [`--depth=${depth}`, "--filter=tree:0"];
	try {
		await session.fetch(options, [`+${from}:refs/deploymill/from`, `+${to}:refs/deploymill/to`]);
	} catch (error) {
		if (error instanceof DeploymillError && error.code === "ref_not_found") return undefined;
		throw error;
	}
	const between = await session.local(["rev-list", "--boundary", `${from}...${to}`], "compare two commits");
	// Boundary commits, marked with a minus, are where the two pasts meet.
	if (!/^-/m.test(between)) return undefined;
	const output = await session.local([...logArguments, `--max-count=${limit}`, to, `^${from}`], "read the history");
	return parseCommits(output, untrusted);
}
