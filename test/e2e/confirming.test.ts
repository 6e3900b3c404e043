// A deploy that somebody has to confirm: what becomes of it when they do, when they do not, and when something comes in between.
import { afterAll, beforeAll, describe, it } from "vitest";
import { AppStory, type Release } from "../support/app-story.ts";
import type { DeploymentAnswer } from "../support/deployment-answer.ts";
import type { Content, Deploymill } from "../support/deploymill.ts";
import { TestBed } from "../support/test-bed.ts";
import { until } from "../support/until.ts";
import { Watcher } from "../support/watcher.ts";
import { workerOf } from "../support/workers.ts";

/** The shortest time there is, and half a minute is long: the cases wait side by side. */
const shortest = 30;

interface Refusal {
	error: { code: string; message: string; hint: string; details: Content };
	next?: { tool: string; args: Content }[];
}

/** An app with one release that is live, and a second one that waits to be confirmed. */
interface Waiting {
	app: AppStory;
	one: Release;
	two: Release;
}

async function waiting(bed: TestBed, server: Deploymill, label: string, confirmWithin: number): Promise<Waiting> {
	const app = await AppStory.begin(bed, server, label, { project: { rollback: true } });
	const one = await app.release({ version: "one" });
	const two = await app.release({ version: "two" }, {}, { confirmWithin });
	return { app, one, two };
}

async function refused({ server }: AppStory, tool: string, args: Content): Promise<Refusal> {
	const { isError, content } = await server.call(tool, args);
	if (!isError || "deploymentId" in content) throw new Error(`${tool} was not refused: ${JSON.stringify(content)}`);
	return content as unknown as Refusal;
}

/** As it is when its confirmation is over and what follows from that is done. */
function overOf({ server }: AppStory, { deploymentId }: Release, patienceMs = 120_000): Promise<DeploymentAnswer> {
	return until(
		() => server.deployment("get_deployment", { deploymentId, wait: 0 }),
		({ status, confirm }) => status !== "running" && confirm?.state !== "awaiting",
		patienceMs,
	);
}

