// Builds git repositories that no careful author would: any bytes as names, any mode, any header, objects that git itself would refuse.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir } from "node:fs/promises";
import { text } from "node:stream/consumers";

type Bytes = string | Buffer;

export interface TreeFile {
	/** Raw bytes; slashes make folders. */
	path: Bytes;
	content: Bytes;
	/** 100644 where absent; 100755, 120000 (link: the content is where it leads), 160000 (submodule: the content is a commit id). */
	mode?: string;
}

export interface CommitWords {
	message?: Bytes;
	/** As it stands in the commit: `Name <address>`. */
	author?: Bytes;
	/** Seconds and zone, as in the commit. */
	date?: string;
}

const gitEnv = { PATH: process.env.PATH, GIT_CONFIG_GLOBAL: "/dev/null", GIT_CONFIG_NOSYSTEM: "1" };

/** A bare repository, its default branch `main`. */
export class AttackRepository {
	readonly directory: string;
	/** Of the project file that `commit` adds where there is none. */
	readonly name: string;

	private constructor(directory: string, name: string) {
		this.directory = directory;
		this.name = name;
	}

	static async create(directory: string, name: string): Promise<AttackRepository> {
		const repository = new AttackRepository(directory, name);
		await mkdir(directory, { recursive: true });
		await repository.git(["init", "--quiet", "--bare", "-b", "main"]);
		return repository;
	}

	async git(args: string[], input: Bytes = ""): Promise<string> {
		const child = spawn("git", args, { cwd: this.directory, env: gitEnv, stdio: ["pipe", "pipe", "pipe"] });
		child.stdin.on("error", () => undefined).end(input);
		const [output, errors, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, "close")]);
		if (code !== 0) throw new Error(`git ${args.join(" ")} ended with ${code}: ${errors}`);
		return output.trim();
	}

	/** The project file of a worker under the repository's name, with these fields laid over it. */
	project(fields: Record<string, unknown> = {}): TreeFile {
		return { path: projectFile, content: JSON.stringify({ version: 2, name: this.name, ...fields }) };
	}

	/** One commit of these files on `branch`, and nothing else. Adds what a project needs, where it is not among them. */
	async commit(files: TreeFile[], words: CommitWords = {}, branch = "refs/heads/main"): Promise<void> {
		const given = new Set(files.map(({ path }) => path.toString().split("/")[0]));
		const all = [
			...(given.has(".deploymill") ? [] : [this.project()]),
			// Ends a build as soon as the engine has the whole context.
			...(given.has("Dockerfile") ? [] : [{ path: "Dockerfile", content: "FROM scratch\nCOPY no-such-file /\n" }]),
			...files,
		];
		const author = Buffer.concat([
			Buffer.from(words.author ?? "Mallory <m@example.org>"),
			Buffer.from(` ${words.date ?? "1700000000 +0000"}`),
		]);
		await this.git(
			["fast-import", "--quiet", "--force", "--date-format=raw-permissive"],
			Buffer.concat([
				Buffer.from(`commit ${branch}\nauthor `),
				author,
				Buffer.from("\ncommitter "),
				author,
				Buffer.from("\n"),
				data(words.message ?? "Change"),
				Buffer.from("deleteall\n"),
				...all.map(fileCommand),
			]),
		);
	}

	/** An object as it is, whatever git thinks of it; returns its id. */
	object(type: string, content: Bytes): Promise<string> {
		return this.git(["hash-object", "-t", type, "-w", "--stdin", "--literally"], content);
	}

	/** A tree of raw entries, in the order given. */
	tree(entries: { mode: string; name: Bytes; id: string }[]): Promise<string> {
		const parts = entries.map(({ mode, name, id }) =>
			Buffer.concat([Buffer.from(`${mode} `), Buffer.from(name), Buffer.from([0]), Buffer.from(id, "hex")]),
		);
		return this.object("tree", Buffer.concat(parts));
	}

	/** Lets `main` be a commit with this tree and exactly these headers. */
	async commitTree(
		tree: string,
		message: Bytes = "Change",
		headers = "author Mallory <m@example.org> 1700000000 +0000\ncommitter Mallory <m@example.org> 1700000000 +0000",
	): Promise<void> {
		const commit = await this.object("commit", Buffer.concat([Buffer.from(`tree ${tree}\n${headers}\n\n`), Buffer.from(message)]));
		await this.git(["update-ref", "refs/heads/main", commit]);
	}

	/** Entries of a tree that make a project of it. */
	async projectEntries(): Promise<{ mode: string; name: Bytes; id: string }[]> {
		const file = await this.object("blob", this.project().content);
		const dockerfile = await this.object("blob", "FROM scratch\nCOPY no-such-file /\n");
		return [
			{ mode: "40000", name: ".deploymill", id: await this.tree([{ mode: "100644", name: "project.json", id: file }]) },
			{ mode: "100644", name: "Dockerfile", id: dockerfile },
		];
	}
}

export const projectFile = ".deploymill/project.json";

function fileCommand({ path, content, mode = "100644" }: TreeFile): Buffer {
	const quoted = Buffer.from(`"${[...Buffer.from(path)].map((byte) => `\\${byte.toString(8).padStart(3, "0")}`).join("")}"`);
	if (mode === "160000") return Buffer.concat([Buffer.from(`M ${mode} ${content} `), quoted, Buffer.from("\n")]);
	return Buffer.concat([Buffer.from(`M ${mode} inline `), quoted, Buffer.from("\n"), data(content)]);
}

function data(content: Bytes): Buffer {
	const bytes = Buffer.from(content);
	return Buffer.concat([Buffer.from(`data ${bytes.length}\n`), bytes, Buffer.from("\n")]);
}
