import { spawn } from "node:child_process";
import { once } from "node:events";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { CountedEngine } from "../support/counted-engine.ts";
import { type Deploymill, program } from "../support/deploymill.ts";
import type { ProjectRepo } from "../support/project-repo.ts";
import { TestBed } from "../support/test-bed.ts";
import { until } from "../support/until.ts";

const many = 150;

describe("Many calls at once", () => {
	let bed: TestBed;
	let engine: CountedEngine;
	let server: Deploymill;
	const repos: ProjectRepo[] = [];
	beforeAll(async () => {
		bed = await TestBed.open();
		engine = await CountedEngine.start(bed.path("engine.sock"), bed.sandbox.dockerHost);
		server = await bed.server({ DOCKER_HOST: engine.dockerHost });
		for (let n = 0; n < many; n++) repos.push(await bed.project(`app-${n}`, { fixture: "bare" }));
	});
	afterEach(() => engine.release());
	afterAll(async () => {
		await bed.close();
		await engine[Symbol.asyncDispose]();
	});

	it(`answers ${many} reconciles truly, and pings, lists and cancels before them`, { timeout: 600_000 }, async () => {
		let answered = 0;
		const reconciles = repos.map(({ repoUrl }) =>
			server.ok("reconcile_project", { repoUrl }).finally(() => {
				answered++;
			}),
		);
		const all = Promise.allSettled(reconciles);
		await server.client.ping();
		expect(answered).toBeLessThan(many);
		expect(await server.ok("list_applications")).toHaveProperty("applications");
		expect(answered).toBeLessThan(many);
		for (const tool of ["cancel_deployment", "get_deployment"]) {
			expect(await server.refusal(tool, { deploymentId: "dep-none" })).toMatchObject({ code: "deployment_not_found" });
		}
		expect(answered).toBeLessThan(many);
		let pings = 0;
		for (; answered < many; pings++) await server.client.ping();
		// A loop that stands still answers one ping, at the end.
		expect(pings).toBeGreaterThan(many);
		const faults = (await all).flatMap((result) => (result.status === "rejected" ? [String(result.reason)] : []));
		expect(faults).toEqual([]);
		const answers = await Promise.all(reconciles);
		expect(answers.map(({ applied, applicationId }) => [applied, applicationId])).toEqual(repos.map(({ name }) => [true, name]));
	});

	it("lists any number of applications with one listing of services", async () => {
		await server.reconcile(repos[0]!.repoUrl);
		engine.requests.length = 0;
		const { applications } = await server.ok("list_applications");
		expect((applications as unknown[]).length).toBeGreaterThanOrEqual(many);
		expect(engine.requests).toEqual(["GET /services"]);
	});

	it("says so where what is live cannot be asked", async () => {
		const away = await bed.server({ DOCKER_HOST: "unix:///nowhere/docker.sock" });
		const { applications } = (await away.ok("list_applications")) as { applications: object[] };
		expect(applications.length).toBeGreaterThanOrEqual(many);
		for (const application of applications) expect(application).toMatchObject({ liveUnknown: true });
	});

	it("refuses at once what would wait too long, and answers the rest", async () => {
		engine.hold();
		let refused = 0;
		const calls = Array.from({ length: 250 }, async () => {
			const { content } = await server.call("get_logs", { applicationId: repos[0]?.name, source: "runtime" });
			const { code, retryable } = (content.error ?? {}) as { code?: string; retryable?: boolean };
			if (code === "busy") refused++;
			return code === undefined ? "answered" : `${code} ${retryable}`;
		});
		await until(
			async () => refused,
			(seen) => seen > 0,
			120_000,
		);
		engine.release();
		const results = await Promise.all(calls);
		expect(new Set(results)).toEqual(new Set(["answered", "busy true"]));
		// The line is full with 4 that work and 200 that wait.
		expect(results.filter((result) => result === "answered").length).toBeGreaterThanOrEqual(204);
	});

	it("leaves when stdin ends, whatever is pending", async () => {
		engine.hold();
		const child = spawn(program.command, [program.file], {
			env: { PATH: process.env.PATH, ...bed.env({ DOCKER_HOST: engine.dockerHost }) },
			stdio: ["pipe", "pipe", "ignore"],
		});
		const exit = once(child, "exit");
		child.stdout.resume();
		const send = (message: object) => child.stdin.write(`${JSON.stringify({ jsonrpc: "2.0", ...message })}\n`);
		const hello = { protocolVersion: "2025-06-18", capabilities: {}, clientInfo: { name: "raw", version: "1" } };
		send({ id: 0, method: "initialize", params: hello });
		send({ method: "notifications/initialized" });
		for (let id = 1; id <= 500; id++) {
			const [name, args] = id % 2 === 0 ? ["reconcile_project", { repoUrl: repos[id % many]?.repoUrl }] : ["list_applications", {}];
			send({ id, method: "tools/call", params: { name, arguments: args } });
		}
		engine.requests.length = 0;
		await until(
			async () => engine.requests.length,
			(held) => held >= 32,
			60_000,
		);
		child.stdin.end();
		// Nothing is answered by Docker, so only leaving ends it.
		expect(await exit).toEqual([0, null]);
	});
});