describe.concurrent("A deploy with confirmWithin", () => {
	let bed: TestBed;
	let server: Deploymill;
	beforeAll(async () => {
		bed = await TestBed.open();
		server = await bed.server();
	});
	afterAll(() => bed.close());

	it("is refused at the start where there is nothing to go back to", async ({ expect }) => {
		const app = await AppStory.begin(bed, server, "first", { project: { rollback: true } });
		const { error } = await refused(app, "deploy", { applicationId: app.applicationId, confirmWithin: shortest });
		expect(error).toMatchObject({ code: "nothing_to_return_to", message: expect.stringContaining("no earlier deployment") });
		expect(await server.history(app.applicationId)).toEqual([]);
		const preview = await server.ok("deploy", { applicationId: app.applicationId, confirmWithin: shortest, dryRun: true });
		expect(preview).toMatchObject({ wouldBeRefused: { code: "nothing_to_return_to" }, next: [] });
	});

	it("waits, refuses other deploys meanwhile, and stays once it is confirmed; twice is fine", async ({ expect }) => {
		const { app, two } = await waiting(bed, server, "confirmed", 600);
		const { applicationId } = app;
		const { deploymentId } = two;
		expect(two).toMatchObject({ status: "done", outcome: "live", confirm: { state: "awaiting", until: expect.any(String) } });
		expect(Date.parse(two.confirm?.until ?? "")).toBeGreaterThan(Date.now() + 500_000);
		expect(two.next?.map(({ tool }) => tool)).toEqual(["get_app_health", "confirm_deployment", "rollback"]);
		for (const args of [{}, { force: true }]) {
			const { error, next } = await refused(app, "deploy", { applicationId, ...args });
			expect(error).toMatchObject({ code: "awaiting_confirmation", details: { applicationId, deploymentId, until: two.confirm?.until } });
			expect(next?.map(({ tool }) => tool)).toEqual(["get_deployment", "list_deployments"]);
		}
		const { applications } = await server.ok("list_applications");
		expect(applications).toContainEqual(
			expect.objectContaining({ applicationId, current: expect.objectContaining({ deploymentId, confirm: two.confirm }) }),
		);
		expect(await server.ok("get_app_health", { applicationId })).toMatchObject({
			confirm: two.confirm,
			next: [{ tool: "confirm_deployment", args: { deploymentId } }],
		});
		const confirmed = await server.ok("confirm_deployment", { deploymentId, reason: "prices are right" });
		expect(confirmed).toMatchObject({
			outcome: "live",
			confirm: { state: "confirmed", by: two.requestedBy, at: expect.any(String), reason: "prices are right" },
		});
		expect(confirmed).not.toHaveProperty("next");
		expect((await server.ok("confirm_deployment", { deploymentId, reason: "again" })).confirm).toEqual(confirmed.confirm);
		expect(await app.listed(deploymentId)).toMatchObject({ confirm: { state: "confirmed" }, outcome: "live" });
		expect(await app.release({ version: "three" })).toMatchObject({ outcome: "live" });
	});

	it("is taken back though it is healthy when its time is over, and cannot be confirmed any more", async ({ expect }) => {
		const { app, one, two } = await waiting(bed, server, "expired", shortest);
		const { deploymentId } = two;
		const over = await overOf(app, two);
		const revertId = over.autoRollback?.deploymentId;
		expect(over).toMatchObject({
			status: "error",
			outcome: "rolled_back",
			current: false,
			health: { verdict: "healthy" },
			confirm: { state: "expired" },
			autoRollback: { attempted: true, reason: "not_confirmed", toLastHealthy: true, recovered: true, rollbackId: one.rollbackId },
			autoRollbackNote: expect.stringMatching(/^Nobody confirmed it in time, so .* was put back; it is healthy\./),
		});
		expect(Date.parse(over.finishedAt ?? "")).toBeGreaterThanOrEqual(Date.parse(two.confirm?.until ?? ""));
		await app.expectLive(one, revertId);
		await using watcher = new Watcher(bed.env(), "--json", "--since", "1h");
		expect(await watcher.eventsOf(deploymentId, "rolled_back")).toEqual(["live", "confirmation_expired", "rolled_back"]);
		expect(await app.listed(revertId)).toMatchObject({ kind: "auto_rollback", outcome: "live", verdict: "healthy", current: true });
		const { error, next } = await refused(app, "confirm_deployment", { deploymentId });
		expect(error).toMatchObject({ code: "not_confirmable", details: { confirm: "expired", live: { deploymentId: revertId } } });
		expect(error.message).toContain(`${revertId} is live`);
		expect(next?.map(({ tool }) => tool)).toEqual(["list_deployments"]);
		// It was good: only nobody said so.
		expect(await app.call("deploy", "two")).toMatchObject({ outcome: "live" });
	});

	it("stays when its time is over and what it would go back to is gone", async ({ expect }) => {
		const { app, one, two } = await waiting(bed, server, "gone", shortest);
		expect(await bed.swarm.deleteFromRegistry(one.image?.reference ?? "")).toBe(true);
		const over = await overOf(app, two);
		expect(over).toMatchObject({
			status: "done",
			outcome: "live",
			current: true,
			confirm: { state: "expired" },
			autoRollback: { attempted: false, reason: "no_rollback_point" },
			autoRollbackNote: expect.stringContaining("It was not confirmed in time, and is still live"),
		});
		await app.expectLive(two, two.deploymentId);
		// There is nothing to go back to any more but what is live itself.
		expect(await server.refusal("confirm_deployment", { deploymentId: two.deploymentId })).toMatchObject({ code: "not_confirmable" });
	});

	it("waits no longer once somebody has rolled back", async ({ expect }) => {
		const { app, one, two } = await waiting(bed, server, "rolledback", shortest);
		const preview = await server.ok("rollback", { applicationId: app.applicationId, dryRun: true });
		expect(preview.warnings).toContainEqual(expect.stringMatching(/^what is live waits to be confirmed until .*: this ends the waiting$/));
		const back = await app.call("rollback", "one", {});
		expect(back).toMatchObject({ outcome: "live", target: { deploymentId: one.deploymentId } });
		const { error } = await refused(app, "confirm_deployment", { deploymentId: two.deploymentId });
		expect(error).toMatchObject({ code: "not_confirmable", details: { confirm: "superseded", live: { deploymentId: back.deploymentId } } });
		expect(error.message).toContain(`${back.deploymentId} (rollback) began`);
		await untilPast(two.confirm?.until);
		expect(await app.listed(two.deploymentId)).toMatchObject({ outcome: "live", confirm: { state: "superseded" } });
		await app.expectLive(one, back.deploymentId);
	});

	it("is left alone when its time is over and somebody else put something there", async ({ expect }) => {
		const { app, one, two } = await waiting(bed, server, "byhand", shortest);
		await app.byHand(({ TaskTemplate }) => {
			TaskTemplate.ContainerSpec!.Image = one.image?.reference.replace("@", ":hotfix@") ?? "";
		});
		const over = await overOf(app, two);
		expect(over).toMatchObject({
			outcome: "live",
			confirm: { state: "superseded", because: "somebody else changed the service" },
		});
		expect(over).not.toHaveProperty("autoRollback");
		expect((await bed.swarm.service(app.applicationId))?.image).toContain(":hotfix@");
		expect(await server.history(app.applicationId)).toHaveLength(2);
	});

	it("cannot be confirmed before it is live, nor where nobody asked for it", async ({ expect }) => {
		const app = await AppStory.begin(bed, server, "early", { project: { rollback: true } });
		const one = await app.release({ version: "one" });
		expect(await server.refusal("confirm_deployment", { deploymentId: one.deploymentId })).toMatchObject({
			code: "not_confirmable",
			retryable: false,
			message: expect.stringContaining("it was not deployed with confirmWithin"),
		});
		await app.repo.commit("Version two", { behaviour: { version: "two" } });
		const running = await server.deployment("deploy", { applicationId: app.applicationId, confirmWithin: 600, wait: 0 });
		expect(await server.refusal("confirm_deployment", { deploymentId: running.deploymentId })).toMatchObject({
			code: "not_confirmable",
			retryable: true,
		});
		const ended = await server.deployment("get_deployment", { deploymentId: running.deploymentId });
		expect(ended).toMatchObject({ outcome: "live", confirm: { state: "awaiting" } });
		expect(await server.ok("confirm_deployment", { deploymentId: running.deploymentId })).toMatchObject({
			confirm: { state: "confirmed" },
		});
		const same = await app.call("deploy", "two", { confirmWithin: 600 });
		expect(same).toMatchObject({ outcome: "unchanged" });
		expect(same).not.toHaveProperty("confirm");
	});
});

