// The bake: what becomes of a release that its gate found healthy, and that goes bad, or is replaced, or is watched by nobody, after that.
import { afterAll, beforeAll, describe, it } from "vitest";
import { AppStory, judged, type Release } from "../support/app-story.ts";
import type { Behaviour } from "../support/behaviour.ts";
import type { DeploymentAnswer } from "../support/deployment-answer.ts";
import type { Deploymill } from "../support/deploymill.ts";
import { TestBed } from "../support/test-bed.ts";
import { until } from "../support/until.ts";
import { Watcher } from "../support/watcher.ts";
import { workerOf, workersOf } from "../support/workers.ts";

const baking = (bake: string) => ({ health: { ...judged, bake } });

/** Its edges fail for ever once the gate is long over; its container's own check finds it well. */
const turning = (version: string): Behaviour => ({
	version,
	turns: { afterMs: 15_000, health: { default: [500], "127.0.0.1": [200] } },
});

function overOf(server: Deploymill, { deploymentId }: Pick<Release, "deploymentId">, patienceMs = 180_000): Promise<DeploymentAnswer> {
	return until(
		() => server.deployment("get_deployment", { deploymentId, wait: 0 }),
		({ status, bake }) => status !== "running" && bake !== undefined && bake.state !== "running",
		patienceMs,
	);
}

/** They are watched for a while, so they are side by side. */
describe.concurrent("A release whose gate found it healthy, in its bake", () => {
	let bed: TestBed;
	let server: Deploymill;
	beforeAll(async () => {
		bed = await TestBed.open();
		server = await bed.server();
	});
	afterAll(() => bed.close());

	it("goes bad at its edges: with auto it is reverted, once", async ({ expect }) => {
		const app = await AppStory.begin(bed, server, "auto", { project: { rollback: "auto", ...baking("5m") } });
		const one = await app.release({ version: "one" });
		const two = await app.release(turning("two"));
		expect(two).toMatchObject({ status: "done", outcome: "live", health: { verdict: "healthy" }, bake: { state: "running" } });
		expect(two.next).toMatchObject([{ tool: "get_deployment", args: { deploymentId: two.deploymentId } }]);
		const over = await overOf(server, two);
		expect(over).toMatchObject({
			status: "error",
			outcome: "rolled_back",
			rolledOver: true,
			current: false,
			health: { verdict: "unhealthy", edges: [{ verdict: "unhealthy", status: 500 }] },
			lastLines: [{ output: expect.stringContaining("version two starts") }],
			bake: { state: "failed", because: "1 of 1 edges failed (answered 500, wanted 200)" },
			autoRollback: { attempted: true, during: "bake", toLastHealthy: true, recovered: true, rollbackId: one.rollbackId },
			autoRollbackNote: expect.stringMatching(/^It went bad in its bake, so .* was put back; it is healthy\. Fix forward/),
		});
		await app.expectLive(one, over.autoRollback?.deploymentId);
		await using watcher = new Watcher(bed.env(), "--json", "--since", "1h");
		expect(await watcher.eventsOf(two.deploymentId, "rolled_back")).toEqual(["live", "bake_failed", "rolled_back"]);
		expect(await app.listed(over.autoRollback?.deploymentId)).toMatchObject({ kind: "auto_rollback", outcome: "live", current: true });
		expect(await app.listed(two.deploymentId)).toMatchObject({ verdict: "unhealthy", bake: { state: "failed" } });
		expect(await server.history(app.applicationId)).toHaveLength(3);
		expect(await app.call("deploy", "two")).toMatchObject({ outcome: "failed", error: { code: "known_bad_release" } });
	});

	it("goes bad at its edges: with true it stays, and is said to be unhealthy", async ({ expect }) => {
		const app = await AppStory.begin(bed, server, "stays", { project: { rollback: true, ...baking("5m") } });
		await app.release({ version: "one" });
		const two = await app.release(turning("two"));
		const over = await overOf(server, two);
		expect(over).toMatchObject({
			status: "done",
			outcome: "live_unhealthy",
			current: true,
			health: { verdict: "unhealthy" },
			bake: { state: "failed" },
		});
		expect(over).not.toHaveProperty("autoRollback");
		expect(over.next?.map(({ tool }) => tool)).toContain("rollback");
		await app.expectLive(two, two.deploymentId);
		expect(await server.history(app.applicationId)).toHaveLength(2);
	});

	it("ends again and again while its edges answer well in between: that is told at the end, and nothing is reverted", async ({
		expect,
	}) => {
		const app = await AppStory.begin(bed, server, "crashes", { project: { rollback: "auto", ...baking("75s") } });
		await app.release({ version: "one" });
		const two = await app.release({ version: "two", exit: { code: 3, words: "out of memory", afterMs: 20_000 } });
		expect(two).toMatchObject({ outcome: "live", bake: { state: "running" } });
		const over = await overOf(server, two);
		expect(over).toMatchObject({
			status: "done",
			outcome: "live_unhealthy",
			health: { verdict: "unhealthy" },
			bake: { state: "failed", because: expect.stringContaining("a task ended twice") },
			autoRollback: { attempted: false, during: "bake", reason: "partial_outage" },
		});
		expect(Date.parse(over.finishedAt ?? "")).toBeGreaterThanOrEqual(Date.parse(two.bake?.until ?? ""));
		expect((await bed.swarm.service(app.applicationId))?.labels["deploymill.deployment"]).toBe(two.deploymentId);
	});

	it("of a worker that ends again and again: its bake fails, and that is all", async ({ expect }) => {
		const repo = await bed.project("queue", { fixture: "worker", project: { rollback: "auto", health: { bake: "5m" } } });
		const applicationId = await server.reconcile(repo.repoUrl);
		await server.deployment("deploy", { applicationId });
		await repo.commit("Version two", { behaviour: { version: "two", exit: { code: 3, words: "no queue", afterMs: 15_000 } } });
		const two = await server.deployment("deploy", { applicationId });
		expect(two).toMatchObject({ outcome: "live", health: { verdict: null }, bake: { state: "running" } });
		const over = await overOf(server, two);
		expect(over).toMatchObject({ status: "done", outcome: "live", bake: { state: "failed", because: "a task ended twice" } });
		expect(over).not.toHaveProperty("autoRollback");
		expect(over.finishedAt).toBe(two.finishedAt);
	});

	it("bakes well, and is what one goes back to rather than one whose bake was cut short", async ({ expect }) => {
		const app = await AppStory.begin(bed, server, "well", { project: { rollback: true, ...baking("10s") } });
		const one = await app.release({ version: "one" });
		const { applications } = await server.ok("list_applications");
		expect(applications).toContainEqual(expect.objectContaining({ current: expect.objectContaining({ bake: one.bake }) }));
		const over = await overOf(server, one);
		expect(over).toMatchObject({ status: "done", outcome: "live", health: { verdict: "healthy" }, bake: { state: "passed" } });
		expect(over.bake).not.toHaveProperty("because");
		expect(over).not.toHaveProperty("next");
		const two = await app.release({ version: "two" }, { project: baking("10m") });
		const three = await app.release({ version: "three" });
		expect(await overOf(server, two)).toMatchObject({
			outcome: "live",
			bake: { state: "cut_short", because: `${three.deploymentId} (deploy) began` },
		});
		expect(three).toMatchObject({ bake: { state: "running" } });
		const preview = await server.ok("rollback", { applicationId: app.applicationId, rollbackId: two.rollbackId, dryRun: true });
		expect(preview.warnings).toEqual(
			expect.arrayContaining([
				"the target was not trusted to the end (its bake: cut_short)",
				expect.stringMatching(/^what is live is in its bake until /),
			]),
		);
		const back = await app.call("rollback", "one", {});
		expect(back).toMatchObject({ outcome: "live", target: { deploymentId: one.deploymentId }, bake: { state: "running" } });
		expect((await app.listed(three.deploymentId))?.bake).toEqual({ state: "cut_short" });
		await app.expectLive(one, back.deploymentId);
	});

	it("loses its worker: another one goes on, and the gap is told", async ({ expect }) => {
		const app = await AppStory.begin(bed, server, "resumed", { project: { rollback: "auto", ...baking("120s") } });
		const one = await app.release({ version: "one" });
		const { pid } = await workerOf(bed.dataFolder, one.deploymentId);
		process.kill(pid, "SIGKILL");
		await until(
			async () => (await server.ok("list_applications")) && (await workersOf(bed.dataFolder)),
			(workers) => workers.some((worker) => worker.deploymentId === one.deploymentId && worker.pid !== pid),
			60_000,
		);
		expect(await overOf(server, one)).toMatchObject({
			outcome: "live",
			bake: { state: "passed", because: expect.stringMatching(/^nobody watched for \d+ s of it$/) },
		});
	});

	it("goes bad after it lost its worker: the one that goes on reverts it", async ({ expect }) => {
		const app = await AppStory.begin(bed, server, "badlater", { project: { rollback: "auto", ...baking("5m") } });
		const one = await app.release({ version: "one" });
		const two = await app.release(turning("two"));
		process.kill((await workerOf(bed.dataFolder, two.deploymentId)).pid, "SIGKILL");
		const over = await overOf(server, two);
		expect(over).toMatchObject({ outcome: "rolled_back", bake: { state: "failed" }, autoRollback: { during: "bake", recovered: true } });
		await app.expectLive(one, over.autoRollback?.deploymentId);
	});
});

