// Lists the files of a checkout that go to the engine for a build.
import { isUtf8 } from "node:buffer";
import type { Dirent } from "node:fs";
import { opendir } from "node:fs/promises";
import { join } from "node:path";
import { quote } from "../../config/quote.ts";
import { Turns } from "../../config/turns.ts";
import { DeploymillError } from "../../errors.ts";
import type { BuildContext } from "./build-context.ts";
import type { FolderRules } from "./dockerignore.ts";

/** Neither this machine nor the engine has room for more: each puts the path of a folder of its own before it. */
const longestPathBytes = 2048;

/**
 * Paths (relative to the context, `/`) of files, links and folders, each folder before what is in it.
 * @throws build_failed for a path that is not UTF-8, or too long; the signal's reason when it was aborted
 */
export async function listContext(context: BuildContext, signal: AbortSignal): Promise<string[]> {
	const listing = new Listing(context, signal);
	await listing.addFolder("", context.ignore.root);
	return listing.paths;
}

class Listing {
	readonly paths: string[] = [];
	readonly #context: BuildContext;
	readonly #signal: AbortSignal;
	readonly #turns = new Turns();

	constructor(context: BuildContext, signal: AbortSignal) {
		this.#context = context;
		this.#signal = signal;
	}

	async addFolder(folder: string, rules: FolderRules): Promise<void> {
		for await (const entry of await readFolder(join(this.#context.directory, folder))) {
			await this.#turns.give();
			this.#signal.throwIfAborted();
			await this.#add(folder, entry, rules);
		}
	}

	/** A folder that is ignored goes along when something in it does. */
	async #add(folder: string, entry: Dirent<Buffer>, rules: FolderRules): Promise<void> {
		const name = entry.name.toString("utf8");
		const path = folder === "" ? name : `${folder}/${name}`;
		// It differs from checkout to checkout, so no `COPY . .` would ever be cached, and images would hold history.
		if (path === ".git") return;
		const { ignore, dockerfile } = this.#context;
		const verdict = ignore.look(rules, name);
		// The engine needs the Dockerfile even where it is ignored.
		const isKept = !verdict.ignored || path === dockerfile;
		const inside = entry.isDirectory() ? ignore.enter(verdict) : undefined;
		const isEntered = inside !== undefined && (!inside.closed || dockerfile.startsWith(`${path}/`));
		if (!isKept && !isEntered) return;
		refuseUnfit(entry.name, path);
		this.paths.push(path);
		if (!isEntered) return;
		const before = this.paths.length;
		await this.addFolder(path, inside);
		if (!isKept && this.paths.length === before) this.paths.pop();
	}
}

/** Names as bytes: git takes any, and one that is no text would be another name once it is read as such. */
async function readFolder(path: string): Promise<AsyncIterable<Dirent<Buffer>>> {
	return (await opendir(path, { encoding: "buffer" as BufferEncoding })) as unknown as AsyncIterable<Dirent<Buffer>>;
}

function refuseUnfit(name: Buffer, path: string): void {
	const isLong = Buffer.byteLength(path) > longestPathBytes;
	if (isUtf8(name) && !isLong) return;
	const problem = isLong ? `has more than ${longestPathBytes} bytes` : "is not UTF-8";
	throw new DeploymillError("build_failed", `The build was not started: the path ${quote(path)} ${problem}.`, {
		hint: "Rename it in the repository, or name it in .dockerignore (a * stands for odd characters); then push and deploy again.",
	});
}
