// Packs a build context into the tar stream that the engine takes.
import { createReadStream, type Stats } from "node:fs";
import { lstat, readFile, readlink } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { type Header, pack as newPack, type Pack } from "tar-stream";
import type { BuildContext } from "./build-context.ts";

/** Files up to this size are read whole: a stream for each of thousands of small files takes most of the time. */
const wholeFileBytes = 1_000_000;

/**
 * Packs these paths of the context while it is read. An error in between (a file that vanished) destroys the stream.
 * @param paths as `listContext` gives them
 */
export function packContext(context: BuildContext, paths: readonly string[]): Readable {
	const pack = newPack();
	packAll(pack, context, paths).then(
		() => pack.finalize(),
		// Wrapped, so that the code of a file that is gone is not taken for a socket that is.
		(error: unknown) => pack.destroy(new Error("the build context could not be packed", { cause: error })),
	);
	return Readable.from(pack as AsyncIterable<Buffer>, { objectMode: false });
}

async function packAll(pack: Pack, context: BuildContext, paths: readonly string[]): Promise<void> {
	// The engine tells a context from a Dockerfile by the first entry alone, and only where its header is one block: a name that is
	// long or not ASCII needs more.
	await packPath(pack, context.directory, "./");
	for (const path of paths) await packPath(pack, join(context.directory, path), path);
	if (context.outsideDockerfile) await packPath(pack, context.outsideDockerfile, context.dockerfile);
}

/** Links are packed as links: the engine follows them inside of the context alone. Sockets and the like stay behind. */
async function packPath(pack: Pack, full: string, name: string): Promise<void> {
	const stats = await lstat(full);
	// Like the docker CLI all belongs to root, so that whose checkout it is does not change what COPY makes.
	const header = { name, mode: modeAsInGit(stats), mtime: stats.mtime, uid: 0, gid: 0 };
	if (stats.isSymbolicLink()) await packEntry(pack, { ...header, type: "symlink", linkname: await readlink(full) });
	else if (stats.isDirectory()) await packEntry(pack, { ...header, type: "directory" });
	else if (stats.isFile() && stats.size > wholeFileBytes) {
		await pipeline(createReadStream(full), pack.entry({ ...header, type: "file", size: stats.size }) as never);
	} else if (stats.isFile()) await packEntry(pack, { ...header, type: "file" }, await readFile(full));
}

/** Git knows of a mode only whether a file is executable; the rest would be this process's umask, baked into the image. */
function modeAsInGit(stats: Stats): number {
	return stats.isDirectory() || (stats.mode & 0o100) !== 0 ? 0o755 : 0o644;
}

function packEntry(pack: Pack, header: Partial<Header> & Pick<Header, "name">, content: string | Buffer = ""): Promise<void> {
	return new Promise((resolve, reject) => {
		pack.entry(header, content, (error) => (error ? reject(error) : resolve()));
	});
}
