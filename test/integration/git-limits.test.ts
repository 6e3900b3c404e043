// What git may take of the machine, on servers and repositories that want all of it.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdir, stat } from "node:fs/promises";
import type { ServerResponse } from "node:http";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { processesIn } from "../support/git-processes.ts";
import { TestRepository } from "../support/git-repository.ts";
import { cleanGitEnv, errorOf, makeSource } from "../support/git-source.ts";
import { drippingPack, endlessPack, hostileGit, manyRefs, packet, promisedCommit } from "../support/hostile-git-server.ts";
import { serve } from "../support/server.ts";
import { until } from "../support/until.ts";

const MiB = 1024 ** 2;

/** Until git has written so much of a pack. */
async function packHasBegun(workDirectory: string, bytes = MiB): Promise<void> {
	await until(
		() => bytesIn(workDirectory),
		(seen) => seen >= bytes,
	);
}

async function bytesIn(folder: string): Promise<number> {
	const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
	const sizes = await Promise.all(
		entries.map(({ parentPath, name }) =>
			stat(join(parentPath, name)).then(
				({ size }) => size,
				() => 0,
			),
		),
	);
	return sizes.reduce((sum, size) => sum + size, 0);
}

async function noProcessIn(folder: string): Promise<void> {
	await until(
		() => processesIn(folder),
		(seen) => seen.length === 0,
	);
}

describe("a pack without an end", () => {
	test("ends at the limit, and nothing of it stays", async () => {
		const port = await serve(hostileGit({ pack: endlessPack }));
		const { source, workDirectory } = await makeSource({ limits: { packBytes: 8 * MiB } });
		for (const call of [
			() => source.checkout(`http://127.0.0.1:${port}/a`, undefined),
			() => source.checkout(`http://127.0.0.1:${port}/a`, "main"),
			() => source.readFile(`http://127.0.0.1:${port}/a`, undefined, ".deploymill/project.json"),
		]) {
			const body = await errorOf(call());
			expect(body).toMatchObject({
				code: "repo_not_allowed",
				retryable: false,
				hint: expect.stringContaining("larger than deploymill takes"),
			});
			expect(body.message).toBe("git had to write more than 8 MB to fetch the commit, which is more than deploymill gives it");
			expect(await readdir(workDirectory)).toEqual([]);
		}
		await noProcessIn(workDirectory);
	});

	test("leaves a history unknown, where a remote sends it", async () => {
		const port = await serve(hostileGit({ pack: endlessPack }));
		const { source, workDirectory } = await makeSource({ limits: { historyPackBytes: 8 * MiB } });
		const url = `http://127.0.0.1:${port}/a`;
		expect(await source.commitsBetween(url, promisedCommit, "2".repeat(40), 5)).toBeUndefined();
		expect(await source.commitsBetween(url, promisedCommit, promisedCommit, 5)).toEqual([]);
		await noProcessIn(workDirectory);
	});

	test("ends with a cancel, in every way of asking", async () => {
		let open = 0;
		const pack = (response: ServerResponse) => {
			open++;
			response.on("close", () => open--);
			endlessPack(response);
		};
		const port = await serve(hostileGit({ pack }));
		const url = `http://127.0.0.1:${port}/a`;
		const { source, workDirectory } = await makeSource();
		for (const ask of [
			(signal: AbortSignal) => source.checkout(url, "main", signal),
			(signal: AbortSignal) => source.readFile(url, "main", "a", signal),
		]) {
			const stop = new AbortController();
			const call = ask(stop.signal);
			await packHasBegun(workDirectory);
			stop.abort(new Error("cancelled by Ada"));
			await expect(call).rejects.toThrow("cancelled by Ada");
			expect(await readdir(workDirectory)).toEqual([]);
			await noProcessIn(workDirectory);
			await until(
				async () => open,
				(seen) => seen === 0,
			);
		}
	});

	test("ends with a process that is killed; the next one removes what it left, and nothing that is in use", async () => {
		const port = await serve(hostileGit({ pack: endlessPack }));
		const { source, workDirectory } = await makeSource();
		const repository = await TestRepository.create();
		await repository.commit("first", { file: "1" });
		await using living = await source.checkout(repository.directory, undefined);
		const child = spawn(process.execPath, ["--input-type=module", "-e", checkOutInAnotherProcess], {
			env: { ...cleanGitEnv, WORK: workDirectory, URL_TO_READ: `http://127.0.0.1:${port}/a` },
			stdio: "inherit",
		});
		await packHasBegun(workDirectory);
		expect(await source.removeLeftovers()).toBe(0);
		expect((await processesIn(workDirectory)).length).toBeGreaterThan(2);
		child.kill("SIGKILL");
		await once(child, "exit");
		await noProcessIn(workDirectory);
		expect(await readdir(workDirectory)).toHaveLength(2);
		expect(await source.removeLeftovers()).toBe(1);
		expect(await readdir(workDirectory)).toEqual([living.directory.split("/").at(-2)]);
		expect(await readdir(living.directory)).toEqual(["file"]);
	});

	test("that drips ends when its time is over", async () => {
		const port = await serve(hostileGit({ pack: drippingPack }));
		const { source, workDirectory } = await makeSource({ limits: { fetchMs: 1500 } });
		const body = await errorOf(source.checkout(`http://127.0.0.1:${port}/a`, undefined));
		expect(body).toMatchObject({ code: "repo_unreachable", message: "git took too long to fetch the commit", retryable: true });
		await noProcessIn(workDirectory);
	});
});

