import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { AppStory, atTheEdges, type Release } from "../support/app-story.ts";
import { TestBed } from "../support/test-bed.ts";

describe("What an app would be reverted to is bad as well, or gone", () => {
	let bed: TestBed;
	let app: AppStory;
	let stillborn: Release;
	let one: Release;
	let two: Release;
	let stricter: Release;

	beforeAll(async () => {
		bed = await TestBed.open();
		app = await AppStory.begin(bed, await bed.server(), "noway", { project: { rollback: "auto" } });
	});
	afterAll(() => bed.close());

	it("nothing: the very first version is bad, and stays", async () => {
		stillborn = await app.release({ version: "stillborn", ...atTheEdges(500) });
		expect(stillborn).toMatchObject({ isError: false, status: "done", outcome: "live_unhealthy", rolledOver: true });
		expect(stillborn.autoRollback).toEqual({ attempted: false, reason: "no_rollback_point" });
		await app.expectLive(stillborn, stillborn.deploymentId);
		const { applicationId, server } = app;
		const health = (await server.ok("get_app_health", { applicationId })) as Pick<Release, "next">;
		for (const { next = [] } of [stillborn, health]) {
			expect(next.map(({ tool }) => tool)).toContain("list_deployments");
			for (const { tool, args } of next) await server.ok(tool, args);
		}
	});

	it("gone from the registry: the point is given up, and the next earlier healthy one is taken", async () => {
		one = await app.release({ version: "one" });
		two = await app.release({ version: "two" });
		expect([one.outcome, two.outcome]).toEqual(["live", "live"]);
		await forget(two);
		const bad = await app.release({ version: "bad", ...atTheEdges(500) });
		await app.expectReverted(bad, one);
		expect(await app.listed(two.deploymentId)).toMatchObject({
			rollbackable: false,
			notRollbackableBecause: "the registry no longer has its image",
		});
	});

	it("all of them gone: the bad one stays, and it is said that nothing could be put back", async () => {
		await forget(one);
		const worse = await app.release({ version: "worse", ...atTheEdges(500) });
		await app.expectBadStays(worse);
		expect(worse.autoRollback).toEqual({ attempted: false, reason: "no_rollback_point" });
	});

	it("a rollback by hand to an image that is gone is refused", async () => {
		const { applicationId } = app;
		expect(await app.server.refusal("rollback", { applicationId, rollbackId: one.rollbackId })).toMatchObject({
			code: "rollback_not_usable",
			details: { because: "the registry no longer has its image" },
		});
	});

	it("bad by now, as the edges see it: degraded, after exactly one revert", async () => {
		const { applicationId, server } = app;
		await server.ok("set_env_vars", { applicationId, set: { DATABASE: "there" } });
		const fussy = await app.release({ version: "fussy", withoutEnv: { name: "DATABASE", ...inside(200, 500) } });
		expect(fussy).toMatchObject({ outcome: "live", health: { verdict: "healthy" } });
		await server.ok("set_env_vars", { applicationId, unset: ["DATABASE"] });
		const bad = await app.release({ version: "bad too", ...atTheEdges(500) });
		await app.expectDegraded(bad, fussy);
		expect(bad.next?.map(({ tool }) => tool)).toContain("set_env_vars");
		const reader = await bed.server({ DEPLOYMILL_READ_ONLY: "true" });
		const { next = [] } = await reader.deployment("get_deployment", { deploymentId: bad.deploymentId });
		expect(next.map(({ tool }) => tool)).toEqual(["get_app_health", "get_logs"]);
		expect(bad.autoRollbackNote).toMatch(/is unhealthy too: something broader is wrong/);
		expect(bad.autoRollbackNote).toMatch(
			/It fails in the same way \(http\S+: answered 500, wanted 200\), which speaks against the new code/,
		);
		expect(bad.autoRollback?.changedSince).toEqual({ env: ["DATABASE"], config: [] });
		expect(bad.autoRollbackNote).toContain("Changed since that was live, and not taken back: env DATABASE.");
		expect(bad.next?.map(({ tool }) => tool)).toContain("get_app_health");
	});

	it("bad by now, as Swarm sees it: the revert is refused, and what ran before it runs on", async () => {
		const { applicationId, server } = app;
		await server.ok("set_env_vars", { applicationId, set: { DATABASE: "there" } });
		stricter = await app.release({ version: "stricter", withoutEnv: { name: "DATABASE", ...inside(500, 500) } });
		expect(stricter).toMatchObject({ outcome: "live", health: { verdict: "healthy" } });
		await server.ok("set_env_vars", { applicationId, unset: ["DATABASE"] });
		const bad = await app.release({ version: "bad again", ...atTheEdges(500) });
		expect(bad).toMatchObject({
			isError: true,
			status: "error",
			outcome: "degraded",
			current: true,
			health: { verdict: "unhealthy" },
			autoRollback: { attempted: true, recovered: false, reason: "swap_failed", rollbackId: stricter.rollbackId },
			orchestrator: { updateState: "rollback_completed" },
		});
		expect(bad.autoRollbackNote).toMatch(/the revert to \S+ failed/);
		expect(bad.swaps).toEqual([bad.image?.digest, stricter.image?.digest, bad.image?.digest]);
		expect(await app.listed(bad.autoRollback?.deploymentId)).toMatchObject({ kind: "auto_rollback", outcome: "orchestrator_rolled_back" });
		await app.expectLive(bad, bad.deploymentId);
	});

	it("and when all is well again, the same point can be gone back to", async () => {
		await app.server.ok("set_env_vars", { applicationId: app.applicationId, set: { DATABASE: "there" } });
		const back = await app.rollBack(stricter);
		expect(back).toMatchObject({ isError: false, outcome: "live", health: { verdict: "healthy" } });
		await app.expectLive(stricter, back.deploymentId);
	});

	it("a bad one that is not live any more sends nobody to take back what is", async () => {
		const { next = [] } = await app.server.deployment("get_deployment", { deploymentId: stillborn.deploymentId });
		expect(next.map(({ tool }) => tool)).toEqual(["get_logs", "get_app_health"]);
	});

	/** The registry's copy and the node's. What runs, runs on. */
	async function forget({ image }: Release): Promise<void> {
		const reference = image?.reference ?? "";
		expect(await bed.swarm.deleteFromRegistry(reference)).toBe(true);
		for (const docker of bed.swarm.nodes) await docker.getImage(reference).remove({ force: true });
		expect(await bed.swarm.registryHas(reference)).toBe(false);
	}

	function inside(own: number, edges: number) {
		return { health: { "127.0.0.1": [own], default: [edges] } };
	}
});
