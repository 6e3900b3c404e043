// Makes git repositories that no git command would make: trees and commits are written object by object.
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { TestRepository } from "./git-repository.ts";

const run = promisify(execFile);

/** Text is a file, a nested object a folder, and `raw` any object under any mode. */
export interface Entries {
	[name: string]: string | Buffer | Entries | Raw;
}

class Raw {
	readonly mode: string;
	readonly content: string | Buffer;

	/** @param content of a blob; of a mode that is none (a submodule), the object's id */
	constructor(mode: string, content: string | Buffer) {
		this.mode = mode;
		this.content = content;
	}
}

/** A symbolic link. */
export const link = (target: string | Buffer) => new Raw("120000", target);
/** A submodule at a commit that nobody has. */
export const submodule = () => new Raw("160000", "1".repeat(40));
/** A file under a mode of any kind. */
export const file = (mode: string, content: string) => new Raw(mode, content);

export class HostileRepository {
	readonly repository: TestRepository;

	private constructor(repository: TestRepository) {
		this.repository = repository;
	}

	static async create(): Promise<HostileRepository> {
		const repository = await TestRepository.create();
		// What is served locally must hand out objects that are broken on purpose.
		await repository.git("config", "receive.fsckObjects", "false");
		return new HostileRepository(repository);
	}

	get directory(): string {
		return this.repository.directory;
	}

	/** A commit of these entries on main; names are keys, read as Latin-1 where they hold bytes that are no UTF-8. */
	async commit(entries: Entries, message: string | Buffer = "hostile"): Promise<string> {
		return this.commitTree(await this.tree(entries), message);
	}

	async commitTree(tree: string, message: string | Buffer = "hostile"): Promise<string> {
		const who = "Ada <ada@example.org> 1700000000 +0000";
		const head = Buffer.from(`tree ${tree}\nauthor ${who}\ncommitter ${who}\n\n`);
		return this.writeCommit(Buffer.concat([head, Buffer.from(message)]));
	}

	/** A commit as it is stored, whatever stands in it, as the tip of main. */
	async writeCommit(content: Buffer): Promise<string> {
		const commit = await this.object("commit", content);
		await this.repository.git("update-ref", "refs/heads/main", commit);
		return commit;
	}

	async tree(entries: Entries): Promise<string> {
		const lines: { name: Buffer; mode: string; id: string }[] = [];
		for (const [key, value] of Object.entries(entries)) lines.push({ name: nameOf(key), ...(await this.#entry(value)) });
		// Git sorts a folder as if its name ended with a slash.
		const sortKey = ({ name, mode }: { name: Buffer; mode: string }) => Buffer.concat([name, Buffer.from(mode === "40000" ? "/" : "")]);
		lines.sort((a, b) => Buffer.compare(sortKey(a), sortKey(b)));
		return this.rawTree(lines);
	}

	/** A tree with just these lines, in this order. */
	rawTree(lines: { name: Buffer; mode: string; id: string }[]): Promise<string> {
		const parts = lines.map(({ name, mode, id }) =>
			Buffer.concat([Buffer.from(`${mode} `), name, Buffer.from([0]), Buffer.from(id, "hex")]),
		);
		return this.object("tree", Buffer.concat(parts));
	}

	blob(content: string | Buffer): Promise<string> {
		return this.object("blob", Buffer.from(content as string));
	}

	/** `git hash-object`, told not to look at what it writes. */
	async object(type: string, content: Buffer): Promise<string> {
		const running = run("git", ["hash-object", "-t", type, "-w", "--stdin", "--literally"], { cwd: this.directory });
		running.child.stdin?.end(content);
		return (await running).stdout.trim();
	}

	async #entry(value: Entries[string]): Promise<{ mode: string; id: string }> {
		if (typeof value === "string" || Buffer.isBuffer(value)) return { mode: "100644", id: await this.blob(value) };
		if (!(value instanceof Raw)) return { mode: "40000", id: await this.tree(value as Entries) };
		const id = value.mode === "160000" ? String(value.content) : await this.blob(value.content);
		return { mode: value.mode, id };
	}
}

/** `\xNN` in a key stands for a byte. */
function nameOf(key: string): Buffer {
	const parts = key.split(/\\x([0-9a-f]{2})/);
	return Buffer.concat(parts.map((part, at) => (at % 2 === 1 ? Buffer.from(part, "hex") : Buffer.from(part))));
}
