import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { DeploymentAnswer } from "../support/deployment-answer.ts";
import type { Deploymill } from "../support/deploymill.ts";
import { dockerfileWith } from "../support/dockerfile.ts";
import type { ProjectRepo } from "../support/project-repo.ts";
import { TestBed } from "../support/test-bed.ts";
import { until } from "../support/until.ts";

describe("A deploy that fails says why, and the old version serves on", () => {
	let bed: TestBed;
	let server: Deploymill;
	let repo: ProjectRepo;
	let applicationId: string;
	let good: DeploymentAnswer;
	let containers: string[];

	beforeAll(async () => {
		bed = await TestBed.open();
		server = await bed.server();
		repo = await bed.project("sturdy", { behaviour: { version: "good" } });
		applicationId = await server.reconcile(repo.repoUrl);
		good = await server.deployment("deploy", { applicationId });
		containers = await bed.swarm.containerIds(applicationId);
	});
	afterAll(() => bed.close());

	/** What every failure leaves behind: the old version's own tasks, a history that offers nothing unusable, and no lock. */
	async function expectUntouched(failed: DeploymentAnswer, code: string): Promise<void> {
		expect(failed).toMatchObject({ status: "error", phase: "finished", rolledOver: false, current: false, rollbackable: false });
		expect(failed.error).toMatchObject({ code, hint: expect.any(String), retryable: expect.any(Boolean) });
		expect(await bed.see(repo)).toBe("good");
		expect(await bed.swarm.containerIds(applicationId)).toEqual(containers);
		const usable = (await server.history(applicationId)).filter(({ rollbackable }) => rollbackable);
		expect(usable.map(({ deploymentId }) => deploymentId)).toEqual([good.deploymentId]);
		// One that is refused for its own sake alone got past the lock.
		expect(await server.refusal("deploy", { applicationId, expectedCurrent: "nothing" })).toMatchObject({ code: "stale_view" });
	}

	it("when a step of the build fails", async () => {
		const Dockerfile = "FROM node:24-slim\nRUN echo the compiler is out of ideas >&2; exit 7\n";
		await repo.commit("Break the build", { files: { Dockerfile } });
		const failed = await server.deployment("deploy", { applicationId });
		await expectUntouched(failed, "build_failed");
		expect(failed).toMatchObject({ outcome: "failed", rollbackId: null });
		expect(JSON.stringify(failed.error?.details)).toContain("the compiler is out of ideas");
	});

	it("when there is no Dockerfile", async () => {
		await repo.commit("Lose the Dockerfile", { files: { Dockerfile: null } });
		await expectUntouched(await server.deployment("deploy", { applicationId }), "dockerfile_missing");
		const Dockerfile = dockerfileWith("true");
		await repo.commit("Find the Dockerfile", { files: { Dockerfile } });
	});

	it("when the commit is not there", async () => {
		await expectUntouched(await server.deployment("deploy", { applicationId, ref: "v999" }), "ref_not_found");
	});

	it("when the registry refuses the push", async () => {
		await using stranger = await bed.server({ DEPLOYMILL_REGISTRY_PASSWORD: "not the password" });
		await repo.commit("Never pushed", { behaviour: { version: "unpushed" } });
		const failed = await stranger.deployment("deploy", { applicationId });
		await expectUntouched(failed, "registry_auth_failed");
		expect(failed).toMatchObject({ outcome: "failed", rollbackId: null });
		expect(await stranger.refusal("rollback", { applicationId, rollbackId: good.rollbackId })).toMatchObject({
			code: "registry_auth_failed",
		});
		expect(await bed.swarm.registryTags(`apps/${applicationId}`)).toEqual([good.deploymentId]);
	});

	it("when the registry is away", async () => {
		await using lost = await bed.server({ DEPLOYMILL_REGISTRY: "127.0.0.1:1/apps" });
		await expectUntouched(await lost.deployment("deploy", { applicationId }), "registry_unreachable");
	});

	it("when the container exits at its start, with its last words", async () => {
		await repo.commit("Crash", { behaviour: { version: "crash", exit: { code: 3, words: "no such table: users" } } });
		const failed = await server.deployment("deploy", { applicationId });
		await expectUntouched(failed, "rollout_failed");
		expect(failed).toMatchObject({ outcome: "orchestrator_rolled_back", orchestrator: { updateState: "rollback_completed" } });
		const [task] = failed.orchestrator?.failedTasks ?? [];
		expect(task).toMatchObject({ exitCode: 3, output: expect.stringContaining("no such table: users") });
	});

	it("when nobody listens on the port, by the container's own check", async () => {
		await repo.commit("Deaf", { behaviour: { version: "deaf", listen: false } });
		const failed = await server.deployment("deploy", { applicationId });
		await expectUntouched(failed, "rollout_failed");
		expect(failed.outcome).toBe("orchestrator_rolled_back");
		expect(failed.orchestrator?.failedTasks?.[0]?.healthLog).toContain("exit code");
	});

	it("and the next good one goes live", async () => {
		await repo.commit("Mended", { behaviour: { version: bed.named("mended") } });
		expect(await server.deployment("deploy", { applicationId })).toMatchObject({ outcome: "live", health: { verdict: "healthy" } });
		expect(await bed.see(repo)).toBe(bed.named("mended"));
		containers = await bed.swarm.containerIds(applicationId);
	});

	it("refuses to go back to an image that the registry lost", async () => {
		const reference = good.image?.reference ?? "";
		expect(await bed.swarm.deleteFromRegistry(reference)).toBe(true);
		expect(await server.refusal("rollback", { applicationId, rollbackId: good.rollbackId })).toMatchObject({ code: "image_missing" });
		expect(await bed.see(repo)).toBe(bed.named("mended"));
		expect(await bed.swarm.containerIds(applicationId)).toEqual(containers);
	});

	it("comes back from a rollback whose image cannot be pulled", async () => {
		await repo.commit("Last version", { behaviour: { version: "last" } });
		const [mended] = await server.history(applicationId);
		const last = await server.deployment("deploy", { applicationId });
		containers = await bed.swarm.containerIds(applicationId);
		await bed.swarm.makeUnpullable(await imageOf(mended?.deploymentId));
		const failed = await server.deployment("rollback", { applicationId, rollbackId: mended?.rollbackId });
		expect(failed).toMatchObject({ status: "error", rolledOver: false, error: { code: "image_missing" } });
		expect(await bed.see(repo)).toBe("last");
		await until(
			() => bed.swarm.containerIds(applicationId),
			(ids) => ids.length === 1,
		);
		expect(await bed.swarm.runningDigests(applicationId)).toEqual([last.image?.digest]);
		expect(await server.deployment("deploy", { applicationId })).toMatchObject({ outcome: "unchanged" });
	});

	async function imageOf(deploymentId: string | undefined): Promise<string> {
		const { image } = await server.deployment("get_deployment", { deploymentId, wait: 0 });
		return image?.reference ?? "";
	}
});
