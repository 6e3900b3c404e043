// Packs a build context into the tar stream that the engine takes, in little memory however large it is.
import { EventEmitter } from "node:events";
import type { Stats } from "node:fs";
import { lstat, open, readlink } from "node:fs/promises";
import { join } from "node:path";
import type { Writable } from "node:stream";
import { type Header, pack as newPack } from "tar-stream";
import type { BuildContext } from "./build-context.ts";

const bufferBytes = 1024 * 1024;

/** A piece of a file on its way to the engine. */
interface Piece {
	bytes: Buffer;
	sent: () => void;
}

type EntryHeader = Partial<Header> & Pick<Header, "name">;

/**
 * Packs while it is sent. docker-modem takes it for the stream of a request's body: it listens to `error`, and pipes it. Files are all read into
 * one buffer, which is filled again when the connection has taken what was in it: of a new one for each piece the process would hold tens of
 * megabytes that nobody uses any more.
 */
export class ContextArchive extends EventEmitter<{ error: [Error] }> {
	readonly #context: BuildContext;
	readonly #paths: readonly string[];
	readonly #pack = newPack();
	readonly #buffer = Buffer.allocUnsafeSlow(bufferBytes);
	#onItsWay: Piece | undefined;

	/** @param paths as `listContext` gives them */
	constructor(context: BuildContext, paths: readonly string[]) {
		super();
		this.#context = context;
		this.#paths = paths;
	}

	/** Once. An error in between (a file that vanished) is an `error`, and the request is not ended. */
	pipe(request: Writable): Writable {
		this.#packAll().then(
			() => this.#pack.finalize(),
			// Wrapped, so that the code of a file that is gone is not taken for a socket that is.
			(error: unknown) => this.#pack.destroy(new Error("the build context could not be packed", { cause: error })),
		);
		this.#send(request).catch((error: Error) => {
			this.destroy();
			this.emit("error", error);
		});
		return request;
	}

	destroy(): void {
		this.#pack.destroy();
	}

	async #send(request: Writable): Promise<void> {
		for await (const bytes of this.#pack as AsyncIterable<Buffer>) {
			// tar-stream hands on the very Buffer that was written to an entry, so a piece is known again here.
			const piece = this.#onItsWay?.bytes === bytes ? this.#onItsWay : undefined;
			await taken(request, bytes, piece !== undefined);
			piece?.sent();
		}
		request.end();
	}

	async #packAll(): Promise<void> {
		const { directory, dockerfile, outsideDockerfile } = this.#context;
		// The engine tells a context from a Dockerfile by the first entry alone, and only where its header is one block: a name that is
		// long or not ASCII needs more.
		await this.#packPath(directory, "./");
		for (const path of this.#paths) await this.#packPath(join(directory, path), path);
		if (outsideDockerfile) await this.#packPath(outsideDockerfile, dockerfile);
	}

	/** Links are packed as links: the engine follows them inside of the context alone. Sockets and the like stay behind. */
	async #packPath(full: string, name: string): Promise<void> {
		const stats = await lstat(full);
		// Like the docker CLI all belongs to root, so that whose checkout it is does not change what COPY makes.
		const header = { name, mode: modeAsInGit(stats), mtime: stats.mtime, uid: 0, gid: 0 };
		if (stats.isSymbolicLink()) await this.#packName({ ...header, type: "symlink", linkname: await readlink(full) });
		else if (stats.isDirectory()) await this.#packName({ ...header, type: "directory" });
		else if (stats.isFile() && stats.size === 0) await this.#packName({ ...header, type: "file" });
		else if (stats.isFile()) await this.#packFile(full, { ...header, type: "file", size: stats.size });
	}

	#packName(header: EntryHeader): Promise<void> {
		return new Promise((resolve, reject) => {
			this.#pack.entry(header, "", (error) => (error ? reject(error) : resolve()));
		});
	}

	/** As long as it was when it was looked at. */
	async #packFile(full: string, header: EntryHeader & { size: number }): Promise<void> {
		await using file = await open(full);
		const packed = Promise.withResolvers<void>();
		const entry = this.#pack.entry(header, (error) => (error ? packed.reject(error) : packed.resolve()));
		// Where reading fails, nobody asks any more how the entry ended.
		packed.promise.catch(() => undefined);
		entry.on("error", () => undefined);
		for (let left = header.size; left > 0; ) {
			const { bytesRead } = await file.read(this.#buffer, 0, Math.min(left, bufferBytes));
			if (bytesRead === 0) throw new Error(`${header.name} became shorter while it was read`);
			left -= bytesRead;
			await new Promise<void>((sent, failed) => {
				// An archive that is destroyed sends nothing more, and ends what is packed with an error.
				packed.promise.catch(failed);
				this.#onItsWay = { bytes: this.#buffer.subarray(0, bytesRead), sent };
				entry.write(this.#onItsWay.bytes);
			});
		}
		entry.end(undefined as never);
		await packed.promise;
	}
}

/** Git knows of a mode only whether a file is executable; the rest would be this process's umask, baked into the image. */
function modeAsInGit(stats: Stats): number {
	return stats.isDirectory() || (stats.mode & 0o100) !== 0 ? 0o755 : 0o644;
}

/** When a request has room for more; `whole`: when the connection has taken all of these bytes. */
function taken(request: Writable, bytes: Buffer, whole: boolean): Promise<void> {
	return new Promise((resolve, reject) => {
		const hasRoom = request.write(bytes, (error) => (error ? reject(error) : resolve()));
		if (hasRoom && !whole) resolve();
	});
}
