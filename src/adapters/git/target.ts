// Finds the commit that a caller means, and fetches it alone.
import { DeploymillError } from "../../errors.ts";
import type { Commit } from "../../model/deployment.ts";
import type { Untrusted } from "../../untrusted.ts";
import { logArguments, parseCommits } from "./commit.ts";
import { CommitIdSearch, candidateNames, checkRef, fullCommitId, refNotFound } from "./ref.ts";
import type { GitSession } from "./session.ts";

export interface FetchedCommit {
	commit: Commit;
	/** What was asked for, or the name of the default branch; cleaned. */
	ref: string;
}

/** A full ref name or commit id of the remote, and what it is called to people. */
interface Target {
	source: string;
	ref: string;
}

const fetched = "refs/deploymill/target";

/**
 * Fetches the commit that `ref` names (default: the default branch's), without its past.
 * @param options of git fetch, beside those for the depth
 * @throws ref_not_found, repo_*
 */
export async function fetchCommit(
	session: GitSession,
	ref: string | undefined,
	options: string[],
	untrusted: Untrusted,
): Promise<FetchedCommit> {
	const target = await fetchTarget(session, ref, options);
	const sha = await findCommit(session, target);
	// Git lets invisible characters into names.
	return { commit: await readCommit(session, sha, untrusted), ref: untrusted.line(target.ref) };
}

async function fetchTarget(session: GitSession, ref: string | undefined, options: string[]): Promise<Target> {
	const target = await findTarget(session, ref);
	await session.fetch({
		options: ["--depth=1", ...options],
		refspecs: [`+${target.source}:${fetched}`],
		packBytes: session.limits.packBytes,
		doing: "fetch the commit",
	});
	return target;
}

async function findTarget(session: GitSession, ref: string | undefined): Promise<Target> {
	if (ref === undefined || ref === "HEAD") return findDefaultBranch(session);
	checkRef(ref);
	if (fullCommitId.test(ref)) return { source: ref.toLowerCase(), ref };
	const source = (await findName(session, ref)) ?? (await expandCommitId(session, ref));
	if (source === undefined) throw refNotFound(ref, await isEmpty(session));
	return { source, ref };
}

/** What `--heads` and `--tags` leave out is not even sent: the refs of pull requests are most of what hosts have. */
async function findName(session: GitSession, ref: string): Promise<string | undefined> {
	const names = candidateNames(ref);
	const found = new Set<string>();
	const options = names.every((name) => /^refs\/(?:heads|tags)\//.test(name)) ? ["--heads", "--tags"] : [];
	await session.lookUp(options, names, (line) => {
		const name = /^[0-9a-f]+\t(.+)$/.exec(line)?.[1];
		if (name !== undefined && names.includes(name)) found.add(name);
		return true;
	});
	return names.find((name) => found.has(name));
}

async function findDefaultBranch(session: GitSession): Promise<Target> {
	let exists = false;
	let source = "HEAD";
	await session.lookUp(["--symref"], ["HEAD"], (line) => {
		exists ||= /^[0-9a-f]+\tHEAD$/.test(line);
		source = /^ref: (\S+)\tHEAD$/.exec(line)?.[1] ?? source;
		return true;
	});
	if (exists) return { source, ref: source.replace(/^refs\/heads\//, "") };
	throw refNotFound(undefined, await isEmpty(session));
}

/** Whether the remote has no branch at all. */
async function isEmpty(session: GitSession): Promise<boolean> {
	let empty = true;
	await session.lookUp(["--heads"], [], () => {
		empty = false;
		return false;
	});
	return empty;
}

async function expandCommitId(session: GitSession, ref: string): Promise<string | undefined> {
	if (!CommitIdSearch.isFor(ref)) return undefined;
	const search = new CommitIdSearch(ref);
	await session.lookUp(["--heads", "--tags"], [], (line) => search.add(/^[0-9a-f]{40}(?=\t)/.exec(line)?.[0] ?? ""));
	return search.found;
}

/** A tag may point at something that is no commit. */
async function findCommit(session: GitSession, target: Target): Promise<string> {
	const type = await session.local(["cat-file", "-t", `${fetched}^{}`], "look at what was fetched");
	if (type.trim() === "commit") return (await session.local(["rev-parse", `${fetched}^{commit}`], "name the commit")).trim();
	throw new DeploymillError("ref_not_found", `"${target.ref}" names something in the repository that is not a commit`);
}

async function readCommit(session: GitSession, sha: string, untrusted: Untrusted): Promise<Commit> {
	const [commit] = parseCommits(await session.local([...logArguments, "-1", sha], "read the commit"), untrusted);
	if (commit) return commit;
	throw new Error(`git log says nothing of ${sha}`);
}
