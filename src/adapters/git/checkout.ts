// Owns the checkout of one commit: finding it, fetching it alone, and its files on the disk.
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { Checkout } from "../../engine/ports/source.ts";
import { DeploymillError } from "../../errors.ts";
import type { Commit } from "../../model/deployment.ts";
import type { Untrusted } from "../../untrusted.ts";
import { logArguments, parseCommits } from "./commit.ts";
import { removeFolder } from "./folder.ts";
import { candidateNames, checkRef, expandCommitId, fullCommitId, refNotFound } from "./ref.ts";
import type { GitSession } from "./session.ts";
import { listFiles, readFile } from "./tree.ts";

/** What is fetched, and what it is called to people. */
interface Target {
	/** Full ref name or commit id. */
	source: string;
	ref: string;
}

const fetched = "refs/deploymill/target";

/**
 * Checks `ref` out below `folder`, which the checkout removes in the end. The work tree holds no `.git`: that differs from
 * fetch to fetch, and no image built from it would ever be the same as the one before.
 *
 * Symbolic links are left as they are, so a reader of the tree must not follow them out of it.
 */
export async function checkOut(session: GitSession, folder: string, ref: string | undefined, untrusted: Untrusted): Promise<Checkout> {
	const target = await findTarget(session, ref);
	await session.fetch(["--depth=1"], [`+${target.source}:${fetched}`]);
	const sha = await findCommit(session, target);
	const directory = join(folder, "tree");
	await mkdir(directory);
	await session.local([`--work-tree=${directory}`, "checkout", "--quiet", "--detach", "--force", sha], "write the files of the commit");
	const commit = await readCommit(session, sha, untrusted);
	return {
		directory,
		commit,
		// Git lets invisible characters into names.
		ref: untrusted.line(target.ref),
		readFile: (path) => readFile(session, sha, path),
		listFiles: () => listFiles(session, sha),
		[Symbol.asyncDispose]: () => removeFolder(folder),
	};
}

async function findTarget(session: GitSession, ref: string | undefined): Promise<Target> {
	if (ref === undefined || ref === "HEAD") return findDefaultBranch(session);
	checkRef(ref);
	if (fullCommitId.test(ref)) return { source: ref.toLowerCase(), ref };
	const { refs } = await session.advertised();
	const name = candidateNames(ref).find((candidate) => refs.some((remote) => remote.name === candidate));
	const source = name ?? expandCommitId(ref, refs);
	if (source === undefined) throw refNotFound(ref, refs.length);
	return { source, ref };
}

async function findDefaultBranch(session: GitSession): Promise<Target> {
	const { refs, defaultBranch } = await session.advertised("HEAD");
	if (refs.some(({ name }) => name === "HEAD")) {
		const source = defaultBranch ?? "HEAD";
		return { source, ref: source.replace(/^refs\/heads\//, "") };
	}
	throw refNotFound(undefined, (await session.advertised("refs/heads/*")).refs.length);
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
