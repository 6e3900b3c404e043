import { Readable } from "node:stream";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { pack } from "tar-stream";
import { describe, expect, it } from "vitest";
import { readSavedImage } from "../../../../src/adapters/docker/saved-image.ts";

type Content = Buffer | string | { link: string };

/** A tar file of these entries; programs are named by their content `#!`. */
async function tarOf(entries: [name: string, content: Content][]): Promise<Buffer> {
	const tar = pack();
	for (const [name, content] of entries) {
		if (typeof content === "object" && "link" in content) tar.entry({ name, type: "symlink", linkname: content.link });
		else tar.entry({ name, mode: content === "#!" ? 0o755 : 0o644 }, content);
	}
	tar.finalize();
	const chunks: Buffer[] = [];
	for await (const chunk of tar as AsyncIterable<Buffer>) chunks.push(chunk);
	return Buffer.concat(chunks);
}

async function programsIn(archive: Buffer, candidates: string[]): Promise<string[]> {
	const tree = await readSavedImage(Readable.from([archive.subarray(0, 700), archive.subarray(700)]));
	return candidates.filter((path) => tree.hasExecutable(path));
}

const manifest = (...layers: string[]): [string, string] => ["manifest.json", JSON.stringify([{ Config: "c.json", Layers: layers }])];

describe("readSavedImage", () => {
	it("reads the layers in the manifest's order, plain and compressed", async () => {
		const archive = await tarOf([
			[
				"blobs/sha256/c",
				await tarOf([
					["bin/c", "#!"],
					["bin/.wh.b", ""],
				]),
			],
			[
				"blobs/sha256/b",
				gzipSync(
					await tarOf([
						["bin/b", "#!"],
						["bin/link", { link: "a" }],
					]),
				),
			],
			["blobs/sha256/config", '{"architecture":"amd64"}'],
			[
				"blobs/sha256/a",
				zstdCompressSync(
					await tarOf([
						["bin/a", "#!"],
						["bin/data", "text"],
					]),
				),
			],
			["blobs/sha256/empty", Buffer.alloc(1024)],
			["oci-layout", '{"imageLayoutVersion":"1.0.0"}'],
			manifest("blobs/sha256/a", "blobs/sha256/b", "blobs/sha256/empty", "blobs/sha256/c"),
		]);
		expect(await programsIn(archive, ["/bin/a", "/bin/b", "/bin/c", "/bin/link", "/bin/data"])).toEqual(["/bin/a", "/bin/c", "/bin/link"]);
	});

	it("reads the layout of older engines, with a layer that is a link to another", async () => {
		const archive = await tarOf([
			["111/VERSION", "1.0"],
			["111/json", "{}"],
			["111/layer.tar", await tarOf([["bin/a", "#!"]])],
			["222/layer.tar", { link: "../111/layer.tar" }],
			["repositories", "{}"],
			manifest("222/layer.tar"),
		]);
		expect(await programsIn(archive, ["/bin/a"])).toEqual(["/bin/a"]);
	});

	it("fails on what is not whole", async () => {
		await expect(programsIn(await tarOf([manifest("gone/layer.tar")]), [])).rejects.toThrow("lacks its layer gone/layer.tar");
		await expect(programsIn(await tarOf([["x", "y"]]), [])).rejects.toThrow("no manifest");
		const broken = gzipSync(await tarOf([["bin/a", Buffer.alloc(5000, "x")]])).subarray(0, 60);
		await expect(programsIn(await tarOf([["blobs/a", broken], manifest("blobs/a")]), [])).rejects.toThrow();
	});
});
