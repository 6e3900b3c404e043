import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Release } from "../support/app-story.ts";
import type { Behaviour } from "../support/behaviour.ts";
import type { DeploymentAnswer } from "../support/deployment-answer.ts";
import type { Deploymill } from "../support/deploymill.ts";
import type { ProjectRepo } from "../support/project-repo.ts";
import { TestBed } from "../support/test-bed.ts";
import { until } from "../support/until.ts";

describe("A worker has no edges to be judged by", () => {
	let bed: TestBed;
	let server: Deploymill;
	let repo: ProjectRepo;
	let applicationId: string;
	let one: DeploymentAnswer;

	beforeAll(async () => {
		bed = await TestBed.open();
		server = await bed.server();
		repo = await bed.project("worker", { fixture: "worker", project: { rollback: "auto" } });
		applicationId = await server.reconcile(repo.repoUrl);
	});
	afterAll(() => bed.close());

	async function release(behaviour: Behaviour): Promise<DeploymentAnswer & Pick<Release, "isError">> {
		await repo.commit(`Version ${behaviour.version}`, { behaviour });
		const { isError, content } = await server.call("deploy", { applicationId, wait: 300 });
		return { ...(content as unknown as DeploymentAnswer), isError };
	}

	const running = () => bed.swarm.containers(applicationId);

	it("has a plan that speaks of no health gate", async () => {
		const { plan } = await server.ok("reconcile_project", { applicationId, dryRun: true });
		expect(plan).toMatchObject({ health: {}, orchestratorGate: { on: false, because: "a worker has no port to ask" } });
		expect((plan as { health: object }).health).toEqual({});
	});

	it("that crashes at its very first start comes to nothing, and leaves nothing behind", async () => {
		const stillborn = await release({ version: "stillborn", exit: { code: 7, words: "no queue to work on" } });
		expect(stillborn).toMatchObject({
			isError: true,
			status: "error",
			outcome: "failed",
			rolledOver: false,
			rollbackable: false,
			error: { code: "rollout_failed", message: expect.stringContaining("exit code 7") },
			orchestrator: { failedTasks: expect.arrayContaining([expect.objectContaining({ exitCode: 7 })]) },
		});
		expect(stillborn.orchestrator?.failedTasks?.[0]?.output).toContain("no queue to work on");
		expect(await bed.swarm.service(applicationId)).toBeUndefined();
	});

	it("runs, and is live without a verdict", async () => {
		one = await release({ version: "one" });
		expect(one).toMatchObject({ status: "done", outcome: "live", health: { verdict: null, edges: [] } });
		expect(one).not.toHaveProperty("autoRollback");
		expect(one).not.toHaveProperty("orchestratorGate");
		const [listed] = await server.history(applicationId);
		expect(listed).toMatchObject({ verdict: null, current: true });
	});

	it("says how it is by its tasks alone", async () => {
		const health = await server.ok("get_app_health", { applicationId });
		expect(health).toMatchObject({ verdict: null, edges: [], tasks: { desired: 1, running: 1 }, matches: true });
		expect(health).not.toHaveProperty("next");
	});

	it("that crashes at its start is taken back by Swarm, with its last words", async () => {
		const bad = await release({ version: "bad", exit: { code: 9, words: "cannot reach the queue" } });
		expect(bad).toMatchObject({ isError: true, status: "error", outcome: "orchestrator_rolled_back", rolledOver: false });
		expect(bad).not.toHaveProperty("autoRollback");
		expect(bad.orchestrator?.failedTasks?.[0]).toMatchObject({ exitCode: 9, output: expect.stringContaining("cannot reach the queue") });
		expect(await running()).toMatchObject([{ deploymentId: one.deploymentId, digest: one.image?.digest }]);
	});

	it("that crashes later is live, is started anew by Swarm, and is never reverted", async () => {
		const moody = await release({ version: "moody", exit: { code: 5, words: "enough", afterMs: 8_000 } });
		expect(moody).toMatchObject({ outcome: "live", health: { verdict: null } });
		const health = await until(
			() => server.ok("get_app_health", { applicationId }),
			({ tasks }) => (tasks as { items: { restarts: number }[] }).items.some(({ restarts }) => restarts > 0),
			60_000,
		);
		expect(health).toMatchObject({ verdict: null, expected: { deploymentId: moody.deploymentId } });
		expect(await server.history(applicationId)).toHaveLength(4);
	});

	it("is gone back to by hand, where nothing is recorded healthy, by the rollbackId", async () => {
		expect(await server.refusal("rollback", { applicationId })).toMatchObject({ code: "rollback_not_found" });
		const back = await server.deployment("rollback", { applicationId, rollbackId: one.rollbackId });
		expect(back).toMatchObject({ outcome: "live", health: { verdict: null }, image: { digest: one.image?.digest } });
		expect(await running()).toMatchObject([{ deploymentId: back.deploymentId, digest: one.image?.digest }]);
	});
});
