// The tar of a build context: what is in it, what becomes of it when files change, and how little memory it takes.
import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { chmod, readdir, readlink, rm, symlink, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { PassThrough, Writable } from "node:stream";
import { extract } from "tar-stream";
import { expect, it } from "vitest";
import { ContextArchive } from "../../../../src/adapters/docker/context-archive.ts";
import { checkoutFolder } from "../../../support/checkout-folder.ts";

const megabyte = 1024 * 1024;

/** A connection that takes bytes one write after the other, and reads them only when it is asked for the next. */
class SlowConnection extends Writable {
	readonly tar = new PassThrough();
	/** Memory that large pieces lay in. */
	readonly buffers = new Set<ArrayBufferLike>();
	/** Called before each piece is taken. */
	onPiece: (taken: number) => Promise<void> | void = () => undefined;
	#taken = 0;

	override _write(bytes: Buffer, _encoding: string, done: (error?: Error | null) => void): void {
		setImmediate(async () => {
			await this.onPiece(this.#taken);
			if (bytes.length > 4096) this.buffers.add(bytes.buffer);
			this.#taken += bytes.length;
			// Read now, when the buffer would have been filled again if nobody waited.
			this.tar.write(Buffer.from(bytes));
			done();
		});
	}

	override _final(done: () => void): void {
		this.tar.end();
		done();
	}
}

const sha256 = (bytes: Buffer) => createHash("sha256").update(bytes).digest("hex");

async function contextOf(files: Record<string, Buffer | string>) {
	const folder = await checkoutFolder({ Dockerfile: "FROM scratch\n" });
	for (const [path, content] of Object.entries(files)) await writeFile(join(folder.directory, path), content);
	return folder;
}

function archiveOf(directory: string, paths: string[]): ContextArchive {
	return new ContextArchive({ directory, dockerfile: "Dockerfile" } as never, paths);
}

async function unpack(connection: SlowConnection): Promise<Record<string, string>> {
	const found: Record<string, string> = {};
	for await (const entry of connection.tar.pipe(extract())) {
		const { name, type, mode, linkname } = entry.header;
		const chunks: Buffer[] = [];
		for await (const chunk of entry) chunks.push(chunk as Buffer);
		found[name] = type === "file" ? `${mode?.toString(8)} ${sha256(Buffer.concat(chunks))}` : `${type} ${linkname ?? ""}`.trim();
	}
	return found;
}

it("holds files of every size as they are, links and folders, out of one buffer", async () => {
	const sizes = [0, 1, 511, 512, 513, megabyte - 1, megabyte, megabyte + 1, 5 * megabyte + 7];
	const files = Object.fromEntries(sizes.map((size) => [`${size}.bin`, randomBytes(size)]));
	await using folder = await contextOf(files);
	await symlink("1.bin", join(folder.directory, "link"));
	await chmod(join(folder.directory, "512.bin"), 0o700);
	const connection = new SlowConnection();
	archiveOf(folder.directory, [...Object.keys(files), "link"]).pipe(connection);
	const expected = Object.entries(files).map(([name, bytes]) => [name, `${name === "512.bin" ? 755 : 644} ${sha256(bytes)}`]);
	expect(await unpack(connection)).toEqual({ "./": "directory", link: "symlink 1.bin", ...Object.fromEntries(expected) });
	expect(connection.buffers.size).toBe(1);
});

it.each([
	["vanishes before its turn", true, (path: string) => rm(path), /ENOENT/],
	["is shorter than it was", false, (path: string) => truncate(path, 2 * megabyte), /b\.bin became shorter/],
])("is an error, and no end, where a file %s", async (_, isRemoved, change, why) => {
	await using folder = await contextOf({ "a.bin": randomBytes(megabyte), "b.bin": randomBytes(4 * megabyte) });
	const connection = new SlowConnection();
	let ended = false;
	connection.tar.on("end", () => {
		ended = true;
	});
	const changed = Promise.withResolvers<void>();
	// While `b.bin` is on its way, or, where it is removed, before that.
	const from = isRemoved ? 0 : 2 * megabyte;
	connection.onPiece = async (taken) => {
		if (taken < from) return;
		connection.onPiece = () => undefined;
		await change(join(folder.directory, "b.bin"));
		changed.resolve();
	};
	const archive = archiveOf(folder.directory, ["a.bin", "b.bin"]);
	const failed = once(archive, "error");
	archive.pipe(connection);
	await changed.promise;
	const [error] = (await failed) as [Error];
	expect(error.message).toBe("the build context could not be packed");
	expect(String(error.cause)).toMatch(why);
	expect(ended).toBe(false);
});

it("takes of a file that grows what it was when its turn came", async () => {
	const bytes = randomBytes(3 * megabyte);
	await using folder = await contextOf({ "a.bin": bytes });
	const connection = new SlowConnection();
	connection.onPiece = async (taken) => {
		if (taken < megabyte) return;
		connection.onPiece = () => undefined;
		await writeFile(join(folder.directory, "a.bin"), randomBytes(10), { flag: "a" });
	};
	archiveOf(folder.directory, ["a.bin"]).pipe(connection);
	expect(await unpack(connection)).toEqual({ "./": "directory", "a.bin": `644 ${sha256(bytes)}` });
});

it.each(["destroyed", "left by its connection"])(
	"closes the file that it reads when it is %s",
	async (how) => {
		await using folder = await contextOf({ "a.bin": randomBytes(4 * megabyte) });
		const connection = new SlowConnection();
		connection.on("error", () => undefined);
		const archive = archiveOf(folder.directory, ["a.bin"]);
		const failed = once(archive, "error");
		connection.onPiece = (taken) => {
			if (taken < megabyte) return;
			if (how === "destroyed") archive.destroy();
			else connection.destroy(new Error("gone"));
		};
		archive.pipe(connection);
		await failed;
		await expect.poll(() => openFiles(folder.directory), { timeout: 30_000 }).toEqual([]);
	},
	40_000,
);

/** Files of a folder that this process has open. */
async function openFiles(directory: string): Promise<string[]> {
	const all = await readdir("/proc/self/fd");
	const targets = await Promise.all(all.map((fd) => readlink(`/proc/self/fd/${fd}`).catch(() => "")));
	return targets.filter((target) => target.startsWith(directory));
}
