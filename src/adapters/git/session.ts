// Owns the commands of one visit to one repository: what they run with, how long they may take, what their failures mean.
import { join } from "node:path";
import type { Untrusted } from "../../untrusted.ts";
import type { RepositoryAddress } from "./address.ts";
import { runGit } from "./command.ts";
import { explainGitFailure } from "./errors.ts";
import type { RemoteRef } from "./ref.ts";

/** How long git may take, in milliseconds. */
export interface GitTimeouts {
	/** To ask a remote what it has. */
	lookUpMs: number;
	/** To fetch from a remote. */
	fetchMs: number;
	/** For work on the disk. Filters of the user's configuration (Git LFS) are part of it. */
	localMs: number;
}

export interface GitSessionOptions {
	address: RepositoryAddress;
	/** Of git; see `gitEnvironment`. */
	env: NodeJS.ProcessEnv;
	/** Absolute. Commands run in it, on the bare repository `git` in it. */
	folder: string;
	timeouts: GitTimeouts;
	untrusted: Untrusted;
	signal?: AbortSignal | undefined;
}

/** What a remote has, and which of it is its default branch. */
export interface Advertisement {
	refs: RemoteRef[];
	/** Full name, e.g. `refs/heads/main`. */
	defaultBranch?: string;
}

/**
 * Since git 2.45 (and 2.39.4) a repository of another user is refused, and the served side of a local fetch does not see the
 * settings in our environment. Whoever allows the file protocol names the repository himself.
 */
const uploadPack = "--upload-pack=git -c safe.directory='*' upload-pack";

export class GitSession {
	readonly address: RepositoryAddress;
	readonly #options: GitSessionOptions;

	constructor(options: GitSessionOptions) {
		this.address = options.address;
		this.#options = options;
	}

	/** Makes the local repository; the first thing to do, so that git never finds another one around the folder. */
	async initialise(): Promise<void> {
		await this.local(["init", "--quiet", "--bare", "--template=", "--object-format=sha1"], "make a local repository");
		// Git LFS looks up here where its files are.
		await this.local(["config", "remote.origin.url", this.address.url], "set a local repository up");
	}

	/** What the remote has that matches any of `patterns`; all of it without any. */
	async advertised(...patterns: string[]): Promise<Advertisement> {
		const args = ["ls-remote", "--symref", ...this.#remoteOptions(), "--", this.address.url, ...patterns];
		const lines = (await this.#run(args, this.#options.timeouts.lookUpMs, "list what the repository has")).split("\n");
		const refs = lines.map((line) => /^([0-9a-f]+)\t(.+)$/.exec(line)).filter((match) => match !== null);
		const head = lines.map((line) => /^ref: (\S+)\tHEAD$/.exec(line)?.[1]).find((name) => name !== undefined);
		return { refs: refs.map(([, oid = "", name = ""]) => ({ oid, name })), ...(head === undefined ? {} : { defaultBranch: head }) };
	}

	/** @param refspecs `source:target`, where `source` is a full ref name or commit id of the remote */
	async fetch(options: string[], refspecs: string[]): Promise<void> {
		const fixed = ["--quiet", "--no-tags", "--no-write-fetch-head", ...this.#remoteOptions()];
		const args = ["fetch", ...fixed, ...options, "--", this.address.url, ...refspecs];
		await this.#run(args, this.#options.timeouts.fetchMs, "fetch the commit");
	}

	/** Runs a command on the local repository. */
	local(args: string[], doing: string): Promise<string> {
		return this.#run(args, this.#options.timeouts.localMs, doing);
	}

	#remoteOptions(): string[] {
		return this.address.protocol === "file" ? [uploadPack] : [];
	}

	async #run(args: string[], timeoutMs: number, doing: string): Promise<string> {
		const { folder, env, signal, untrusted } = this.#options;
		try {
			return await runGit({ args: [`--git-dir=${join(folder, "git")}`, ...args], cwd: folder, env, timeoutMs, signal });
		} catch (error) {
			throw explainGitFailure(error, doing, untrusted);
		}
	}
}