/** The source files themselves: Node reads their TypeScript. */
const checkOutInAnotherProcess = `
import { GitSource } from ${JSON.stringify(join(import.meta.dirname, "../../src/adapters/git/git-source.ts"))};
import { Redactor } from ${JSON.stringify(join(import.meta.dirname, "../../src/redact.ts"))};
import { Untrusted } from ${JSON.stringify(join(import.meta.dirname, "../../src/untrusted.ts"))};
const redactor = new Redactor();
const { WORK: workDirectory, URL_TO_READ: url } = process.env;
const source = new GitSource({
	protocols: ["http"], token: async () => undefined, tokenHost: "github.com", workDirectory, redactor, untrusted: new Untrusted(redactor),
});
await source.checkout(url, undefined);
`;

describe("a list of refs", () => {
	test("without an end costs git its memory, and the machine no more than that", async () => {
		const port = await serve(hostileGit({ refs: manyRefs }));
		const { source, workDirectory } = await makeSource({ limits: { lookUpMemoryBytes: 128 * MiB } });
		for (const ref of [undefined, "main", "abcdef012345"]) {
			const body = await errorOf(source.checkout(`http://127.0.0.1:${port}/a`, ref));
			expect(body).toMatchObject({ code: "repo_not_allowed", retryable: false });
			expect(body.message).toBe(
				"git needed more than 128 MB of memory to list what the repository has, which is more than deploymill gives it",
			);
		}
		await noProcessIn(workDirectory);
	});

	test("that is long is read to its end, and not held", async () => {
		const port = await serve(hostileGit({ refs: () => manyRefs(100_000) }));
		const { source } = await makeSource();
		const body = await errorOf(source.checkout(`http://127.0.0.1:${port}/a`, "abcdef012345"));
		expect(body).toMatchObject({ code: "ref_not_found", message: expect.stringContaining("does not look up abbreviated commit ids") });
		const { source: narrow } = await makeSource({ limits: { outputBytes: MiB } });
		const refused = await errorOf(narrow.checkout(`http://127.0.0.1:${port}/a`, "abcdef012345"));
		expect(refused).toMatchObject({ code: "repo_not_allowed", message: expect.stringMatching(/^git told more than 1 MB/) });
	});
});

describe("garbage", () => {
	test.each([
		["in place of the list", hostileGit({ refs: () => [Buffer.from("zzzz<html>not git</html>")] })],
		["a list that is cut", hostileGit({ refs: () => [packet(`${promisedCommit} HEAD\0 shallow\n`).subarray(0, 20)] })],
		[
			"a list with a name of a megabyte",
			hostileGit({ refs: () => [packet(`${promisedCommit} refs/heads/${"a".repeat(60_000)}\0 shallow\n`)] }),
		],
		["in place of the pack", hostileGit({ pack: (response) => response.end("garbage".repeat(1000)) })],
		["no pack", hostileGit({})],
		[
			"a pack of four billion objects",
			hostileGit({ pack: (response) => response.end(packet(Buffer.from("\u0001PACK\0\0\0\u0002\u00ff\u00ff\u00ff\u00ff", "latin1"))) }),
		],
	])("%s is the repository's fault", async (_name, handler) => {
		const port = await serve(handler);
		const { source, workDirectory } = await makeSource({ limits: { memoryBytes: 256 * MiB } });
		for (const ref of [undefined, "main", promisedCommit]) {
			const body = await errorOf(source.checkout(`http://127.0.0.1:${port}/a`, ref));
			expect(["repo_unreachable", "repo_not_allowed", "ref_not_found"]).toContain(body.code);
		}
		expect(await readdir(workDirectory)).toEqual([]);
		await noProcessIn(workDirectory);
	});
});

