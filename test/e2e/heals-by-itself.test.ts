import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { AppStory, atTheEdges, judged, type Release } from "../support/app-story.ts";
import type { Behaviour } from "../support/behaviour.ts";
import { TestBed } from "../support/test-bed.ts";

/** Nobody looks from inside: with it, Swarm would refuse most of these before the edges are asked. */
const illnesses: [illness: string, behaviour: Omit<Behaviour, "version">, error: RegExp][] = [
	["answers 500", atTheEdges(500), /^answered 500, wanted 200$/],
	["hangs", atTheEdges("hang"), /^no answer within 2000 ms$/],
	["cuts connections", atTheEdges("drop"), /^answered 502, wanted 200$/],
	["answers 200 three times and then 500 for ever", atTheEdges(200, 200, 200, 500), /^answered 500, wanted 200$/],
	["flaps", { ...atTheEdges(200, 500), cycle: true }, /^no 4 answers in a row alike in 40 probes$/],
	["redirects", atTheEdges(302), /^answered 302, wanted 200$/],
];

describe("An app with automatic rollback goes bad at its edges", () => {
	let bed: TestBed;
	let app: AppStory;
	let one: Release;

	beforeAll(async () => {
		bed = await TestBed.open();
		const health = { ...judged, retries: 4, intervalMs: 250 };
		app = await AppStory.begin(bed, await bed.server(), "heals", { project: { rollback: "auto", health } });
		one = await app.release({ version: "one" });
	});
	afterAll(() => bed.close());

	it("starts well", async () => {
		expect(one).toMatchObject({ isError: false, status: "done", outcome: "live", health: { verdict: "healthy" } });
		expect(one).not.toHaveProperty("autoRollback");
		await app.expectLive(one, one.deploymentId);
	});

	it.each(illnesses)("a version that %s is reverted, once, to the last healthy one", async (illness, behaviour, error) => {
		const bad = await app.release({ version: illness, ...behaviour });
		const revert = await app.expectReverted(bad, one);
		expect(bad.health?.edges).toMatchObject([{ verdict: "unhealthy", mode: "strict", error: expect.stringMatching(error) }]);
		expect(bad.autoRollbackNote).toMatch(/was put back; it is healthy\. Fix forward/);
		expect(bad.phases.map(({ phase }) => phase)).toContain("auto_rollback");
		expect(revert).toMatchObject({ requestedBy: "deploymill", reason: expect.stringContaining(bad.deploymentId) });
	});

	it("is not put live a second time: the same commit is known to be bad", async () => {
		const [bad] = (await app.server.history(app.applicationId)).filter(({ kind }) => kind === "deploy");
		const again = await app.call("deploy", "redirects");
		expect(again).toMatchObject({
			isError: true,
			status: "error",
			outcome: "failed",
			rolledOver: false,
			error: { code: "known_bad_release", details: { deploymentId: bad?.deploymentId } },
			rolloverNote: "Nothing was swapped: what ran before it was left as it is.",
			rollbackId: null,
			notRollbackableBecause: "it was refused before its swap",
			next: [
				{ tool: "get_deployment", args: { deploymentId: bad?.deploymentId } },
				{ tool: "get_logs", args: { deploymentId: bad?.deploymentId } },
			],
		});
		expect(again.swaps).toEqual([]);
	});

	it("unless it is forced to, and then it is judged and reverted again", async () => {
		await app.expectReverted(await app.call("deploy", "redirects", { force: true }), one);
	});

	it("takes the next good version all the same", async () => {
		const good = await app.release({ version: "mended" });
		expect(good).toMatchObject({ isError: false, outcome: "live", health: { verdict: "healthy" } });
		await app.expectLive(good, good.deploymentId);
	});
});
