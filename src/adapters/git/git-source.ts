// Owns the reading of repositories, by the git command line: with the user's own keys, agent, proxies and certificates.
import type { Checkout, Source } from "../../engine/ports/source.ts";
import type { Commit } from "../../model/deployment.ts";
import type { Untrusted } from "../../untrusted.ts";
import { parseRepositoryAddress, type RepositoryAddress } from "./address.ts";
import { checkOut } from "./checkout.ts";
import { gitEnvironment } from "./environment.ts";
import { makeFolder, removeFolder } from "./folder.ts";
import { readHistory } from "./history.ts";
import { fullCommitId } from "./ref.ts";
import { GitSession, type GitTimeouts } from "./session.ts";
import { sshVariables } from "./ssh.ts";
import { type GitTokenOptions, tokenSettings } from "./token.ts";

export interface GitSourceOptions extends GitTokenOptions {
	/** Of `https`, `http`, `ssh`, `file`. */
	protocols: readonly string[];
	/** Absolute. Temporary folders (0700) are made in it. */
	workDirectory: string;
	untrusted: Untrusted;
	/** The user's; default: of this process. */
	env?: NodeJS.ProcessEnv;
	timeouts?: Partial<GitTimeouts>;
}

const defaultTimeouts: GitTimeouts = { lookUpMs: 60_000, fetchMs: 600_000, localMs: 300_000 };

/**
 * Nothing of a repository runs: no hooks, no submodules, no `ext::` addresses. Filters of the user's own git configuration
 * (Git LFS, where it is installed) do run.
 */
export class GitSource implements Source {
	readonly #options: GitSourceOptions;

	constructor(options: GitSourceOptions) {
		this.#options = options;
	}

	checkAddress(repoUrl: string): void {
		parseRepositoryAddress(repoUrl, this.#options.protocols);
	}

	async checkout(repoUrl: string, ref: string | undefined, signal?: AbortSignal): Promise<Checkout> {
		const address = parseRepositoryAddress(repoUrl, this.#options.protocols);
		const folder = await makeFolder(this.#options.workDirectory);
		try {
			const session = await this.#open(address, folder, signal);
			return await checkOut(session, folder, ref, this.#options.untrusted);
		} catch (error) {
			await removeFolder(folder);
			throw error;
		}
	}

	/** `from` and `to` are full commit ids. Undefined where one is not, is gone, or the two have no common past. */
	async commitsBetween(repoUrl: string, from: string, to: string, limit: number): Promise<Commit[] | undefined> {
		const address = parseRepositoryAddress(repoUrl, this.#options.protocols);
		if (!fullCommitId.test(from) || !fullCommitId.test(to)) return undefined;
		const folder = await makeFolder(this.#options.workDirectory);
		try {
			const session = await this.#open(address, folder);
			return await readHistory(session, from.toLowerCase(), to.toLowerCase(), limit, this.#options.untrusted);
		} finally {
			await removeFolder(folder);
		}
	}

	async #open(address: RepositoryAddress, folder: string, signal?: AbortSignal): Promise<GitSession> {
		const { protocols, untrusted, env: user = process.env } = this.#options;
		const git = gitEnvironment(user, protocols, await tokenSettings(address, this.#options));
		const env = address.protocol === "file" ? git : { ...git, ...(await sshVariables(git, folder)) };
		const timeouts = { ...defaultTimeouts, ...this.#options.timeouts };
		const session = new GitSession({ address, env, folder, timeouts, untrusted, signal });
		await session.initialise();
		return session;
	}
}
