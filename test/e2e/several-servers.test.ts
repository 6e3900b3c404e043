import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { DeploymentAnswer } from "../support/deployment-answer.ts";
import type { Deploymill } from "../support/deploymill.ts";
import { dockerfileWith } from "../support/dockerfile.ts";
import { TestBed } from "../support/test-bed.ts";

/** A build that takes long enough that others can come while it runs. */
const slowBuild = (bed: TestBed, seconds: number) => ({ Dockerfile: dockerfileWith(`sleep ${seconds}; : ${bed.prefix}`) });

describe("Several servers share one data folder", () => {
	let bed: TestBed;
	let servers: Deploymill[];
	beforeAll(async () => {
		bed = await TestBed.open();
		servers = await Promise.all([bed.server(), bed.server(), bed.server()]);
	});
	afterAll(() => bed.close());

	it("one deploy runs, the other is told who holds the lock; all three servers see the same end", async () => {
		const [first, second, third] = servers as [Deploymill, Deploymill, Deploymill];
		const repo = await bed.project("contested", { files: slowBuild(bed, 2) });
		const ids = await Promise.all(servers.map((server) => server.reconcile(repo.repoUrl)));
		expect(new Set(ids)).toEqual(new Set([repo.name]));
		const [applicationId] = ids;
		const answers = await Promise.all([first, second].map((server) => server.call("deploy", { applicationId, wait: 120 })));
		const ended = answers.find(({ isError }) => !isError)?.content as unknown as DeploymentAnswer;
		const refused = answers.find(({ isError }) => isError)?.content;
		expect(ended).toMatchObject({ outcome: "live" });
		expect(refused?.error).toMatchObject({
			code: "deploy_in_progress",
			retryable: true,
			message: expect.stringContaining(ended.deploymentId),
			details: { deploymentId: ended.deploymentId, requestedBy: ended.requestedBy, since: expect.stringMatching(/Z$/) },
		});
		const seen = await Promise.all(servers.map((server) => server.history(repo.name)));
		for (const history of seen) expect(history).toMatchObject([{ deploymentId: ended.deploymentId, outcome: "live", current: true }]);
		expect(await third.deployment("deploy", { applicationId })).toMatchObject({ outcome: "unchanged" });
	});

	it("deploys of different apps do not wait for each other", async () => {
		const [first, second] = servers as [Deploymill, Deploymill];
		const repos = await Promise.all(["left", "right"].map((label) => bed.project(label)));
		const [left, right] = await Promise.all([
			first.reconcile(repos[0]!.repoUrl).then((applicationId) => first.deployment("deploy", { applicationId })),
			second.reconcile(repos[1]!.repoUrl).then((applicationId) => second.deployment("deploy", { applicationId })),
		]);
		expect([left.outcome, right.outcome]).toEqual(["live", "live"]);
		expect(Date.parse(left.startedAt)).toBeLessThan(Date.parse(right.finishedAt!));
		expect(Date.parse(right.startedAt)).toBeLessThan(Date.parse(left.finishedAt!));
	});
});

describe("The client goes away in the middle of a deploy", () => {
	let bed: TestBed;
	beforeAll(async () => {
		bed = await TestBed.open();
	});
	afterAll(() => bed.close());

	it.for([
		["closes its end of stdin", (server: Deploymill) => server.close()],
		["and the server is killed", (server: Deploymill) => server.kill("SIGKILL")],
	] as const)("%s: the deployment goes on to its end, and a new server shows it", async ([how, leave]) => {
		const repo = await bed.project(how.startsWith("closes") ? "closed" : "killed", { files: slowBuild(bed, 3) });
		const server = await bed.server();
		const applicationId = await server.reconcile(repo.repoUrl);
		const started = await server.deployment("deploy", { applicationId, wait: 0, requestId: "once" });
		expect(started).toMatchObject({ status: "running" });
		await leave(server);
		const successor = await bed.server();
		expect(await successor.history(applicationId)).toMatchObject([{ deploymentId: started.deploymentId, status: "running" }]);
		const ended = await successor.deployment("get_deployment", { deploymentId: started.deploymentId });
		expect(ended).toMatchObject({ status: "done", outcome: "live", health: { verdict: "healthy" }, current: true });
		expect(await bed.see(repo)).toBe("one");
		// The client's own retry after the lost call starts nothing new.
		const retried = await successor.deployment("deploy", { applicationId, requestId: "once" });
		expect(retried.deploymentId).toBe(started.deploymentId);
	});
});
