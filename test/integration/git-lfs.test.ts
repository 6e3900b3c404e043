// Git LFS: whose server is asked for the large files of a repository.
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import type { RequestListener } from "node:http";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { TestRepository } from "../support/git-repository.ts";
import { gitBackend } from "../support/git-server.ts";
import { cleanGitEnv, errorOf, makeSource } from "../support/git-source.ts";
import { serve } from "../support/server.ts";

const installed = await promisify(execFile)("git", ["lfs", "version"]).then(
	() => true,
	() => false,
);
const content = "a large file";
const oid = createHash("sha256").update(content).digest("hex");
const pointer = `version https://git-lfs.github.com/spec/v1\noid sha256:${oid}\nsize ${content.length}\n`;

/** As `git lfs install` sets it up; or with another program in its place. */
function filtered(program = "git-lfs smudge -- %f") {
	return {
		...cleanGitEnv,
		GIT_CONFIG_COUNT: "2",
		...setting(0, "filter.lfs.smudge", program),
		...setting(1, "filter.lfs.required", "true"),
	};
}

function setting(index: number, key: string, value: string) {
	return { [`GIT_CONFIG_KEY_${index}`]: key, [`GIT_CONFIG_VALUE_${index}`]: value };
}

async function repositoryWith(lfsConfig: string): Promise<TestRepository> {
	const repository = await TestRepository.create();
	await repository.commit("first", { ".gitattributes": "*.bin filter=lfs -text", "a.bin": pointer, ".lfsconfig": lfsConfig });
	return repository;
}

/** An LFS server beside git's, which hands out the one file. */
function withLfs(inner: RequestListener, asked: string[]): RequestListener {
	return async (request, response) => {
		const url = request.url ?? "";
		if (url.startsWith("/file")) return response.end(content);
		if (!url.includes("/info/lfs/")) return inner(request, response);
		asked.push(`${request.method} ${url}`);
		await buffer(request);
		const actions = { download: { href: `http://${request.headers.host}/file` } };
		return response
			.writeHead(200, { "content-type": "application/vnd.git-lfs+json" })
			.end(JSON.stringify({ transfer: "basic", objects: [{ oid, size: content.length, actions }] }));
	};
}

describe("the LFS server", () => {
	test.each([
		["/repo.git", "/repo.git/info/lfs"],
		["/repo.git/", "/repo.git/info/lfs"],
	])("that git-lfs is told is the repository's own: %s", async (path, expected) => {
		const repository = await repositoryWith("[lfs]\n\turl = http://127.0.0.1:1/evil\n");
		const port = await serve(gitBackend(repository.directory));
		const { source } = await makeSource({ env: filtered("git config --get lfs.url") });
		await using checkout = await source.checkout(`http://127.0.0.1:${port}${path}`, undefined);
		expect(await readFile(join(checkout.directory, "a.bin"), "utf8")).toBe(`http://127.0.0.1:${port}${expected}\n`);
	});

	test.skipIf(!installed)("named in .lfsconfig is not asked, by whatever protocol", async () => {
		const foreign: string[] = [];
		const evil = await serve(withLfs((_request, response) => response.end(), foreign));
		const lfsConfig = [
			`[lfs]\n\turl = http://127.0.0.1:${evil}/evil.git/info/lfs\n\tstandalonetransferagent = touch\n`,
			`[remote "origin"]\n\tlfsurl = http://127.0.0.1:${evil}/evil.git/info/lfs\n`,
			`[lfs "customtransfer.touch"]\n\tpath = touch\n\targs = /tmp/deploymill-lfs-was-here\n`,
		].join("");
		const repository = await repositoryWith(lfsConfig);
		const asked: string[] = [];
		const port = await serve(withLfs(gitBackend(repository.directory), asked));
		const { source } = await makeSource({ env: filtered() });
		await using checkout = await source.checkout(`http://127.0.0.1:${port}/repo.git`, undefined);
		expect(await readFile(join(checkout.directory, "a.bin"), "utf8")).toBe(content);
		expect(foreign).toEqual([]);
		expect(asked).toContain("POST /repo.git/info/lfs/objects/batch");
	});

	test.skipIf(!installed)("that sends a file without an end is left at the limit", async () => {
		const repository = await repositoryWith("");
		const endless: RequestListener = (_request, response) => {
			const more = () => {
				while (!response.destroyed) if (!response.write(Buffer.alloc(65_536))) return void response.once("drain", more);
			};
			more();
		};
		const lfs = withLfs(gitBackend(repository.directory), []);
		const port = await serve((request, response) => (request.url === "/file" ? endless : lfs)(request, response));
		const { source } = await makeSource({ env: filtered(), limits: { treeBytes: 8 * 1024 ** 2 } });
		expect(await errorOf(source.checkout(`http://127.0.0.1:${port}/repo.git`, undefined))).toMatchObject({ code: "repo_not_allowed" });
	});

	test.skipIf(!installed)("is left out where the user says so", async () => {
		const repository = await repositoryWith("");
		const { source } = await makeSource({ env: { ...filtered(), GIT_LFS_SKIP_SMUDGE: "1" } });
		await using checkout = await source.checkout(repository.directory, undefined);
		expect(await readFile(join(checkout.directory, "a.bin"), "utf8")).toBe(pointer);
	});
});
