// Keeps the git repositories of a simulation, checks commits out, and says what image a checkout builds: the Source port of the model.
import type { BuildOrder } from "../../../src/engine/ports/images.ts";
import type { Checkout, FileAtRef, Source } from "../../../src/engine/ports/source.ts";
import { DeploymillError } from "../../../src/errors.ts";
import type { Commit } from "../../../src/model/deployment.ts";
import { type Image, makeImage } from "../images/image.ts";
import type { BuildResult } from "../images/model-images.ts";
import type { AppBehaviour } from "../swarm/app-behaviour.ts";
import type { VirtualClock } from "../virtual-clock.ts";

export interface ModelCommit {
	/** Equal content is the same image. */
	content: string;
	app: AppBehaviour;
	/** Programs in the image that could ask a health endpoint; none: no container health check. */
	programs?: readonly string[];
	/** Its files by path; the project file is one of them. */
	files?: Record<string, string>;
	buildFails?: boolean;
}

const fetchMs = 400;

export class Repositories implements Source {
	readonly #clock: VirtualClock;
	/** Of each repository the commits of its only branch, oldest first. */
	readonly #commits = new Map<string, ModelCommit[]>();
	readonly #checkouts = new Map<string, ModelCommit>();

	constructor(clock: VirtualClock) {
		this.#clock = clock;
	}

	commit(repoUrl: string, commit: ModelCommit): void {
		this.#commits.set(repoUrl, [...(this.#commits.get(repoUrl) ?? []), commit]);
	}

	buildOf({ directory }: BuildOrder): BuildResult {
		const commit = this.#checkouts.get(directory);
		if (!commit) throw new Error(`nothing is checked out at ${directory}`);
		return commit.buildFails ? { fails: "the build failed" } : this.imageOf(commit);
	}

	imageOf({ content, app, programs = [] }: ModelCommit): Image {
		return makeImage(
			content,
			app,
			programs.map((name) => `/usr/bin/${name}`),
		);
	}

	newest(repoUrl: string): Commit {
		return describe((this.#commits.get(repoUrl) ?? []).length - 1);
	}

	checkAddress(): void {}

	async checkout(repoUrl: string, ref: string | undefined, signal?: AbortSignal): Promise<Checkout> {
		const { commit, index } = await this.#find(repoUrl, ref, signal);
		const directory = `/checkout-${this.#checkouts.size}`;
		this.#checkouts.set(directory, commit);
		return {
			directory,
			commit: describe(index),
			ref: ref ?? "main",
			readFile: async (path) => commit.files?.[path],
			listFiles: async () => Object.entries(commit.files ?? {}).map(([path, text]) => ({ path, blob: `blob ${text}` })),
			[Symbol.asyncDispose]: async () => {},
		};
	}

	async readFile(repoUrl: string, ref: string | undefined, path: string, signal?: AbortSignal): Promise<FileAtRef> {
		const { commit, index } = await this.#find(repoUrl, ref, signal);
		const text = commit.files?.[path];
		return { commit: describe(index), ref: ref ?? "main", ...(text === undefined ? {} : { text }) };
	}

	async commitsBetween(repoUrl: string, from: string, to: string, limit: number, _signal?: AbortSignal): Promise<Commit[] | undefined> {
		const shas = (this.#commits.get(repoUrl) ?? []).map((_, index) => shaOf(index));
		const [first, last] = [shas.indexOf(from), shas.indexOf(to)];
		if (first < 0 || last < 0) return undefined;
		return shas
			.slice(first + 1, last + 1)
			.map((_, at) => describe(first + 1 + at))
			.toReversed()
			.slice(0, limit);
	}

	async #find(repoUrl: string, ref: string | undefined, signal: AbortSignal | undefined): Promise<{ commit: ModelCommit; index: number }> {
		await this.#clock.sleep(fetchMs, signal);
		signal?.throwIfAborted();
		const commits = this.#commits.get(repoUrl) ?? [];
		const index = ref === undefined ? commits.length - 1 : commits.findIndex((_, at) => shaOf(at) === ref);
		const commit = commits[index];
		if (!commit) throw new DeploymillError("ref_not_found", `There is no ${ref ?? "commit"}.`);
		return { commit, index };
	}
}

function shaOf(index: number): string {
	return (index + 1).toString(16).padStart(40, "c");
}

function describe(index: number): Commit {
	return { sha: shaOf(index), message: `Version ${index + 1}`, author: "Ada" };
}
