// Reads repositories by the git command line: with the user's own keys, agent, proxies and certificates.
import { join } from "node:path";
import type { Checkout, FileAtRef, Source } from "../../engine/ports/source.ts";
import type { Commit } from "../../model/deployment.ts";
import type { Untrusted } from "../../untrusted.ts";
import { type AddressRules, parseRepositoryAddress, type RepositoryAddress } from "./address.ts";
import { checkOut } from "./checkout.ts";
import { gitEnvironment } from "./environment.ts";
import { readHistory } from "./history.ts";
import { lfsSettings } from "./lfs.ts";
import { defaultLimits, type GitLimits } from "./limits.ts";
import { readOneFile } from "./one-file.ts";
import { fullCommitId } from "./ref.ts";
import { GitSession } from "./session.ts";
import { sshVariables } from "./ssh.ts";
import { type GitTokenOptions, tokenSettings } from "./token.ts";
import { makeWorkFolder, removeLeftovers } from "./work-folders.ts";

export interface GitSourceOptions extends GitTokenOptions, AddressRules {
	/** Absolute. Temporary folders (0700) are made in it. */
	workDirectory: string;
	untrusted: Untrusted;
	/** The user's; default: of this process. */
	env?: NodeJS.ProcessEnv;
	/** In place of single default ones. */
	limits?: Partial<GitLimits>;
}

/**
 * Nothing of a repository runs: no hooks, no submodules, no `ext::` addresses. Filters of the user's own git configuration
 * (Git LFS, where it is installed) do run.
 */
export class GitSource implements Source {
	readonly #options: GitSourceOptions;
	readonly #limits: GitLimits;

	constructor(options: GitSourceOptions) {
		this.#options = options;
		this.#limits = { ...defaultLimits, ...options.limits };
	}

	checkAddress(repoUrl: string): void {
		this.#parse(repoUrl);
	}

	async checkout(repoUrl: string, ref: string | undefined, signal?: AbortSignal): Promise<Checkout> {
		const address = this.#parse(repoUrl);
		const folder = await makeWorkFolder(this.#options.workDirectory);
		try {
			const session = await this.#open(address, folder.path, signal);
			return await checkOut(session, folder, ref, this.#options.untrusted, signal);
		} catch (error) {
			await folder.remove();
			throw error;
		}
	}

	async readFile(repoUrl: string, ref: string | undefined, path: string, signal?: AbortSignal): Promise<FileAtRef> {
		const address = this.#parse(repoUrl);
		return this.#inFolder((folder) =>
			readOneFile((name) => this.#open(address, join(folder, name), signal), ref, path, this.#options.untrusted),
		);
	}

	/** `from` and `to` are full commit ids. Undefined where one is not, is gone, or the two have no common past. */
	async commitsBetween(repoUrl: string, from: string, to: string, limit: number, signal?: AbortSignal): Promise<Commit[] | undefined> {
		const address = this.#parse(repoUrl);
		if (!fullCommitId.test(from) || !fullCommitId.test(to)) return undefined;
		return this.#inFolder(async (folder) => {
			const session = await this.#open(address, folder, signal);
			return readHistory(session, from.toLowerCase(), to.toLowerCase(), limit, this.#options.untrusted);
		});
	}

	/** Removes what processes that were killed left in `workDirectory`. @returns how many folders that were */
	removeLeftovers(): Promise<number> {
		return removeLeftovers(this.#options.workDirectory);
	}

	#parse(url: string): RepositoryAddress {
		return parseRepositoryAddress(url, this.#options);
	}

	async #inFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
		const folder = await makeWorkFolder(this.#options.workDirectory);
		try {
			return await work(folder.path);
		} finally {
			await folder.remove();
		}
	}

	async #open(address: RepositoryAddress, folder: string, signal?: AbortSignal): Promise<GitSession> {
		const { protocols, untrusted, env: user = process.env } = this.#options;
		const settings = [...(await tokenSettings(address, this.#options)), ...lfsSettings(address)];
		const git = gitEnvironment(user, protocols, settings);
		const env = address.protocol === "file" ? git : { ...git, ...(await sshVariables(git, this.#options.workDirectory, this.#limits)) };
		const parseAddress = (url: string) => this.#parse(url);
		const session = new GitSession({ address, parseAddress, env, folder, limits: this.#limits, untrusted, signal });
		await session.initialise();
		return session;
	}
}
