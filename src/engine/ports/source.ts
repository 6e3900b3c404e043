// Declares what the engine needs of git.
import type { Commit } from "../../model/deployment.ts";

/** A work tree of one commit in a folder of its own. */
export interface Checkout extends AsyncDisposable {
	directory: string;
	commit: Commit;
	/** What was asked for, or the name of the default branch. */
	ref: string;
	/**
	 * Text of a file of the commit, by its path from the root. Undefined where there is none. Links are not followed.
	 * @throws project_file_invalid for a link, a folder, or a file of more than 1 MB
	 */
	readFile(path: string): Promise<string | undefined>;
	/** Path (relative, `/`) and blob id of every file in the commit. */
	listFiles(): Promise<{ path: string; blob: string }[]>;
}

/** One file of one commit. */
export interface FileAtRef {
	commit: Commit;
	/** What was asked for, or the name of the default branch. */
	ref: string;
	/** Absent where the commit has no such file. */
	text?: string;
}

export interface Source {
	/** @throws repo_not_allowed when the address is not of an allowed protocol or host, or holds a password */
	checkAddress(repoUrl: string): void;
	/**
	 * Shallow checkout of `ref` (branch, tag or commit; default: the repository's default branch). An abort ends what git does and
	 * throws its reason.
	 * @throws repo_not_allowed (also for a repository that is larger than is taken), repo_unreachable, repo_auth_failed, ref_not_found
	 */
	checkout(repoUrl: string, ref: string | undefined, signal?: AbortSignal): Promise<Checkout>;
	/**
	 * One file of `ref`, by its path from the root. No more is fetched than the remote insists on, and nothing is checked out. Links are
	 * not followed.
	 * @throws as checkout; project_file_invalid for a link, a folder, or a file of more than 1 MB
	 */
	readFile(repoUrl: string, ref: string | undefined, path: string, signal?: AbortSignal): Promise<FileAtRef>;
	/**
	 * Commits reachable from `to` and not from `from`, newest first, at most `limit`. Undefined where history does not tell.
	 * @throws repo_unreachable, repo_auth_failed
	 */
	commitsBetween(repoUrl: string, from: string, to: string, limit: number, signal?: AbortSignal): Promise<Commit[] | undefined>;
}
