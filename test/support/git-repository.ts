// Makes the real git repositories of tests.
import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { onTestFinished } from "vitest";

const run = promisify(execFile);

/** Without the configuration of whoever runs the tests. */
const env = {
	PATH: process.env.PATH,
	GIT_CONFIG_GLOBAL: "/dev/null",
	GIT_CONFIG_NOSYSTEM: "1",
	GIT_AUTHOR_NAME: "Ada",
	GIT_AUTHOR_EMAIL: "ada@example.org",
	GIT_COMMITTER_NAME: "Ada",
	GIT_COMMITTER_EMAIL: "ada@example.org",
};

/** A folder that goes away with its test. */
export async function temporaryFolder(): Promise<string> {
	const folder = await mkdtemp(join(tmpdir(), "deploymill-test-"));
	onTestFinished(() => rm(folder, { recursive: true, force: true }));
	return folder;
}

export class TestRepository {
	readonly directory: string;
	#commits = 0;

	constructor(directory: string) {
		this.directory = directory;
	}

	/** A new repository without commits, its default branch `main`. */
	static async create(): Promise<TestRepository> {
		const repository = new TestRepository(join(await temporaryFolder(), "repo.git"));
		await run("git", ["init", "--quiet", "-b", "main", repository.directory]);
		return repository;
	}

	/** So many empty commits on `main`, in one process of git. */
	async commitMany(count: number): Promise<void> {
		const commits = Array.from({ length: count }, (_, n) => {
			this.#commits++;
			const message = `step ${n}`;
			const from = n === 0 ? "from refs/heads/main^0\n" : "";
			return `commit refs/heads/main\ncommitter Ada <ada@example.org> ${this.#date}\ndata ${message.length}\n${message}\n${from}\n`;
		});
		await this.#fed(commits.join(""), "fast-import", "--quiet");
		await this.git("reset", "--quiet", "--hard");
	}

	async git(...args: string[]): Promise<string> {
		const { stdout } = await run("git", args, { cwd: this.directory, env: { ...env, ...this.#dates() } });
		return stdout.trim();
	}

	/** Commits these files on the branch that is checked out, and returns the commit's id. */
	async commit(message: string, files: Record<string, string> = {}): Promise<string> {
		this.#commits++;
		for (const [path, text] of Object.entries(files)) {
			await mkdir(dirname(join(this.directory, path)), { recursive: true });
			await writeFile(join(this.directory, path), text);
		}
		await this.git("add", "--all");
		await this.git("commit", "--quiet", "--allow-empty", "--cleanup=verbatim", "-m", message);
		return this.git("rev-parse", "HEAD");
	}

	/** Writes a folder's entries as `git ls-tree` shows them, and returns the tree's id. What they name need not be there. */
	writeTree(entries: string): Promise<string> {
		return this.#fed(entries, "mktree", "--missing");
	}

	/** Writes a file's content without a commit, and returns the blob's id. */
	blob(text: string): Promise<string> {
		return this.#fed(text, "hash-object", "-w", "--stdin");
	}

	async #fed(input: string, ...args: string[]): Promise<string> {
		const running = run("git", args, { cwd: this.directory, env });
		running.child.stdin?.end(input);
		return (await running).stdout.trim();
	}

	#dates(): NodeJS.ProcessEnv {
		return { GIT_AUTHOR_DATE: this.#date, GIT_COMMITTER_DATE: this.#date };
	}

	/** A second apart, so that "newest first" is one order. */
	get #date(): string {
		return `${1_700_000_000 + this.#commits} +0000`;
	}
}
