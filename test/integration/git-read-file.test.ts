// Reading one file of a repository: what is sent for it, and by which servers.
import { randomBytes } from "node:crypto";
import { readdir, symlink } from "node:fs/promises";
import type { RequestListener } from "node:http";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { TestRepository } from "../support/git-repository.ts";
import { gitBackend } from "../support/git-server.ts";
import { errorOf, makeSource } from "../support/git-source.ts";
import { serve } from "../support/server.ts";

const path = ".deploymill/project.json";
const MiB = 1024 ** 2;

/** A repository with the file and much else, behind git's own HTTP server. */
async function servedRepository(config: Record<string, string>, change: (inner: RequestListener) => RequestListener = (inner) => inner) {
	const repository = await TestRepository.create();
	for (const [key, value] of Object.entries(config)) await repository.git("config", key, value);
	const first = await repository.commit("first", { [path]: "old" });
	const sha = await repository.commit("second", { [path]: "new", big: randomBytes(MiB).toString("hex") });
	let sent = 0;
	const counting = (inner: RequestListener): RequestListener => {
		return (request, response) => {
			const write = response.write.bind(response);
			response.write = ((chunk: Buffer) => {
				sent += chunk.length;
				return write(chunk);
			}) as typeof response.write;
			inner(request, response);
		};
	};
	const port = await serve(counting(change(gitBackend(repository.directory))));
	return { repository, first, sha, url: `http://127.0.0.1:${port}/repo.git`, sent: () => sent };
}

/** As a server that speaks git's older protocol alone. */
const olderProtocol = (inner: RequestListener): RequestListener => {
	return (request, response) => {
		delete request.headers["git-protocol"];
		inner(request, response);
	};
};

describe("one file", () => {
	test("is all that is sent, where the server can leave files out", async () => {
		const { first, sha, url, sent } = await servedRepository({ "uploadpack.allowFilter": "true" });
		const { source, workDirectory } = await makeSource();
		expect(await source.readFile(url, undefined, path)).toMatchObject({ text: "new", ref: "main", commit: { sha, message: "second" } });
		expect(await source.readFile(url, first, path)).toMatchObject({ text: "old", ref: first, commit: { sha: first } });
		expect(await source.readFile(url, "main", "none")).toEqual({ ref: "main", commit: expect.objectContaining({ sha }) });
		expect(sent()).toBeLessThan(20_000);
		expect(await readdir(workDirectory)).toEqual([]);
	});

	test.each([
		["cannot leave files out", {}, undefined],
		["cannot leave files out, by the older protocol", {}, olderProtocol],
		["leaves files out and gives none alone, by the older protocol", { "uploadpack.allowFilter": "true" }, olderProtocol],
	])("is read from a server that %s", async (_name, config, change) => {
		const { first, sha, url } = await servedRepository(config, change);
		const { source, workDirectory } = await makeSource();
		expect(await source.readFile(url, "main", path)).toMatchObject({ text: "new", commit: { sha } });
		expect(await source.readFile(url, sha, path)).toMatchObject({ text: "new", commit: { sha } });
		expect(await source.readFile(url, "main", "none")).not.toHaveProperty("text");
		expect((await errorOf(source.readFile(url, "none", path))).code).toBe("ref_not_found");
		expect(first).not.toBe(sha);
		expect(await readdir(workDirectory)).toEqual([]);
	});

	test("of a local repository, whatever its path", async () => {
		const repository = await TestRepository.create();
		await repository.commit("first", { [path]: "ü\r\n", "with space/%41": "odd" });
		const moved = new TestRepository(join(repository.directory, "..", "a %41 b#c"));
		await repository.git("clone", "--quiet", "--bare", repository.directory, moved.directory);
		const { source } = await makeSource();
		for (const url of [repository.directory, `file://${repository.directory}`, moved.directory]) {
			expect(await source.readFile(url, undefined, path)).toMatchObject({ text: "ü\r\n" });
			expect(await source.readFile(url, undefined, "with space/%41")).toMatchObject({ text: "odd" });
		}
	});

	test("is not read where it is a link, a folder or too long", async () => {
		for (const config of [{}, { "uploadpack.allowFilter": "true" }]) {
			const { repository, url } = await servedRepository(config);
			await symlink("big", join(repository.directory, "link"));
			await repository.commit("third", { "folder/file": "1", long: "x".repeat(MiB + 1), full: "x".repeat(MiB) });
			const { source, workDirectory } = await makeSource();
			for (const [wrong, because] of [
				["link", "link is a symbolic link, which is not followed"],
				["folder", "folder is a folder, not a file"],
				["long", "long is larger than 1 MB"],
			] as const) {
				expect(await errorOf(source.readFile(url, undefined, wrong))).toMatchObject({ code: "project_file_invalid", message: because });
			}
			expect((await source.readFile(url, undefined, "full")).text).toHaveLength(MiB);
			expect(await readdir(workDirectory)).toEqual([]);
		}
	});

	test("that would fill the disk ends at the limit", async () => {
		const { repository, url } = await servedRepository({ "uploadpack.allowFilter": "true" });
		await repository.commit("third", { huge: randomBytes(3 * MiB).toString("hex") });
		const { source, workDirectory } = await makeSource({ limits: { filePackBytes: MiB } });
		const body = await errorOf(source.readFile(url, undefined, "huge"));
		expect(body).toMatchObject({ code: "project_file_invalid", message: "huge is larger than 1 MB" });
		expect(await readdir(workDirectory)).toEqual([]);
	});
});
