import { randomBytes } from "node:crypto";
import { readdir } from "node:fs/promises";
import type { RequestListener } from "node:http";
import { join } from "node:path";
import type { CallToolResult } from "@modelcontextprotocol/sdk/types.js";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { faultsOf, Secrets } from "../support/answer-rules.ts";
import { inWhole } from "../support/attack-part.ts";
import type { Content, Deploymill } from "../support/deploymill.ts";
import { processesIn } from "../support/git-processes.ts";
import { type HostileGitHost, hostileGitHosts } from "../support/hostile-git-hosts.ts";
import { drippingPack, hostileGit } from "../support/hostile-git-server.ts";
import { serve } from "../support/server.ts";
import { TestBed } from "../support/test-bed.ts";
import { until } from "../support/until.ts";
import { findOrders } from "../support/untrusted-text.ts";

/** Beyond every limit of git's own work that a quick answer can need. */
const deadlineMs = 240_000;

describe("A git host that", () => {
	let bed: TestBed;
	let server: Deploymill;
	let checkouts: string;
	const gitToken = `gtoken${randomBytes(12).toString("hex")}`;
	const secrets = new Secrets({ "git token": gitToken });

	beforeAll(async () => {
		bed = await TestBed.open();
		checkouts = join(bed.dataFolder, "checkouts");
		server = await start();
	});
	afterAll(() => bed.close());

	const start = () =>
		bed.server({ DEPLOYMILL_GIT_PROTOCOLS: "http,https", DEPLOYMILL_GIT_TOKEN: gitToken, DEPLOYMILL_GIT_TOKEN_HOST: "localhost" });

	for (const host of hostileGitHosts) {
		const attack = () => (host.refused ? expectRefusal(host, host.refused) : expectEndByCancel(host));
		(host.quick ? it : inWhole)(
			`${host.what}: ${host.refused ? "refused" : "ended with the call"}, and nothing is left`,
			attack,
			2 * deadlineMs,
		);
	}

	it("is fetched from when the server is killed: git ends too, and the next server removes what it left", async () => {
		const visited = Promise.withResolvers<void>();
		const port = await serve(
			hostileGit({
				pack: (response) => {
					visited.resolve();
					drippingPack(response);
				},
			}),
		);
		const dying = await start();
		const call = dying.client.callTool({
			name: "reconcile_project",
			arguments: { repoUrl: `http://127.0.0.1:${port}/x.git`, dryRun: true },
		});
		await visited.promise;
		await Promise.all([expect(call).rejects.toThrow(), dying.kill()]);
		await until(
			() => processesIn(checkouts),
			(left) => left.length === 0,
		);
		const next = await start();
		await until(
			() => readdir(checkouts),
			(left) => left.length === 0,
		);
		await next.close();
	});

	async function expectRefusal(host: HostileGitHost, codes: string[]): Promise<void> {
		const { repoUrl, visits, headers } = await open(host);
		const { error } = await call({ repoUrl, dryRun: true });
		expect(codes).toContain((error as { code: string }).code);
		expect(visits()).toBe(0);
		expect(secrets.findIn(JSON.stringify(headers))).toEqual([]);
		await expectNothingLeft();
	}

	async function expectEndByCancel(host: HostileGitHost): Promise<void> {
		const { repoUrl, asked } = await open(host);
		const cancel = new AbortController();
		const args = { name: "reconcile_project", arguments: { repoUrl, dryRun: true } };
		const call = server.client.callTool(args, undefined, { timeout: deadlineMs, signal: cancel.signal });
		await asked;
		await until(
			() => processesIn(checkouts),
			(running) => running.length > 0,
		);
		cancel.abort();
		await expect(call).rejects.toThrow();
		await expectNothingLeft();
		await server.client.ping();
	}

	/** Every answer keeps the rules of all, and the host's words stand in a fence. */
	async function call(args: Content): Promise<Content> {
		const pinged = server.client.ping({ timeout: deadlineMs });
		const params = { name: "reconcile_project", arguments: args };
		const result = (await server.client.callTool(params, undefined, { timeout: deadlineMs })) as CallToolResult;
		await pinged;
		const [block] = result.content;
		const content = JSON.parse(block?.type === "text" ? block.text : "null") as Content;
		expect(faultsOf("reconcile_project", result, secrets)).toEqual([]);
		expect(findOrders(content).filter(({ text }) => !/^<(untrusted-[0-9a-f]{12}) /.test(text))).toEqual([]);
		return content;
	}

	async function open(host: HostileGitHost) {
		const asked = Promise.withResolvers<void>();
		const headers: unknown[] = [];
		let visits = 0;
		const inner = await serve((_request, response) => {
			visits++;
			response.end();
		});
		const listener = host.listener(`http://127.0.0.1:${inner}`);
		const port = await serve(((request, response) => {
			asked.resolve();
			headers.push(request.headers);
			return listener(request, response);
		}) as RequestListener);
		return { repoUrl: `http://127.0.0.1:${port}/x.git`, asked: asked.promise, headers, visits: () => visits };
	}

	async function expectNothingLeft(): Promise<void> {
		await until(
			() => processesIn(checkouts),
			(left) => left.length === 0,
		);
		await until(
			() => readdir(checkouts).catch(() => []),
			(left) => left.length === 0,
		);
	}
});
