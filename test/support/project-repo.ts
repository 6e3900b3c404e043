// Makes the git repositories of fixture apps: a copy of test/fixtures/apps/<fixture>, changed and committed version by version.
import { cp, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Behaviour } from "./behaviour.ts";
import { TestRepository } from "./git-repository.ts";

const fixtures = join(import.meta.dirname, "../fixtures/apps");

export type Fixture = "web" | "worker" | "bare";

/** What a commit changes. */
export interface Change {
	behaviour?: Behaviour;
	/** Laid over .deploymill/project.json, field by field; null removes a field. */
	project?: Record<string, unknown>;
	/** Whole files by path; null removes one. */
	files?: Record<string, string | null>;
}

export class ProjectRepo {
	/** The project's name, and so the id of its application. */
	readonly name: string;
	/** `domains.prod` of a web app. */
	readonly host: string;
	/** Address of the repository: its absolute path. */
	readonly repoUrl: string;
	/** Of all commits, oldest first. */
	readonly shas: string[] = [];
	readonly #repository: TestRepository;

	private constructor(name: string, directory: string) {
		this.name = name;
		this.host = `${name}.test`;
		this.repoUrl = directory;
		this.#repository = new TestRepository(directory);
	}

	/** A repository with one commit: the fixture under this name, with its own host, and the change laid over it. */
	static async create(directory: string, fixture: Fixture, name: string, change: Change = {}): Promise<ProjectRepo> {
		await cp(join(fixtures, fixture), directory, { recursive: true });
		const repo = new ProjectRepo(name, directory);
		await repo.#repository.git("init", "--quiet", "-b", "main");
		const domains = fixture === "worker" ? {} : { domains: { prod: repo.host } };
		await repo.commit("First version", { ...change, project: { name, ...domains, ...change.project } });
		return repo;
	}

	/** The newest commit's id. */
	get sha(): string {
		return this.shas.at(-1) ?? "";
	}

	async commit(message: string, change: Change = {}): Promise<string> {
		const { behaviour, project, files = {} } = change;
		for (const [path, text] of Object.entries(files)) await this.#write(path, text);
		if (behaviour) await this.#write("behaviour.json", JSON.stringify(behaviour, null, "\t"));
		if (project) await this.#write(projectFile, await this.#mergedProject(project));
		const sha = await this.#repository.commit(message);
		this.shas.push(sha);
		return sha;
	}

	async #mergedProject(change: Record<string, unknown>): Promise<string> {
		const before = JSON.parse(await readFile(join(this.repoUrl, projectFile), "utf8")) as Record<string, unknown>;
		const fields = Object.entries({ ...before, ...change }).filter(([, value]) => value !== null);
		return JSON.stringify(Object.fromEntries(fields), null, "\t");
	}

	async #write(path: string, text: string | null): Promise<void> {
		const file = join(this.repoUrl, path);
		if (text === null) return rm(file);
		await mkdir(dirname(file), { recursive: true });
		return writeFile(file, text);
	}
}

const projectFile = ".deploymill/project.json";
