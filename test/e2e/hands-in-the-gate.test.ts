import { afterAll, beforeAll, describe, it } from "vitest";
import type { DeploymentAnswer } from "../support/deployment-answer.ts";
import type { Deploymill } from "../support/deploymill.ts";
import type { ProjectRepo } from "../support/project-repo.ts";
import type { ServiceNow } from "../support/swarm.ts";
import { TestBed } from "../support/test-bed.ts";
import { until } from "../support/until.ts";
import { workerOf } from "../support/workers.ts";

/** Long enough for a hand to come in between, and no longer. */
const slowGate = { path: "/healthz", retries: 5, intervalMs: 1000, timeoutMs: 2000 };

describe.concurrent("Somebody changes the service by hand while a deployment is under way", () => {
	let bed: TestBed;
	let server: Deploymill;
	beforeAll(async () => {
		bed = await TestBed.open();
		server = await bed.server();
	});
	afterAll(() => bed.close());

	async function liveApp(label: string): Promise<{ repo: ProjectRepo; applicationId: string; good: DeploymentAnswer }> {
		const repo = await bed.project(label, { project: { health: slowGate, rollback: "auto" } });
		const applicationId = await server.reconcile(repo.repoUrl);
		return { repo, applicationId, good: await server.deployment("deploy", { applicationId }) };
	}

	/** A deploy of the next version, as it stands when its gate has begun. */
	async function deployToTheGate(repo: ProjectRepo, applicationId: string): Promise<string> {
		await repo.commit("Second version", { behaviour: { version: "two" } });
		const { deploymentId } = await server.deployment("deploy", { applicationId, wait: 0 });
		await until(
			() => server.deployment("get_deployment", { deploymentId, wait: 0 }),
			({ phase }) => phase === "health",
			120_000,
		);
		return deploymentId!;
	}

	/** Looks again where Swarm wrote its update's status in between, which counts as a change of the service. */
	async function byHand(applicationId: string, change: (spec: ServiceNow["spec"]) => void, query: object = {}): Promise<void> {
		const now = (await bed.swarm.service(applicationId))!;
		const spec = structuredClone(now.spec);
		change(spec);
		try {
			await bed.swarm.docker.getService(now.id).update({ _query: { version: now.version, ...query }, _body: spec });
		} catch (error) {
			if (!/update out of sequence/.test(String(error))) throw error;
			await byHand(applicationId, change, query);
		}
	}

	it("a label: a healthy release stays, though Swarm shows no update any more", async ({ expect }) => {
		const { repo, applicationId } = await liveApp("label");
		const deploymentId = await deployToTheGate(repo, applicationId);
		await byHand(applicationId, (spec) => {
			spec.Labels = { ...spec.Labels, "ops.example/note": "seen" };
		});
		const ended = await server.deployment("get_deployment", { deploymentId });
		expect(ended).toMatchObject({ status: "done", outcome: "live", rolledOver: true, current: true, health: { verdict: "healthy" } });
		expect((await bed.swarm.service(applicationId))?.labels).toMatchObject({ "ops.example/note": "seen" });
		expect(await bed.see(repo)).toBe("two");
	});

	it("the number of replicas: likewise", async ({ expect }) => {
		const { repo, applicationId } = await liveApp("scale");
		const deploymentId = await deployToTheGate(repo, applicationId);
		await byHand(applicationId, (spec) => {
			spec.Mode = { Replicated: { Replicas: 2 } };
		});
		const ended = await server.deployment("get_deployment", { deploymentId });
		expect(ended).toMatchObject({ outcome: "live", rolledOver: true, current: true, health: { verdict: "healthy" } });
		expect(await bed.swarm.runningDigests(applicationId)).toEqual([ended.image?.digest]);
	});

	it("docker service rollback: it is not called Swarm's doing, and nothing more is changed", async ({ expect }) => {
		const { repo, applicationId, good } = await liveApp("back");
		const deploymentId = await deployToTheGate(repo, applicationId);
		await byHand(applicationId, () => undefined, { rollback: "previous" });
		const ended = await server.deployment("get_deployment", { deploymentId });
		expect(ended).toMatchObject({ status: "error", outcome: "failed", rolledOver: false, current: false });
		expect(ended.error).toMatchObject({ code: "rollout_failed", details: { superseded: true } });
		expect(ended).not.toHaveProperty("autoRollback");
		// It had come up: that a hand took it away says nothing against its image.
		expect(ended).toMatchObject({ rollbackable: true });
		// The hand's rollback goes on by itself, and nobody comes in its way.
		await until(
			() => bed.swarm.runningDigests(applicationId),
			(digests) => digests.join() === good.image?.digest,
			60_000,
		);
		expect(await bed.see(repo)).toBe("one");
	});

	it("docker service rollback while no worker is there: it is not called Swarm's doing either, though it is over", async ({ expect }) => {
		const { repo, applicationId, good } = await liveApp("late");
		const deploymentId = await deployToTheGate(repo, applicationId);
		process.kill((await workerOf(bed.dataFolder, deploymentId)).pid, "SIGKILL");
		await byHand(applicationId, () => undefined, { rollback: "previous" });
		await until(
			() => bed.swarm.service(applicationId),
			(service) => service?.updateState === "rollback_completed",
			60_000,
		);
		const ended = await server.deployment("get_deployment", { deploymentId });
		expect(ended).toMatchObject({ status: "error", outcome: "failed", rolledOver: false, rollbackable: true });
		expect(ended.error).toMatchObject({ code: "rollout_failed", details: { superseded: true } });
		expect(await bed.swarm.runningDigests(applicationId)).toEqual([good.image?.digest]);
	});

	it("to zero replicas: it stays so, nothing is begun over it again, and the next deploy goes live", async ({ expect }) => {
		const { repo, applicationId } = await liveApp("zero");
		const deploymentId = await deployToTheGate(repo, applicationId);
		await byHand(applicationId, (spec) => {
			spec.Mode = { Replicated: { Replicas: 0 } };
		});
		const ended = await server.deployment("get_deployment", { deploymentId });
		expect(ended).toMatchObject({ outcome: "failed", rolledOver: false, rollbackable: true, error: { details: { superseded: true } } });
		const [newest] = await server.history(applicationId);
		expect(newest).toMatchObject({ deploymentId, status: "error", outcome: "failed" });
		const { applications } = (await server.ok("list_applications")) as { applications: { applicationId: string; mismatch?: string }[] };
		expect(applications.find((one) => one.applicationId === applicationId)?.mismatch).toContain("was scaled to 0 replicas");
		expect((await bed.swarm.service(applicationId))?.spec.Mode).toEqual({ Replicated: { Replicas: 0 } });
		await repo.commit("Third version", { behaviour: { version: "three" } });
		expect(await server.deployment("deploy", { applicationId })).toMatchObject({ outcome: "live", health: { verdict: "healthy" } });
		expect(await bed.see(repo)).toBe("three");
	});

	it("another image, and then a version that Swarm refuses: Swarm's own rollback to that image is seen", async ({ expect }) => {
		const { repo, applicationId } = await liveApp("image");
		const before = (await bed.swarm.service(applicationId))!;
		await byHand(applicationId, (spec) => {
			// The same content under its tag: another reference, and no stamp tells of it.
			spec.TaskTemplate.ContainerSpec!.Image = before.image.replace("@", ":by-hand@");
		});
		await until(
			() => bed.swarm.service(applicationId),
			(service) => service?.updateState === "completed",
			60_000,
		);
		await repo.commit("Crashes", { behaviour: { version: "two", exit: { code: 3, words: "cannot start" } } });
		const ended = await server.deployment("deploy", { applicationId });
		expect(ended).toMatchObject({ outcome: "orchestrator_rolled_back", rolledOver: false });
		expect(ended.rolloverNote).toBe("Swarm refused the new tasks and put the previous release back; its tasks run.");
		expect((await bed.swarm.service(applicationId))?.image).toContain(":by-hand@");
		expect(await bed.see(repo)).toBe("one");
	});

	it("a rollback that is cancelled in its line takes nothing from its target", async ({ expect }) => {
		const { repo, applicationId, good } = await liveApp("cancelled");
		await repo.commit("Second version", { behaviour: { version: "two" } });
		await server.deployment("deploy", { applicationId });
		const { deploymentId } = await server.deployment("rollback", { applicationId, rollbackId: good.rollbackId, wait: 0 });
		// Whichever comes first, the cancel or the swap: the target's image can be gone back to all the same.
		await server.call("cancel_deployment", { deploymentId });
		const ended = await server.deployment("get_deployment", { deploymentId });
		expect(["cancelled", "live"]).toContain(ended.outcome);
		const history = await server.history(applicationId);
		expect(history.find((item) => item.deploymentId === good.deploymentId)).toMatchObject({ rollbackable: true });
	});

	it("one requestId used by twelve calls at once is one deployment, and all are told of it", async ({ expect }) => {
		const { applicationId } = await liveApp("twelve");
		const calls = Array.from({ length: 12 }, () => server.deployment("deploy", { applicationId, requestId: "the same", wait: 0 }));
		const ids = new Set((await Promise.all(calls)).map(({ deploymentId }) => deploymentId));
		expect(ids.size).toBe(1);
		expect(await server.history(applicationId)).toHaveLength(2);
	});
});