describe("A deploy with confirmWithin whose worker and server are gone", () => {
	it("is taken back by the next server that looks, late", async ({ expect }) => {
		await using bed = await closing();
		const server = await bed.server();
		const { app, one, two } = await waiting(bed, server, "late", shortest);
		process.kill((await workerOf(bed.dataFolder, two.deploymentId)).pid, "SIGKILL");
		await server.kill();
		await untilPast(two.confirm?.until);
		expect((await bed.swarm.service(app.applicationId))?.labels["deploymill.deployment"]).toBe(two.deploymentId);
		const next = await bed.server();
		const over = await until(
			() => next.deployment("get_deployment", { deploymentId: two.deploymentId, wait: 0 }),
			({ outcome }) => outcome === "rolled_back",
			120_000,
		);
		expect(over).toMatchObject({ confirm: { state: "expired" }, autoRollback: { reason: "not_confirmed", recovered: true } });
		await app.expectLive(one, over.autoRollback?.deploymentId);
	});
});

/** A bed that is closed at the end of its test. */
async function closing(): Promise<TestBed & AsyncDisposable> {
	const bed = await TestBed.open();
	return Object.assign(bed, { [Symbol.asyncDispose]: () => bed.close() });
}

/** Well past: whoever would still do something about it has done it by then. */
async function untilPast(time: string | undefined): Promise<void> {
	const past = Date.parse(time ?? "") + 10_000;
	await until(
		async () => Date.now(),
		(now) => now > past,
		120_000,
	);
}
