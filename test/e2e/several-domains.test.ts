import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { AppStory, type Release } from "../support/app-story.ts";
import type { HealthAnswer } from "../support/behaviour.ts";
import { TestBed } from "../support/test-bed.ts";

describe("An app with two domains is judged by both", () => {
	let bed: TestBed;
	let app: AppStory;
	let one: Release;
	let second: string;

	beforeAll(async () => {
		bed = await TestBed.open();
		second = `${bed.named("second")}.test`;
		const repo = await bed.project("domains");
		app = await AppStory.begin(bed, await bed.server(), "domains", {
			project: { rollback: "auto", domains: { prod: repo.host, custom: [second] } },
		});
		one = await app.release({ version: "one" });
	});
	afterAll(() => bed.close());

	function hostsAnswer(prod: HealthAnswer, custom: HealthAnswer) {
		return { health: { [app.repo.host]: [prod], [second]: [custom], "127.0.0.1": [200 as const] } };
	}

	it("both are well", async () => {
		expect(one).toMatchObject({
			outcome: "live",
			health: {
				verdict: "healthy",
				edges: [
					{ url: `http://${app.repo.host}`, verdict: "healthy" },
					{ url: `http://${second}`, verdict: "healthy" },
				],
			},
		});
		expect(await bed.ingress.read(second)).toBe("one");
	});

	it("one down: a partial outage is told and not reverted", async () => {
		const partial = await app.release({ version: "half", ...hostsAnswer(200, 500) });
		await app.expectBadStays(partial);
		expect(partial.health?.edges).toMatchObject([{ verdict: "healthy" }, { verdict: "unhealthy", status: 500 }]);
		expect(partial.autoRollback).toEqual({ attempted: false, reason: "partial_outage" });
		expect(partial.autoRollbackNote).toMatch(
			/Some edges are healthy, so nothing was reverted.*only if you are asked to, or your user agrees/,
		);
		expect(partial.next?.map(({ tool }) => tool)).toEqual(["get_app_health", "get_logs", "rollback"]);
		expect(partial.next?.[2]?.why).toMatch(/go back only if asked or agreed/);
	});

	it("both down: reverted, and to the release that was healthy everywhere", async () => {
		const bad = await app.release({ version: "none", ...hostsAnswer(500, "hang") });
		await app.expectReverted(bad, one);
		expect(bad.health?.edges).toMatchObject([{ status: 500 }, { error: "no answer within 2000 ms" }]);
		expect(await bed.ingress.read(second)).toBe("one");
	});
});

describe("An app whose first domain never had a health endpoint", () => {
	let bed: TestBed;

	beforeAll(async () => {
		bed = await TestBed.open();
	});
	afterAll(() => bed.close());

	it("is still a partial outage when its second one is down", async () => {
		const second = `${bed.named("second")}.test`;
		const repo = await bed.project("elsewhere");
		const app = await AppStory.begin(bed, await bed.server(), "elsewhere", {
			project: { rollback: "auto", domains: { prod: repo.host, custom: [second] } },
		});
		const answers = (custom: HealthAnswer) => ({ health: { [app.repo.host]: [404], [second]: [custom], "127.0.0.1": [200 as const] } });
		expect(await app.release({ version: "one", ...answers(200) })).toMatchObject({ outcome: "live" });
		const partial = await app.release({ version: "two", ...answers(500) });
		await app.expectBadStays(partial);
		expect(partial.health?.edges).toMatchObject([
			{ verdict: "healthy", mode: "lenient", fallback: true },
			{ verdict: "unhealthy", mode: "strict" },
		]);
		expect(partial.autoRollback).toMatchObject({ attempted: false, reason: "partial_outage" });
	});
});

describe("A domain whose DNS was never set up", () => {
	let bed: TestBed;
	let app: AppStory;
	let one: Release;

	beforeAll(async () => {
		bed = await TestBed.open();
		// Without an edge address the hosts are looked up in DNS, where nobody knows them.
		const server = await bed.server({ DEPLOYMILL_EDGE_ADDRESS: "" });
		app = await AppStory.begin(bed, server, "nodns", { project: { rollback: "auto" } });
		one = await app.release({ version: "one" });
	});
	afterAll(() => bed.close());

	it("says nothing against the first release", async () => {
		expect(one).toMatchObject({
			isError: false,
			status: "done",
			outcome: "live",
			health: {
				verdict: "inconclusive",
				edges: [{ verdict: "inconclusive", preexisting: true, error: expect.stringMatching(/resolved/) }],
			},
			autoRollback: { attempted: false, reason: "inconclusive" },
		});
		expect(one.autoRollbackNote).toMatch(/Check DNS/);
		await app.expectLive(one, one.deploymentId);
	});

	it("does not revert the next good release either", async () => {
		const two = await app.release({ version: "two" });
		expect(two).toMatchObject({ isError: false, outcome: "live", autoRollback: { attempted: false, reason: "inconclusive" } });
		expect(two.swaps).toEqual([two.image?.digest]);
		await app.expectLive(two, two.deploymentId);
		expect(await app.listed(two.deploymentId)).toMatchObject({ verdict: "inconclusive" });
	});

	it("nobody was ever judged: a bad release goes back to the most recent earlier image, once its edges can be asked", async () => {
		const { applicationId, repo } = app;
		const [two] = await app.server.history(applicationId);
		await repo.commit("Bad", { behaviour: { version: "bad", health: { default: [500], "127.0.0.1": [200] } } });
		const seeing = await bed.server();
		const bad = await seeing.deployment("deploy", { applicationId });
		expect(bad).toMatchObject({
			outcome: "rolled_back",
			autoRollback: { attempted: true, toLastHealthy: false, recovered: true, rollbackId: two?.rollbackId },
		});
		expect(bad.autoRollbackNote).toContain("the most recent earlier image");
		expect(await bed.see(repo)).toBe("two");
	});
});