describe("a commit whose files would fill the disk", () => {
	/** A folder that holds itself ten times over, `depth` deep, with the given entries at the bottom. */
	async function bomb(depth: number, bottom: string): Promise<TestRepository> {
		const repository = await TestRepository.create();
		await repository.commit("first", { file: "1" });
		let tree = await repository.writeTree(bottom);
		for (let level = 0; level < depth; level++) {
			tree = await repository.writeTree(Array.from({ length: 10 }, (_, index) => `040000 tree ${tree}\td${index}\n`).join(""));
		}
		const commit = await repository.git("commit-tree", "-m", "boom", tree);
		await repository.git("update-ref", "refs/heads/main", commit);
		return repository;
	}

	test("is refused by its number of files before one is written", async () => {
		const repository = await TestRepository.create();
		const blob = await repository.blob("x");
		for (const bottom of [`100644 blob ${blob}\tfile\n`, ""]) {
			const bombed = await bomb(8, bottom);
			await bombed.blob("x");
			const { source, workDirectory } = await makeSource();
			const body = await errorOf(source.checkout(bombed.directory, undefined));
			expect(body).toMatchObject({ code: "repo_not_allowed", retryable: false });
			expect(body.message).toBe("the commit has more than 200000 files and folders, which is more than deploymill checks out");
			expect(await readdir(workDirectory)).toEqual([]);
			// A reconcile does not mind: it reads one file.
			expect(await source.readFile(bombed.directory, undefined, "file")).not.toHaveProperty("text");
		}
	});

	test("is refused by their sum before one is written", async () => {
		const repository = await TestRepository.create();
		await repository.commit("first", { zeros: "0".repeat(3 * MiB), more: "0".repeat(3 * MiB) });
		const { source } = await makeSource({ limits: { treeBytes: 4 * MiB } });
		const body = await errorOf(source.checkout(repository.directory, undefined));
		expect(body).toMatchObject({ code: "repo_not_allowed" });
		expect(body.message).toBe("the commit has more than 4 MB of files, which is more than deploymill checks out");
	});

	test("is refused where attributes make more of them than git's list says", async () => {
		const repository = await TestRepository.create();
		await repository.commit("first", { ".gitattributes": "* ident", many: "$Id$\n".repeat(20_000) });
		const { source, workDirectory } = await makeSource({ limits: { treeBytes: MiB / 2 } });
		const body = await errorOf(source.checkout(repository.directory, undefined));
		expect(body).toMatchObject({ code: "repo_not_allowed", retryable: false });
		expect(body.message).toMatch(/^the commit's files take more than 512 KB when they are written|^git had to write more than 512 KB/);
		expect(await readdir(workDirectory)).toEqual([]);
	});

	/** As Git LFS is set up, with another program in its place. */
	const filtered = (smudge: string) => ({
		...cleanGitEnv,
		GIT_CONFIG_COUNT: "1",
		GIT_CONFIG_KEY_0: "filter.lfs.smudge",
		GIT_CONFIG_VALUE_0: smudge,
	});

	test("is ended where a filter of the user's makes too much of a file", async () => {
		const repository = await TestRepository.create();
		await repository.commit("first", { ".gitattributes": "*.bin filter=lfs", "a.bin": "1" });
		const { source, workDirectory } = await makeSource({ env: filtered("yes"), limits: { memoryBytes: 64 * MiB } });
		const body = await errorOf(source.checkout(repository.directory, undefined));
		expect(body).toMatchObject({ code: "repo_not_allowed", message: expect.stringMatching(/more than 64 MB of memory/) });
		await noProcessIn(workDirectory);
	});

	test("is ended while a filter writes on beside the work tree", async () => {
		const repository = await TestRepository.create();
		await repository.commit("first", { ".gitattributes": "*.bin filter=lfs", "a.bin": "1" });
		const fetches = `mkdir -p "$GIT_DIR/lfs"; for n in 1 2 3; do head -c ${MiB} /dev/zero > "$GIT_DIR/lfs/$n"; done; sleep 1000`;
		const { source, workDirectory } = await makeSource({ env: filtered(fetches), limits: { treeBytes: 2 * MiB } });
		const body = await errorOf(source.checkout(repository.directory, undefined));
		expect(body).toMatchObject({ code: "repo_not_allowed", message: "the commit's files take more than 2 MB when they are written" });
		await noProcessIn(workDirectory);
		expect(await readdir(workDirectory)).toEqual([]);
	});
});
