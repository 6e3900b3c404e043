// Owns the reading of an image as the engine saves it: a tar stream of layers, each a tar stream itself.
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGunzip, createZstdDecompress } from "node:zlib";
import { extract, type Header } from "tar-stream";
import { ImageTree, type LayerEntry } from "./image-tree.ts";

/** Of the archive's manifest.json, what is read here. */
type Manifest = { Layers: string[] }[];

/** All that was seen in the archive, by name: which layers there are, and in what order, is known only at its end. */
interface Archive {
	layers: Map<string, LayerEntry[]>;
	/** Older engines save a layer that comes twice once, and link to it. */
	links: Map<string, string>;
	manifest?: Manifest;
}

/** Reads `docker save`, both of its layouts. Of hundreds of megabytes only names and links are kept. @throws when it is no such archive */
export async function readSavedImage(saved: AsyncIterable<Buffer>): Promise<ImageTree> {
	const archive: Archive = { layers: new Map(), links: new Map() };
	await readTar(saved, async (header, content) => {
		if (header.type === "symlink") archive.links.set(header.name, new URL(header.linkname, `file:///${header.name}`).pathname.slice(1));
		else if (header.name === "manifest.json") archive.manifest = JSON.parse(await text(content)) as Manifest;
		else if (header.type === "file") await readLayer(archive, header.name, content);
	});
	return layUp(archive);
}

function layUp({ layers, links, manifest }: Archive): ImageTree {
	const names = manifest?.[0]?.Layers;
	if (!names) throw new Error("the saved image has no manifest");
	const tree = new ImageTree();
	for (const name of names) {
		const entries = layers.get(name) ?? layers.get(links.get(name) ?? "");
		if (!entries) throw new Error(`the saved image lacks its layer ${name}`);
		tree.apply(entries);
	}
	return tree;
}

/** What is no layer (a configuration, a signature) is passed over. */
async function readLayer(archive: Archive, name: string, content: AsyncIterable<Buffer>): Promise<void> {
	const { head, whole } = await peek(content, 512);
	const kind = kindOf(head);
	const entries: LayerEntry[] = [];
	if (kind === "other") return drain(whole);
	archive.layers.set(name, entries);
	const tar = kind === "tar" ? whole : decompress(whole, kind);
	await readTar(tar, async (header, file) => {
		const entry = entryOf(header);
		if (entry) entries.push(entry);
		await drain(file);
	});
}

function kindOf(head: Buffer): "tar" | "gzip" | "zstd" | "other" {
	if (head.readUInt32BE(0) === 0x28b52ffd) return "zstd";
	if (head.readUInt16BE(0) === 0x1f8b) return "gzip";
	// A layer that changes nothing is a tar file of zeros alone.
	return head.toString("latin1", 257, 262) === "ustar" || head.every((byte) => byte === 0) ? "tar" : "other";
}

function decompress(source: AsyncIterable<Buffer>, kind: "gzip" | "zstd"): AsyncIterable<Buffer> {
	const stream = kind === "gzip" ? createGunzip() : createZstdDecompress();
	// A failure destroys the stream, and so reaches whoever reads it.
	pipeline(source, stream).catch((error: Error) => stream.destroy(error));
	return stream;
}

function entryOf({ name: path, type, mode, linkname: target }: Header): LayerEntry | undefined {
	switch (type) {
		case "directory":
			return { path, kind: "directory" };
		case "file":
		case "contiguous-file":
			return { path, kind: "file", executable: (mode & 0o111) !== 0 };
		case "symlink":
			return { path, kind: "symlink", target };
		case "link":
			return { path, kind: "hardlink", target };
		default:
			return undefined;
	}
}

/** `take` must read the content to its end. */
async function readTar(
	source: AsyncIterable<Buffer>,
	take: (header: Header, content: AsyncIterable<Buffer>) => Promise<void>,
): Promise<void> {
	const archive = extract();
	const read = async () => {
		for await (const entry of archive) await take(entry.header, entry as AsyncIterable<Buffer>);
	};
	await Promise.all([pipeline(Readable.from(source), archive as unknown as NodeJS.WritableStream), read()]);
}

/** The first bytes (at least `size`, zeros where there are fewer), and a stream that still has them. */
async function peek(source: AsyncIterable<Buffer>, size: number): Promise<{ head: Buffer; whole: AsyncIterable<Buffer> }> {
	const iterator = source[Symbol.asyncIterator]();
	let head: Buffer = Buffer.alloc(0);
	let ended = false;
	while (!ended && head.length < size) {
		const { value, done } = await iterator.next();
		ended = done === true;
		if (value) head = Buffer.concat([head, value]);
	}
	async function* whole(): AsyncGenerator<Buffer> {
		yield head;
		if (!ended) yield* { [Symbol.asyncIterator]: () => iterator };
	}
	return { head: head.length < size ? Buffer.concat([head, Buffer.alloc(size - head.length)]) : head, whole: whole() };
}

async function drain(source: AsyncIterable<Buffer>): Promise<void> {
	for await (const _ of source);
}

async function text(source: AsyncIterable<Buffer>): Promise<string> {
	const chunks: Buffer[] = [];
	for await (const chunk of source) chunks.push(chunk);
	return Buffer.concat(chunks).toString("utf8");
}