describe("A release in its bake whose worker and server are gone", () => {
	let bed: TestBed;
	beforeAll(async () => {
		bed = await TestBed.open();
	});
	afterAll(() => bed.close());

	it("is unobserved when nobody looks until it is over, and stays as it was", async ({ expect }) => {
		const server = await bed.server();
		const app = await AppStory.begin(bed, server, "unseen", { project: { rollback: "auto", ...baking("20s") } });
		await app.release({ version: "one" });
		const two = await app.release(turning("two"));
		process.kill((await workerOf(bed.dataFolder, two.deploymentId)).pid, "SIGKILL");
		await server.kill();
		const isLongOver = Date.parse(two.bake?.until ?? "") + 20_000;
		await until(
			async () => Date.now(),
			(now) => now > isLongOver,
			120_000,
		);
		const next = await bed.server();
		const over = await next.deployment("get_deployment", { deploymentId: two.deploymentId, wait: 0 });
		expect(over).toMatchObject({
			status: "done",
			outcome: "live",
			health: { verdict: "healthy" },
			current: true,
			bake: { state: "unobserved", because: "nobody watched its end, or the better part of it" },
		});
		expect(over).not.toHaveProperty("autoRollback");
		// How it is by now is what asking tells.
		expect(await next.ok("get_app_health", { applicationId: app.applicationId })).toMatchObject({
			verdict: "unhealthy",
			bake: { state: "unobserved" },
		});
	});
});
