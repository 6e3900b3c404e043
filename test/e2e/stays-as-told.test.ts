import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { AppStory, atTheEdges, type Release } from "../support/app-story.ts";
import { TestBed } from "../support/test-bed.ts";

describe("Nothing is undone that nobody asked to have undone", () => {
	let bed: TestBed;
	let app: AppStory;
	let unrecorded: Release;
	let one: Release;
	let bad: Release;

	beforeAll(async () => {
		bed = await TestBed.open();
		app = await AppStory.begin(bed, await bed.server(), "stays", { project: { rollback: false } });
		unrecorded = await app.release({ version: "unrecorded" });
	});
	afterAll(() => bed.close());

	it("a bad version stays live with rollback off", async () => {
		expect(unrecorded).toMatchObject({ outcome: "live", rollbackId: null });
		const worse = await app.release({ version: "worse", ...atTheEdges(500) });
		await app.expectBadStays(worse);
		expect(worse).not.toHaveProperty("autoRollback");
		expect(worse.next).toContainEqual(expect.objectContaining({ tool: "get_logs" }));
	});

	it("is said of by reconcile, which arms and disarms", async () => {
		await app.repo.commit("Arm", { project: { rollback: "auto" } });
		const { plan } = await app.server.ok("reconcile_project", { applicationId: app.applicationId, dryRun: true });
		expect(plan).toMatchObject({ rollback: { enabled: true, auto: true, was: { enabled: false, auto: false } } });
	});

	it("the first version that is captured has nothing to go back to: no_rollback_point, and it stays live", async () => {
		const first = await app.release({ version: "first captured", ...atTheEdges(500) }, { project: { rollback: "auto" } });
		await app.expectBadStays(first);
		expect(first.autoRollback).toEqual({ attempted: false, reason: "no_rollback_point" });
		expect(first.autoRollbackNote).toMatch(/bad image is still live/);
		expect(first.rollbackId).not.toBeNull();
	});

	it("a bad version stays live with rollback on but not automatic", async () => {
		one = await app.release({ version: "one" }, { project: { rollback: true } });
		expect(one).toMatchObject({ outcome: "live", health: { verdict: "healthy" } });
		bad = await app.release({ version: "first broken", ...atTheEdges(500) });
		await app.expectBadStays(bad);
		expect(bad).not.toHaveProperty("autoRollback");
		expect(bad.rollbackable).toBe(true);
	});

	it("two broken ones in a row: goes back to the healthy one, not to the first broken one", async () => {
		const second = await app.release({ version: "second broken", ...atTheEdges("hang") }, { project: { rollback: "auto" } });
		await app.expectReverted(second, one);
	});

	it("a deploy that finds nothing to swap is never reverted, however ill the app is", async () => {
		const tired = await app.release({ version: "tired", ...atTheEdges(200, 200, 500) });
		expect(tired).toMatchObject({ outcome: "live", health: { verdict: "healthy" } });
		const again = await app.call("deploy", "tired");
		expect(again).toMatchObject({
			isError: false,
			status: "done",
			outcome: "unchanged",
			rolledOver: false,
			health: { verdict: "unhealthy" },
		});
		expect(again).not.toHaveProperty("autoRollback");
		expect(again.swaps).toEqual([]);
		await app.expectLive(tired, tired.deploymentId);
	});

	it("what the deploy before answered excuses nothing: a 500 that was there before is a 500", async () => {
		const ill = await app.release({ version: "still ill", ...atTheEdges(500) });
		expect(ill.health?.edges).toMatchObject([{ verdict: "unhealthy", status: 500 }]);
		expect(ill.health?.edges[0]).not.toHaveProperty("preexisting");
		expect(ill).toMatchObject({ outcome: "rolled_back", autoRollback: { attempted: true } });
	});

	it("a rollback by hand to a bad version is not reverted, and rolling back again is free", async () => {
		const back = await app.rollBack(bad);
		expect(back).toMatchObject({ isError: false, status: "done", outcome: "live_unhealthy", health: { verdict: "unhealthy" } });
		expect(back).not.toHaveProperty("autoRollback");
		await app.expectLive(bad, back.deploymentId);
		const well = await app.rollBack(one);
		expect(well).toMatchObject({ isError: false, outcome: "live", health: { verdict: "healthy" } });
		await app.expectLive(one, well.deploymentId);
	});

	it("once disarmed, a bad version stays again", async () => {
		const disarmed = await app.release({ version: "disarmed", ...atTheEdges(500) }, { project: { rollback: false } });
		await app.expectBadStays(disarmed);
		expect(disarmed).not.toHaveProperty("autoRollback");
	});
});
