// Lists the files of a checkout that go to the engine for a build.
import { isUtf8 } from "node:buffer";
import type { Dirent } from "node:fs";
import { opendir, readlink } from "node:fs/promises";
import { join } from "node:path";
import { quote } from "../../config/quote.ts";
import { DeploymillError } from "../../errors.ts";
import { WorkSlices } from "../../event-loop.ts";
import type { BuildContext } from "./build-context.ts";
import type { FolderRules } from "./dockerignore.ts";

/**
 * Paths (relative to the context, `/`) of files, links and folders, each folder before what is in it.
 * @throws build_failed for a name, or a link to a name, that is not UTF-8; the signal's reason when it was aborted
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
	readonly #slices = new WorkSlices();

	constructor(context: BuildContext, signal: AbortSignal) {
		this.#context = context;
		this.#signal = signal;
	}

	async addFolder(folder: string, rules: FolderRules): Promise<void> {
		for (const entry of await readFolder(join(this.#context.directory, folder))) {
			await this.#slices.pause();
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
		await this.#refuseOddBytes(entry, path);
		this.paths.push(path);
		if (!isEntered) return;
		const before = this.paths.length;
		await this.addFolder(path, inside);
		if (!isKept && this.paths.length === before) this.paths.pop();
	}

	/** What is written down as text could become another name. */
	async #refuseOddBytes(entry: Dirent<Buffer>, path: string): Promise<void> {
		if (!isUtf8(entry.name)) throw notUtf8(`the name of the file ${quote(path)}`);
		if (!entry.isSymbolicLink()) return;
		const target = await readlink(join(this.#context.directory, path), { encoding: "buffer" });
		if (!isUtf8(target)) throw notUtf8(`what the link ${quote(path)} leads to`);
	}
}

/**
 * Names as bytes: git takes any, and one that is no text would be another name once it is read as such. Read bit by bit, since a
 * folder may hold very many, and to its end, since folders may lie very deep, and each would stay open.
 */
async function readFolder(path: string): Promise<Dirent<Buffer>[]> {
	const folder = (await opendir(path, { encoding: "buffer" as BufferEncoding })) as unknown as AsyncIterable<Dirent<Buffer>>;
	const entries: Dirent<Buffer>[] = [];
	for await (const entry of folder) entries.push(entry);
	return entries;
}

function notUtf8(what: string): DeploymillError {
	return new DeploymillError("build_failed", `The build was not started: ${what} is not UTF-8.`, {
		hint: "Rename it in the repository, or name it in .dockerignore (a * stands for odd characters); then push and deploy again.",
	});
}
