import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { AppStory, atTheEdges, type Release } from "../support/app-story.ts";
import { TestBed } from "../support/test-bed.ts";

describe("An app with a volume is never run twice at a time", () => {
	let bed: TestBed;
	let app: AppStory;
	let one: Release;
	let plan: unknown;

	beforeAll(async () => {
		bed = await TestBed.open();
		const repo = await bed.project("volume");
		const project = { rollback: "auto", mounts: [{ volumeName: bed.named("data"), mountPath: "/data" }] };
		await repo.commit("Keep data", { behaviour: { version: "one" }, project });
		const server = await bed.server();
		({ plan } = await server.ok("reconcile_project", { repoUrl: repo.repoUrl, dryRun: true }));
		app = await AppStory.begin(bed, server, "kept", { behaviour: { version: "one" }, project });
		one = await app.call("deploy", "one");
	});
	afterAll(() => bed.close());

	/** What each version that started with the volume left in it. */
	const history = () => bed.see(app.repo, "/history");

	it("is told so by the plan, and Swarm is told so too", async () => {
		expect(plan).toMatchObject({ warnings: expect.arrayContaining([expect.stringMatching(/mounts rolls stop-first/)]) });
		const service = await bed.swarm.service(app.applicationId);
		expect(service?.spec.UpdateConfig).toMatchObject({ Order: "stop-first", FailureAction: "rollback" });
		expect(service?.spec.RollbackConfig).toMatchObject({ Order: "stop-first" });
		expect(await history()).toBe("one\n");
	});

	it("a new version finds the data of the old one, and the two never ran side by side", async () => {
		const two = await app.release({ version: "two" });
		expect(two).toMatchObject({ outcome: "live", health: { verdict: "healthy" } });
		expect(await history()).toBe("one\ntwo\n");
		expect(await ranTogether()).toBe(false);
	});

	it("so does the version that is put back by itself", async () => {
		const bad = await app.release({ version: "bad", ...atTheEdges(500) });
		expect(bad).toMatchObject({ outcome: "rolled_back", autoRollback: { recovered: true } });
		expect(await history()).toBe("one\ntwo\nbad\ntwo\n");
		expect(await ranTogether()).toBe(false);
	});

	it("a version that Swarm refuses is stopped before the old one comes back", async () => {
		const bad = await app.release({ version: "crash", exit: { code: 3, words: "no" } });
		expect(bad).toMatchObject({ outcome: "orchestrator_rolled_back", rolledOver: false });
		expect(await bed.see(app.repo)).toBe("two");
		expect(await history()).toBe("one\ntwo\nbad\ntwo\ncrash\ntwo\n");
		expect(await ranTogether()).toBe(false);
	});

	it("a rollback by hand keeps the data, and its dry run says so", async () => {
		const preview = await app.server.ok("rollback", { applicationId: app.applicationId, rollbackId: one.rollbackId, dryRun: true });
		expect(preview.warnings).toContain(
			`the target's app works on the same data (volume ${bed.named("data")}): what was written since stays`,
		);
		const back = await app.rollBack(one);
		expect(back).toMatchObject({ outcome: "live", health: { verdict: "healthy" } });
		expect(await history()).toBe("one\ntwo\nbad\ntwo\ncrash\ntwo\none\n");
		await app.expectLive(one, back.deploymentId);
	});

	/** By the engine's own times: whether any container of the app started before the one before it had ended. */
	async function ranTogether(): Promise<boolean> {
		const { docker } = bed.swarm;
		const listed = await docker.listContainers({ all: true, filters: { label: [`com.docker.swarm.service.name=${app.applicationId}`] } });
		const states = await Promise.all(listed.map(async ({ Id }) => (await docker.getContainer(Id).inspect()).State));
		const lives = states
			.filter(({ StartedAt }) => Date.parse(StartedAt) > 0)
			.map(({ StartedAt, FinishedAt, Running }) => ({
				from: Date.parse(StartedAt),
				to: Running ? Number.POSITIVE_INFINITY : Date.parse(FinishedAt),
			}))
			.sort((a, b) => a.from - b.from);
		return lives.some(({ from }, index) => index > 0 && from < (lives[index - 1]?.to ?? 0));
	}
});
