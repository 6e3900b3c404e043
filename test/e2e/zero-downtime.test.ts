import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { AppStory, atTheEdges, type Release } from "../support/app-story.ts";
import { Crowd } from "../support/crowd.ts";
import { Standstill } from "../support/standstill.ts";
import { TestBed } from "../support/test-bed.ts";

/** Requests in flight at any time. */
const size = 50;

describe("Swaps under load, with Swarm's own check in place", () => {
	let bed: TestBed;
	let app: AppStory;
	let one: Release;

	/** Takes a while to answer, and finishes open requests when it is told to stop. */
	const steady = { pageDelayMs: 100, drain: true };

	beforeAll(async () => {
		bed = await TestBed.open();
		app = await AppStory.begin(bed, await bed.server(), "steady", { project: { rollback: "auto" } });
		one = await app.release({ version: "one", ...steady });
	});
	afterAll(() => bed.close());

	it("a deploy, a rollback, a revert and a refused version drop not one request", async () => {
		await using crowd = new Crowd(bed.sandbox.edgeAddress, app.repo.host, size);
		const two = await app.release({ version: "two", ...steady });
		const back = await app.rollBack(one);
		const reverted = await app.release({ version: "bad", ...steady, ...atTheEdges(500) });
		const refused = await app.release({ version: "refused", ...steady, health: { default: [500] } });
		const last = await app.release({ version: "last", ...steady }, { project: { replicas: 2 } });
		await crowd.leave();
		expect([two, back, reverted, refused, last].map(({ outcome }) => outcome)).toEqual([
			"live",
			"live",
			"rolled_back",
			"orchestrator_rolled_back",
			"live",
		]);
		expect(crowd.failures).toEqual([]);
		expect([...crowd.bodies.keys()]).toEqual(["one", "two", "bad", "last"]);
		expect(crowd.served).toBeGreaterThan(20 * size);
	});

	/** What had connected to it and was not accepted yet is reset when it closes its socket, seconds after it came. */
	it("an old task that gets no processor until it is told to end costs no page", async () => {
		await app.release({ version: "before", ...steady }, { project: { replicas: 1 } });
		await using standstill = await Standstill.atNextSwap(bed.swarm, app.applicationId);
		await using crowd = new Crowd(bed.sandbox.edgeAddress, app.repo.host, size);
		const after = await app.release({ version: "after", ...steady });
		await crowd.leave();
		expect(standstill.told).toEqual(["stands still", "goes on, and was told to end"]);
		expect(after.outcome).toBe("live");
		expect(crowd.failures).toEqual([]);
		expect([...crowd.bodies.keys()]).toEqual(["before", "after"]);
	});
});
