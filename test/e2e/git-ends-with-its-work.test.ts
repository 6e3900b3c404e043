// Git ends with what it works for: a call that is cancelled, a server that leaves or is killed, a deployment that is cancelled.
import { readdir } from "node:fs/promises";
import http, { type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { processesIn } from "../support/git-processes.ts";
import { TestRepository } from "../support/git-repository.ts";
import { gitBackend } from "../support/git-server.ts";
import { endlessPack, hostileGit } from "../support/hostile-git-server.ts";
import { TestBed } from "../support/test-bed.ts";
import { until } from "../support/until.ts";
import { workerOf } from "../support/workers.ts";

describe("A pack without an end", () => {
	let bed: TestBed;
	let host: Server;
	let repoUrl: string;
	/** Answers for one repository as long as it is there. */
	let honest: RequestListener | undefined;

	beforeAll(async () => {
		bed = await TestBed.open();
		const endless = hostileGit({ pack: endlessPack });
		host = http.createServer((request, response) => (honest && request.url?.startsWith("/turned-") ? honest : endless)(request, response));
		await new Promise<void>((resolve) => host.listen(0, "127.0.0.1", resolve));
		repoUrl = `http://127.0.0.1:${(host.address() as AddressInfo).port}/endless.git`;
	});
	afterAll(async () => {
		host.closeAllConnections();
		host.close();
		await bed.close();
	});

	const overHttp = { DEPLOYMILL_GIT_PROTOCOLS: "https,ssh,file,http" };
	const checkouts = () => join(bed.dataFolder, "checkouts");
	const left = () => readdir(checkouts());

	/** Beside the server's own command line, which does not hold the folder. */
	const gitWorks = () =>
		until(
			() => processesIn(checkouts()),
			(seen) => seen.some((command) => command.includes("index-pack")),
		);
	const gitIsGone = () =>
		until(
			() => processesIn(checkouts()),
			(seen) => seen.length === 0,
		);

	it.each([{ dryRun: true }, { dryRun: false }])("ends with a reconcile that is cancelled (%j), and leaves nothing", async ({ dryRun }) => {
		await using server = await bed.server(overHttp);
		const cancel = new AbortController();
		const call = server.call("reconcile_project", { repoUrl, dryRun }, { signal: cancel.signal });
		const outcome = expect(call).rejects.toThrow();
		await gitWorks();
		cancel.abort();
		await outcome;
		await gitIsGone();
		await until(left, (names) => names.length === 0);
		expect(await server.ok("list_applications")).toEqual({ applications: [] });
		expect(server.stderr).not.toContain('"level":50');
	});

	it.each(["leaves", "is killed"])("ends with a server that %s; the next one removes what is left", async (how) => {
		const server = await bed.server(overHttp);
		const outcome = expect(server.call("reconcile_project", { repoUrl })).rejects.toThrow();
		await gitWorks();
		await (how === "leaves" ? server.close() : server.kill());
		await outcome;
		await gitIsGone();
		await using _next = await bed.server();
		await until(left, (names) => names.length === 0);
	});

	it.each(["is cancelled", "is killed"])("ends with a worker that %s", async (how) => {
		await using server = await bed.server(overHttp);
		const label = how.replace(" ", "-");
		const repo = await bed.project(label, { fixture: "worker", project: { rollback: false } });
		await new TestRepository(repo.repoUrl).git("clone", "--quiet", "--bare", repo.repoUrl, bed.path(`turned-${label}.git`));
		honest = gitBackend(bed.path(`turned-${label}.git`));
		const applicationId = await server.reconcile(new URL(`/turned-${label}.git`, repoUrl).href);
		honest = undefined;
		const { deploymentId } = await server.deployment("deploy", { applicationId, wait: 0 });
		await gitWorks();
		if (how === "is cancelled") {
			await server.deployment("cancel_deployment", { deploymentId });
			expect(await server.deployment("get_deployment", { deploymentId })).toMatchObject({ status: "cancelled" });
		} else {
			process.kill((await workerOf(bed.dataFolder, deploymentId)).pid, "SIGKILL");
		}
		await gitIsGone();
		await using _next = await bed.server();
		await until(left, (names) => names.length === 0);
	});
});
