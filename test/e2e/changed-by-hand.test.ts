// What a hand did to an application's service, as every tool that shows what is live tells it.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { AppStory, type Release } from "../support/app-story.ts";
import type { Content, Deploymill } from "../support/deploymill.ts";
import type { ServiceNow } from "../support/swarm.ts";
import { TestBed } from "../support/test-bed.ts";
import { until } from "../support/until.ts";

describe("A service that was changed by hand", () => {
	let bed: TestBed;
	let app: AppStory;
	/** A server with a data folder of its own, which knew the application before it was ever deployed. */
	let other: Deploymill;
	let one: Release;
	let two: Release;
	/** Version one, under a name that deploymill never gave it. */
	let hotfix: string;

	beforeAll(async () => {
		bed = await TestBed.open();
		app = await AppStory.begin(bed, await bed.server(), "hands", { project: { rollback: true } });
		other = await bed.server({ DEPLOYMILL_DATA_DIR: bed.path("other-data") });
		await other.reconcile(app.repo.repoUrl);
		one = await app.release({ version: "one" });
		two = await app.release({ version: "two" });
		hotfix = one.image?.reference.replace("@", ":hotfix@") ?? "";
	});
	afterAll(() => bed.close());

	it("is not spoken of as long as nobody changed it", async () => {
		expect(await app.server.ok("get_app_health", { applicationId: app.applicationId })).toMatchObject({ matches: true });
		for (const content of await views()) expect(content).not.toHaveProperty("mismatch");
		expect(two).not.toHaveProperty("warnings");
	});

	it("to another image: every tool says which, since when, and that deploymill did not put it there", async () => {
		const begun = Date.now();
		await byHand(({ spec }) => {
			spec.TaskTemplate.ContainerSpec!.Image = hotfix;
		});
		const said = await mismatchEverywhere();
		expect(said).toContain(`The service runs ${JSON.stringify(hotfix)} since `);
		expect(said).toMatch(/, and deploymill did not put that image there\. The last it put there is dep-/);
		expect(said).toContain(two.deploymentId);
		const since = Date.parse(/since (\S+Z)/.exec(said)?.[1] ?? "");
		// The engine's clock is this machine's.
		expect(since).toBeGreaterThanOrEqual(begun - 1000);
		expect(since).toBeLessThanOrEqual(Date.now() + 1000);
		await until(health, ({ running }) => (running as Content | undefined)?.digest === one.image?.digest, 60_000);
		expect(await health()).toMatchObject({ matches: false, mismatch: said, expected: { deploymentId: two.deploymentId } });
		const listed = (await app.server.history(app.applicationId)).filter(({ current }) => current);
		expect(listed).toEqual([]);
	});

	it("is told of before it is replaced, in the dry run and by the deployment under way", async () => {
		const { applicationId } = app;
		const preview = await app.server.ok("rollback", { applicationId, rollbackId: one.rollbackId, dryRun: true });
		expect(preview.warnings).toContainEqual(
			expect.stringMatching(/^To be replaced: The service runs .*No rollback of this server goes back/),
		);
		expect(preview.next).toMatchObject([{ args: { expectedCurrent: hotfix } }]);
		expect(await app.server.refusal("deploy", { applicationId, expectedCurrent: two.deploymentId })).toMatchObject({
			code: "stale_view",
			message: expect.stringContaining("which deploymill did not put there, is live"),
			details: { live: { image: hotfix, digest: one.image?.digest } },
		});
		await app.repo.commit("Version three", { behaviour: { version: "three" } });
		const begun = await app.server.deployment("deploy", { applicationId, expectedCurrent: hotfix, wait: 0 });
		expect(begun.warnings).toEqual([expect.stringMatching(/^To be replaced by this deployment: The service runs /)]);
		const ended = await app.server.deployment("get_deployment", { deploymentId: begun.deploymentId });
		expect(ended).toMatchObject({ outcome: "live", health: { verdict: "healthy" } });
		expect(ended.warnings).toEqual([expect.stringMatching(/^Replaced by this deployment: The service runs /)]);
		expect(ended.warnings?.[0]).toContain(JSON.stringify(hotfix));
		expect(await health()).toMatchObject({ matches: true });
		for (const content of await views()) expect(content).not.toHaveProperty("mismatch");
	});

	it("by docker service rollback: what came back is named, and a deploy of the same takes it up", async () => {
		const back = await app.rollBack(two);
		expect(back).toMatchObject({ outcome: "live" });
		await byHand(() => undefined, { rollback: "previous" });
		const [, three] = await app.server.history(app.applicationId);
		const said = await mismatchEverywhere();
		expect(said).toContain(`The service runs ${three?.deploymentId} again, "`);
		expect(said).toContain(`deploymill did not put it back. The last it put there is ${back.deploymentId}.`);
		await untilItRunsAlone(three?.deploymentId);
		const again = await app.call("deploy", "three", { expectedCurrent: three?.deploymentId });
		expect(again).toMatchObject({ outcome: "unchanged", warnings: [expect.stringMatching(/^Found there: /)] });
		for (const content of await views()) expect(content).not.toHaveProperty("mismatch");
		expect(await health()).toMatchObject({ matches: true });
	});

	it("to no replicas: that is told, and a deploy brings them back", async () => {
		await byHand(({ spec }) => {
			spec.Mode = { Replicated: { Replicas: 0 } };
		});
		expect(await mismatchEverywhere()).toMatch(/^Nothing runs: the service, .* was scaled to 0 replicas, and deploymill did not do that/);
		// A rollback left this version earlier on: without force it is known to be bad.
		const again = await app.call("deploy", "three", { force: true });
		expect(again).toMatchObject({ outcome: "live", warnings: [expect.stringMatching(/^Replaced by this deployment: Nothing runs/)] });
		for (const content of await views()) expect(content).not.toHaveProperty("mismatch");
	});

	it("by another data folder's server: both say what they know", async () => {
		expect(await mismatchOf(other)).toMatch(
			/stamped dep-\w+, which this server does not know .*This server has put nothing there yet; reconcile_project takes over what is there\.$/,
		);
		const { applicationId } = app;
		const theirs = await other.deployment("deploy", { applicationId, force: true });
		expect(theirs).toMatchObject({
			outcome: "live",
			warnings: [expect.stringMatching(/^Replaced by this deployment: .*, which this server does not know/)],
		});
		expect(await mismatchEverywhere()).toContain(`stamped ${theirs.deploymentId}, which this server does not know`);
		expect(await other.ok("get_app_health", { applicationId })).toMatchObject({ matches: true });
	});

	it("by taking our labels off: it is not called gone", async () => {
		await byHand(({ spec }) => {
			spec.Labels = {};
		});
		expect(await mismatchOf(app.server)).toMatch(/^The service of this name runs .* and does not carry this application's labels/);
		expect(await app.server.refusal("get_app_health", { applicationId: app.applicationId })).toMatchObject({ code: "service_not_ours" });
	});

	it("by removing it", async () => {
		const service = await bed.swarm.service(app.applicationId);
		await bed.swarm.docker.getService(service?.id ?? "").remove();
		expect(await mismatchEverywhere()).toMatch(/^Nothing runs: the service is not there any more, .*deploymill did not remove it/);
		const again = await app.call("deploy", "three");
		expect(again).toMatchObject({ outcome: "live", warnings: [expect.stringMatching(/^Replaced by this deployment: Nothing runs/)] });
		expect(await health()).toMatchObject({ matches: true, verdict: "healthy" });
	});

	const health = () => app.server.ok("get_app_health", { applicationId: app.applicationId });

	/** What the three tools that show what is live show of it. */
	async function views(): Promise<Content[]> {
		const { applicationId } = app;
		const { applications } = await app.server.ok("list_applications");
		const listed = (applications as Content[]).find((item) => item.applicationId === applicationId) ?? {};
		return [listed, await app.server.ok("list_deployments", { applicationId }), await health()];
	}

	/** Of all three alike, once the tasks are no longer mixed. */
	async function mismatchEverywhere(): Promise<string> {
		const seen = await until(
			async () => (await views()).map(({ mismatch }) => mismatch as string | undefined),
			([first, ...others]) => first !== undefined && others.every((said) => said === first),
			60_000,
		);
		return seen[0] ?? "";
	}

	async function mismatchOf(server: Deploymill): Promise<string> {
		const { mismatch } = await server.ok("list_deployments", { applicationId: app.applicationId });
		return mismatch as string;
	}

	async function byHand(change: (service: ServiceNow) => void, query: Content = {}): Promise<void> {
		const service = (await bed.swarm.service(app.applicationId))!;
		change(service);
		await bed.swarm.docker.getService(service.id).update({ ...service.spec, version: service.version, registryAuthFrom: "spec", ...query });
	}

	/** As Swarm shows it, not as its containers do: of one that ended Swarm hears a moment later. */
	async function untilItRunsAlone(deploymentId: string | undefined): Promise<void> {
		await until(
			() => bed.swarm.tasks(app.applicationId),
			(tasks) => {
				const alive = tasks.filter(({ Status: { State } }) => State === "running" || State === "starting");
				const [only] = alive;
				return (
					alive.length === 1 &&
					only?.Status.State === "running" &&
					only.Spec.ContainerSpec?.Labels?.["deploymill.deployment"] === deploymentId
				);
			},
			60_000,
		);
	}
});
