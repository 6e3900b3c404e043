// Where a git host may lead git: nowhere but to itself.

import { writeFile } from "node:fs/promises";
import type { RequestListener } from "node:http";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { makeCertificate } from "../support/certificate.ts";
import { TestRepository, temporaryFolder } from "../support/git-repository.ts";
import { gitBackend } from "../support/git-server.ts";
import { cleanGitEnv, errorOf, makeSource } from "../support/git-source.ts";
import { serve } from "../support/server.ts";

async function repositoryOnDisk() {
	const repository = await TestRepository.create();
	const first = await repository.commit("first", { file: "1" });
	const sha = await repository.commit("second", { file: "2" });
	return { repository, first, sha };
}

/** Answers what lies below `from` with a redirect to the same below `to`; the rest by `inner`. */
function redirecting(from: string, to: string, inner: RequestListener, status = 301): RequestListener {
	return (request, response) => {
		const url = request.url ?? "";
		if (!url.startsWith(from)) return inner(request, response);
		return response.writeHead(status, { location: `${to}${url.slice(from.length)}` }).end();
	};
}

const refused = { code: "repo_unreachable", retryable: false, message: expect.stringMatching(/redirected elsewhere/) };

describe("a redirect", () => {
	test.each([301, 302, 307, 308])("%d to the repository's new name on the host is followed", async (status) => {
		const { repository, first, sha } = await repositoryOnDisk();
		const port = await serve(redirecting("/old/name", "/repo.git", gitBackend(repository.directory), status));
		const { source } = await makeSource();
		const url = `http://127.0.0.1:${port}/old/name`;
		await using checkout = await source.checkout(url, "main");
		expect(checkout.commit.sha).toBe(sha);
		expect(await source.readFile(url, undefined, "file")).toMatchObject({ text: "2", ref: "main" });
		expect(await source.readFile(url, first, "file")).toMatchObject({ text: "1" });
		expect((await source.commitsBetween(url, first, sha, 5))?.map(({ message }) => message)).toEqual(["second"]);
	});

	test("over several names is followed, round in a circle it is not", async () => {
		const { repository, sha } = await repositoryOnDisk();
		const inner = gitBackend(repository.directory);
		const port = await serve(redirecting("/a", "/b", redirecting("/b", "/repo.git", redirecting("/round", "/round", inner))));
		const { source } = await makeSource();
		await using checkout = await source.checkout(`http://127.0.0.1:${port}/a`, undefined);
		expect(checkout.commit.sha).toBe(sha);
		expect(await errorOf(source.checkout(`http://127.0.0.1:${port}/round`, undefined))).toMatchObject(refused);
	});

	test("to anywhere else is refused, and nobody there is asked", async () => {
		const { repository } = await repositoryOnDisk();
		const asked: string[] = [];
		const inner = gitBackend(repository.directory);
		const other = await serve((request, response) => {
			asked.push(request.url ?? "");
			inner(request, response);
		});
		for (const target of [
			`http://127.0.0.1:${other}/repo.git`,
			`http://localhost:${other}/repo.git`,
			`http://127.0.0.1:${other}`,
			"file:///etc",
			"ssh://git@127.0.0.1/repo.git",
			"ext::sh -c id",
			`http://ada:secret@127.0.0.1:${other}/repo.git`,
		]) {
			const port = await serve(redirecting("/repo.git", target, inner, 302));
			const { source } = await makeSource();
			for (const call of [
				() => source.checkout(`http://127.0.0.1:${port}/repo.git`, undefined),
				() => source.readFile(`http://127.0.0.1:${port}/repo.git`, "main", "file"),
				() => source.commitsBetween(`http://127.0.0.1:${port}/repo.git`, "1".repeat(40), "2".repeat(40), 5),
			]) {
				expect([target, await errorOf(call())]).toEqual([target, expect.objectContaining(refused)]);
			}
		}
		expect(asked).toEqual([]);
	});

	test("is named, cleaned and cut", async () => {
		const port = await serve(redirecting("/repo.git", `http://inner.example/${"a".repeat(1000)}`, (_request, response) => response.end()));
		const { source } = await makeSource();
		const { details } = await errorOf(source.checkout(`http://127.0.0.1:${port}/repo.git`, undefined));
		expect(details?.redirectedTo).toMatch(/^http:\/\/inner\.example\/a{100,200}…$/);
	});

	test("of the pack alone is not followed either", async () => {
		const { repository } = await repositoryOnDisk();
		const inner = gitBackend(repository.directory);
		let asked = 0;
		const other = await serve((request, response) => {
			asked++;
			inner(request, response);
		});
		const port = await serve((request, response) => {
			if (request.method === "GET") return inner(request, response);
			return response.writeHead(307, { location: `http://127.0.0.1:${other}${request.url}` }).end();
		});
		const { source } = await makeSource();
		expect(await errorOf(source.checkout(`http://127.0.0.1:${port}/repo.git`, undefined))).toMatchObject(refused);
		expect(asked).toBe(0);
	});

	test("of a dumb server to another one's files is not followed", async () => {
		const asked: string[] = [];
		const other = await serve((request, response) => {
			asked.push(request.url ?? "");
			response.writeHead(404).end();
		});
		const port = await serve((request, response) => {
			const path = request.url ?? "";
			if (path.endsWith("/objects/info/http-alternates")) return response.end(`http://127.0.0.1:${other}/repo.git/objects\n`);
			if (path.includes("/info/refs")) return response.end(`${"1".repeat(40)}\trefs/heads/main\n`);
			if (path.endsWith("/HEAD")) return response.end("ref: refs/heads/main\n");
			return response.writeHead(404).end();
		});
		const { source } = await makeSource();
		for (const ref of [undefined, "main", "1".repeat(40)]) {
			expect(await errorOf(source.checkout(`http://127.0.0.1:${port}/repo.git`, ref))).toMatchObject({ code: "repo_unreachable" });
		}
		expect(asked).toEqual([]);
	});

	test("is refused also where the user has git follow all", async () => {
		const { repository } = await repositoryOnDisk();
		let asked = 0;
		const other = await serve((_request, response) => {
			asked++;
			response.writeHead(404).end();
		});
		const port = await serve(redirecting("/repo.git", `http://127.0.0.1:${other}/repo.git`, gitBackend(repository.directory)));
		const env = { ...cleanGitEnv, GIT_CONFIG_COUNT: "1", GIT_CONFIG_KEY_0: "http.followRedirects", GIT_CONFIG_VALUE_0: "true" };
		const { source } = await makeSource({ env });
		expect(await errorOf(source.checkout(`http://127.0.0.1:${port}/repo.git`, undefined))).toMatchObject(refused);
		expect(asked).toBe(0);
	});
});

describe("the token", () => {
	test("goes along a redirect on its host, and with none to another", async () => {
		const { repository, sha } = await repositoryOnDisk();
		const certificate = await makeCertificate(["IP:127.0.0.1"]);
		const authority = join(await temporaryFolder(), "ca.pem");
		await writeFile(authority, certificate.cert);
		const seen: (string | undefined)[] = [];
		const backend = gitBackend(repository.directory);
		const inner: RequestListener = (request, response) => {
			seen.push(request.headers.authorization);
			if (!request.headers.authorization) return response.writeHead(401, { "www-authenticate": 'Basic realm="git"' }).end();
			return backend(request, response);
		};
		const port = await serve(redirecting("/old", "/repo.git", inner), certificate);
		const env = { ...cleanGitEnv, GIT_SSL_CAINFO: authority };
		const { source } = await makeSource({ env, tokenHost: `127.0.0.1:${port}`, gitToken: "s3cret-token-of-the-test" });
		await using checkout = await source.checkout(`https://127.0.0.1:${port}/old`, undefined);
		expect(checkout.commit.sha).toBe(sha);
		expect(seen.length).toBeGreaterThan(0);
		expect(seen.every((header) => header?.startsWith("Basic "))).toBe(true);
	});
});
