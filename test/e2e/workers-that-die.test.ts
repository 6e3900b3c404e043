import { afterAll, beforeAll, describe, it } from "vitest";
import type { DeploymentAnswer } from "../support/deployment-answer.ts";
import type { Deploymill } from "../support/deploymill.ts";
import { dockerfileWith } from "../support/dockerfile.ts";
import type { ProjectRepo } from "../support/project-repo.ts";
import { TestBed } from "../support/test-bed.ts";
import { until } from "../support/until.ts";
import { workerOf } from "../support/workers.ts";

/** Each waits for a lease to expire, so they do it side by side. */
describe.concurrent("The worker of a deployment is killed", () => {
	let bed: TestBed;
	let server: Deploymill;
	beforeAll(async () => {
		bed = await TestBed.open();
		server = await bed.server();
	});
	afterAll(() => bed.close());

	async function killWorkerIn(phase: string, { deploymentId }: DeploymentAnswer): Promise<void> {
		await until(
			() => server.deployment("get_deployment", { deploymentId, wait: 0 }),
			(deployment) => deployment.phase === phase,
			120_000,
		);
		const { pid } = await workerOf(bed.dataFolder, deploymentId);
		process.kill(pid, "SIGKILL");
	}

	async function liveApp(label: string): Promise<{ repo: ProjectRepo; applicationId: string; good: DeploymentAnswer }> {
		const repo = await bed.project(label);
		const applicationId = await server.reconcile(repo.repoUrl);
		return { repo, applicationId, good: await server.deployment("deploy", { applicationId }) };
	}

	it("before the swap: it is interrupted, the old version serves, and the lock is free again", async ({ expect }) => {
		const { repo, applicationId, good } = await liveApp("early");
		const Dockerfile = dockerfileWith(`sleep 5; : ${bed.prefix}`);
		await repo.commit("Second version", { behaviour: { version: "two" }, files: { Dockerfile } });
		const doomed = await server.deployment("deploy", { applicationId, wait: 0 });
		await killWorkerIn("build", doomed);
		expect(await server.refusal("deploy", { applicationId })).toMatchObject({ code: "deploy_in_progress" });
		const ended = await server.deployment("get_deployment", { deploymentId: doomed.deploymentId });
		expect(ended).toMatchObject({ status: "error", outcome: "interrupted", rolledOver: false, rollbackId: null });
		expect(ended.next).toMatchObject([{ tool: "deploy", args: { applicationId, ref: "main", dryRun: true } }]);
		expect(await bed.see(repo)).toBe("one");
		expect(await bed.swarm.releases(applicationId)).toEqual([good.deploymentId]);
		expect(await server.deployment("deploy", { applicationId })).toMatchObject({ outcome: "live" });
		expect(await bed.see(repo)).toBe("two");
	});

	it("after the swap: another worker resumes it at the gate, to its verdict", async ({ expect }) => {
		const { repo, applicationId } = await liveApp("late");
		await repo.commit("Second version", { behaviour: { version: "two" } });
		const orphan = await server.deployment("deploy", { applicationId, wait: 0 });
		await killWorkerIn("health", orphan);
		const ended = await server.deployment("get_deployment", { deploymentId: orphan.deploymentId });
		expect(ended).toMatchObject({ status: "done", outcome: "live", rolledOver: true, current: true, health: { verdict: "healthy" } });
		expect(await bed.see(repo)).toBe("two");
		expect(await bed.swarm.runningDigests(applicationId)).toEqual([ended.image?.digest]);
		expect(await server.deployment("deploy", { applicationId })).toMatchObject({ outcome: "unchanged" });
	});

	it("after the swap to a version that is ill: its verdict is unhealthy all the same", async ({ expect }) => {
		const { repo, applicationId } = await liveApp("ill");
		await repo.commit("Ill", { behaviour: { version: "ill", health: { default: [500], "127.0.0.1": [200] } } });
		const orphan = await server.deployment("deploy", { applicationId, wait: 0 });
		await killWorkerIn("health", orphan);
		const ended = await server.deployment("get_deployment", { deploymentId: orphan.deploymentId });
		expect(ended).toMatchObject({ outcome: "live_unhealthy", health: { verdict: "unhealthy", edges: [{ status: 500 }] } });
	});
});
