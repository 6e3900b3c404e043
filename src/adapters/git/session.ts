// Runs the commands of one visit to one repository: with what they run, within which limits, and what their failures mean.
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { Untrusted } from "../../untrusted.ts";
import type { RepositoryAddress } from "./address.ts";
import { type GitCommand, GitFailed, readGit, runGit } from "./command.ts";
import { explainGitFailure } from "./errors.ts";
import type { GitLimits } from "./limits.ts";
import { splitRecords } from "./records.ts";
import { isRedirect, readRedirect, redirectRefused, staysOnHost, traceVariables } from "./redirect.ts";

export interface GitSessionOptions {
	address: RepositoryAddress;
	/** @throws repo_not_allowed for an address that a redirect may not lead to */
	parseAddress: (url: string) => RepositoryAddress;
	/** Of git; see `gitEnvironment`. */
	env: NodeJS.ProcessEnv;
	/** Absolute. Commands run in it, on the bare repository `git` in it. */
	folder: string;
	limits: GitLimits;
	untrusted: Untrusted;
	signal?: AbortSignal | undefined;
}

export interface FetchOrder {
	/** Options of git fetch. */
	options: string[];
	/** `source:target` or `source` alone, where `source` is a full ref name or object id of the remote. */
	refspecs: string[];
	packBytes: number;
	/** Completes "git took too long to …". */
	doing: string;
}

/**
 * Since git 2.45 (and 2.39.4) a repository of another user is refused, and the served side of a local fetch does not see the
 * settings in our environment. Whoever allows the file protocol names the repository himself.
 */
const uploadPack = "--upload-pack=git -c safe.directory='*' -c uploadpack.allowFilter=true upload-pack";
/** An old name leads to a new one, and that may lead to one with `.git`. */
const mostRedirects = 3;

export class GitSession {
	readonly folder: string;
	readonly limits: GitLimits;
	readonly #options: GitSessionOptions;
	/** Where the remote is, as far as redirects have told. */
	#address: RepositoryAddress;

	constructor(options: GitSessionOptions) {
		this.folder = options.folder;
		this.limits = options.limits;
		this.#options = options;
		this.#address = options.address;
	}

	/** Makes the local repository; the first thing to do, so that git never finds another one around the folder. */
	async initialise(): Promise<void> {
		await mkdir(this.folder, { recursive: true, mode: 0o700 });
		await this.local(["init", "--quiet", "--bare", "--template=", "--object-format=sha1"], "make a local repository");
		// Git LFS looks up here whose files they are.
		await this.local(["config", "remote.origin.url", this.#address.url], "set a local repository up");
	}

	/** Passes on what the remote has, line by line, until `onLine` says false. `args` are options and patterns of git ls-remote. */
	async lookUp(options: string[], patterns: string[], onLine: (line: string) => boolean): Promise<void> {
		let enough = false;
		const onOutput = splitRecords("\n", (line) => {
			enough ||= !onLine(line);
			return !enough;
		});
		const limits = { timeoutMs: this.limits.lookUpMs, memoryBytes: this.limits.lookUpMemoryBytes };
		const args = (url: string) => ["ls-remote", ...options, ...this.#remoteOptions(), "--", url, ...patterns];
		try {
			await this.#remote(args, { ...limits, onOutput }, "list what the repository has");
		} catch (error) {
			// Ended because no more of it was wanted.
			if (!enough) throw error;
		}
	}

	async fetch({ options, refspecs, packBytes, doing }: FetchOrder): Promise<void> {
		const fixed = ["--quiet", "--no-tags", "--no-write-fetch-head", ...this.#remoteOptions()];
		const args = (url: string) => ["fetch", ...fixed, ...options, "--", url, ...refspecs];
		await this.#remote(args, { timeoutMs: this.limits.fetchMs, fileBytes: packBytes }, doing);
	}

	/** Runs a command on the local repository, and returns what it prints. */
	async local(args: string[], doing: string, signal?: AbortSignal): Promise<string> {
		const command = { ...this.#command(args), ...(signal ? { signal } : {}) };
		return readGit(command).catch((error: unknown) => this.#fail(error, doing, command));
	}

	/** Runs a command on the local repository that ends its records with NULs; passes them on until `onRecord` says false. */
	async localRecords(args: string[], doing: string, onRecord: (record: string) => boolean): Promise<void> {
		const command = { ...this.#command(args), onOutput: splitRecords("\0", onRecord) };
		await runGit(command).catch((error: unknown) => this.#fail(error, doing, command));
	}

	/** Git follows no redirect by itself: it would follow one to any host. Those that stay on the host are followed here. */
	async #remote(args: (url: string) => string[], over: Partial<GitCommand>, doing: string): Promise<void> {
		for (let redirects = 0; ; redirects++) {
			const command = { ...this.#command(args(this.#remoteUrl)), onOutput: () => true, ...over };
			try {
				return await runGit(command);
			} catch (error) {
				if (!isRedirect(error) || redirects === mostRedirects) return this.#fail(error, doing, command);
				this.#address = (await this.#findRedirect()) ?? this.#fail(error, doing, command);
			}
		}
	}

	/** Git tells where a redirect leads in its trace alone. Nothing else of the trace is kept: credentials may stand in it. */
	async #findRedirect(): Promise<RepositoryAddress | undefined> {
		const { env, untrusted, parseAddress } = this.#options;
		const { lookUpMs: timeoutMs, lookUpMemoryBytes: memoryBytes } = this.limits;
		const command = this.#command(["ls-remote", "--", this.#remoteUrl, "HEAD"]);
		const trace = await readGit({ ...command, env: { ...env, ...traceVariables }, timeoutMs, memoryBytes }).catch((error: unknown) => {
			if (error instanceof GitFailed) return error.stderr;
			throw error;
		});
		const url = readRedirect(trace, this.#address.url);
		if (url === undefined) return undefined;
		const target = staysOnHost(this.#address.url, url) ? parseAddress(url) : undefined;
		if (!target) throw redirectRefused(untrusted.line(url, 200));
		return target;
	}

	#command(args: readonly string[]): Omit<GitCommand, "onOutput"> {
		const { env, signal, limits } = this.#options;
		return {
			args: [`--git-dir=${join(this.folder, "git")}`, ...args],
			cwd: this.folder,
			env,
			timeoutMs: limits.localMs,
			// A little more than is allowed: who reached it is then seen to have passed that.
			fileBytes: limits.treeBytes + 4096,
			memoryBytes: limits.memoryBytes,
			outputBytes: limits.outputBytes,
			signal,
		};
	}

	/** Git takes no bare path for a remote that may leave files out. */
	get #remoteUrl(): string {
		const { url } = this.#address;
		return url.startsWith("/") ? `file://${url.replaceAll("%", "%25")}` : url;
	}

	#remoteOptions(): string[] {
		return this.#address.protocol === "file" ? [uploadPack] : [];
	}

	#fail(error: unknown, doing: string, command: Omit<GitCommand, "onOutput">): never {
		throw explainGitFailure(error, doing, command, this.#options.untrusted);
	}
}
