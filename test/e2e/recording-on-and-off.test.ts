import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { DeploymentAnswer } from "../support/deployment-answer.ts";
import type { Deploymill } from "../support/deploymill.ts";
import type { ProjectRepo } from "../support/project-repo.ts";
import { TestBed } from "../support/test-bed.ts";

describe("Rollback is turned on and off again", () => {
	let bed: TestBed;
	let server: Deploymill;
	let repo: ProjectRepo;
	let applicationId: string;
	let captured: DeploymentAnswer;

	beforeAll(async () => {
		bed = await TestBed.open();
		server = await bed.server();
		repo = await bed.project("plain", { project: { rollback: false } });
		applicationId = await server.reconcile(repo.repoUrl);
	});
	afterAll(() => bed.close());

	async function deployVersion(version: string, project: Record<string, unknown> = {}): Promise<DeploymentAnswer> {
		await repo.commit(`Version ${version}`, { behaviour: { version }, project });
		await server.reconcile(repo.repoUrl);
		return server.deployment("deploy", { applicationId });
	}

	it("runs an image by its id without a push while it is off, on the node that built it", async () => {
		const first = await server.deployment("deploy", { applicationId });
		expect(first).toMatchObject({ outcome: "live", rollbackId: null, rollbackable: false, health: { verdict: "healthy" } });
		expect(first.image?.reference).toMatch(/^sha256:[0-9a-f]{64}$/);
		expect(first.phases.map(({ phase }) => phase)).not.toContain("push");
		const [container] = await bed.swarm.containers(applicationId);
		const service = await bed.swarm.service(applicationId);
		expect(service?.image).toBe(first.image?.reference);
		expect(service?.spec.TaskTemplate.Placement?.Constraints).toEqual([`node.id==${container?.nodeId}`]);
		expect(container?.digest).toBe(first.image?.digest);
		expect(await bed.swarm.registryTags(`apps/${applicationId}`)).toEqual([]);
		expect(await server.refusal("rollback", { applicationId })).toMatchObject({ code: "rollback_not_found" });
	});

	it("says when it is turned on that one deploy has to run first, and what to call", async () => {
		await repo.commit("Rollback on", { project: { rollback: true } });
		const call = { applicationId, dryRun: true };
		const turnedOn = await server.ok("reconcile_project", call);
		const warning = expect.stringContaining("nothing can be gone back to until one deploy has run");
		expect(turnedOn).toMatchObject({
			plan: { rollback: { enabled: true, was: { enabled: false } }, warnings: [warning] },
			next: [{ tool: "reconcile_project", args: { applicationId } }],
		});
		expect(await server.ok("reconcile_project", { applicationId })).toMatchObject({
			plan: { warnings: [warning] },
			next: [{ tool: "deploy", args: { applicationId }, why: expect.stringContaining("captures the first image") }],
		});
		expect(await server.ok("reconcile_project", call)).toMatchObject({ plan: { steps: [], warnings: [] } });
	});

	it("captures what is deployed once it is on, and frees it from the node", async () => {
		captured = await deployVersion("two", { rollback: true });
		expect(captured).toMatchObject({ outcome: "live", rollbackable: true });
		expect(captured.rollbackId).not.toBeNull();
		const service = await bed.swarm.service(applicationId);
		expect(service?.image).toBe(captured.image?.reference);
		expect(service?.spec.TaskTemplate.Placement?.Constraints ?? []).toEqual([]);
		const [, first] = await server.history(applicationId);
		expect(first).toMatchObject({
			rollbackId: null,
			rollbackable: false,
			notRollbackableBecause: expect.stringContaining("rollback was off"),
		});
	});

	it("captures nothing new once it is off again, and keeps what is there", async () => {
		const last = await deployVersion("three", { rollback: false });
		expect(last).toMatchObject({ outcome: "live", rollbackId: null });
		const tags = await bed.swarm.registryTags(`apps/${applicationId}`);
		expect(tags).toEqual([captured.deploymentId]);
		const history = await server.history(applicationId);
		expect(history.map(({ rollbackId, rollbackable }) => [rollbackId, rollbackable])).toEqual([
			[null, false],
			[captured.rollbackId, true],
			[null, false],
		]);
	});

	it("still goes back to what was captured", async () => {
		const back = await server.deployment("rollback", { applicationId, rollbackId: captured.rollbackId });
		expect(back).toMatchObject({ outcome: "live", image: captured.image });
		expect(await bed.see(repo)).toBe("two");
		expect(await bed.swarm.runningDigests(applicationId)).toEqual([captured.image?.digest]);
	});

	it("is refused where the server has no registry, and nothing is changed", async () => {
		const unable = await bed.server({ DEPLOYMILL_REGISTRY: "", DEPLOYMILL_REGISTRY_USERNAME: "", DEPLOYMILL_REGISTRY_PASSWORD: "" });
		const before = await bed.swarm.service(applicationId);
		await repo.commit("Rollback on", { project: { rollback: true, replicas: 2 } });
		const error = await unable.refusal("reconcile_project", { applicationId });
		expect(error).toMatchObject({
			code: "registry_not_configured",
			retryable: false,
			hint: expect.stringContaining("DEPLOYMILL_REGISTRY"),
		});
		const unknown = await bed.project("unknown", { project: { rollback: "auto" } });
		expect(await unable.refusal("reconcile_project", { repoUrl: unknown.repoUrl })).toMatchObject({ code: "registry_not_configured" });
		const { applications } = await unable.ok("list_applications");
		expect(applications).toMatchObject([{ applicationId, rollback: { enabled: false, auto: false } }]);
		expect((await bed.swarm.service(applicationId))?.version).toBe(before?.version);
	});
});
