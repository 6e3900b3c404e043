import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { DeploymentAnswer } from "../support/deployment-answer.ts";
import type { Deploymill } from "../support/deploymill.ts";
import type { ProjectRepo } from "../support/project-repo.ts";
import { TestBed } from "../support/test-bed.ts";

describe("The same is asked for twice", () => {
	let bed: TestBed;
	let server: Deploymill;
	let repo: ProjectRepo;
	let applicationId: string;
	let first: DeploymentAnswer;
	let containers: string[];

	beforeAll(async () => {
		bed = await TestBed.open();
		server = await bed.server();
		repo = await bed.project("again", { behaviour: { version: "one", head: 405 } });
		applicationId = await server.reconcile(repo.repoUrl);
		first = await server.deployment("deploy", { applicationId, requestId: "release-1" });
		containers = await bed.swarm.containerIds(applicationId);
	});
	afterAll(() => bed.close());

	it("asks by GET where the app refuses HEAD", () => {
		expect(first).toMatchObject({ outcome: "live", health: { verdict: "healthy", edges: [{ status: 200, mode: "strict" }] } });
	});

	it("finds the same commit unchanged, and leaves its tasks alone", async () => {
		const again = await server.deployment("deploy", { applicationId });
		expect(again).toMatchObject({ status: "done", outcome: "unchanged", rolledOver: false, image: { digest: first.image?.digest } });
		expect(again.deploymentId).not.toBe(first.deploymentId);
		expect(await bed.swarm.containerIds(applicationId)).toEqual(containers);
		expect(await bed.swarm.releases(applicationId)).toEqual([first.deploymentId]);
		const [last, before] = await server.history(applicationId);
		expect(last).toMatchObject({ deploymentId: again.deploymentId, current: false });
		expect(before).toMatchObject({ deploymentId: first.deploymentId, current: true });
	});

	it("finds a rollback to what runs unchanged too", async () => {
		const back = await server.deployment("rollback", { applicationId, rollbackId: first.rollbackId });
		expect(back).toMatchObject({ outcome: "unchanged", rolledOver: false });
		expect(await bed.swarm.containerIds(applicationId)).toEqual(containers);
	});

	it("answers a request id that was seen with the deployment it started", async () => {
		const before = await server.history(applicationId);
		const again = await server.deployment("deploy", { applicationId, requestId: "release-1" });
		expect(again.deploymentId).toBe(first.deploymentId);
		expect(await server.history(applicationId)).toHaveLength(before.length);
		expect(await server.refusal("rollback", { applicationId, rollbackId: first.rollbackId, requestId: "release-1" })).toMatchObject({
			code: "invalid_input",
			message: expect.stringContaining(first.deploymentId),
		});
	});

	it("refuses to go on from a state that is not there any more", async () => {
		await repo.commit("Second version", { behaviour: { version: "two", head: 405 } });
		const stale = await server.refusal("deploy", { applicationId, expectedCurrent: "dep-somethingold" });
		expect(stale).toMatchObject({ code: "stale_view", details: { live: { deploymentId: first.deploymentId } } });
		expect(await bed.swarm.containerIds(applicationId)).toEqual(containers);
		const expected = await server.deployment("deploy", { applicationId, expectedCurrent: first.image?.digest });
		expect(expected).toMatchObject({ outcome: "live", rolledOver: true });
		expect(await server.refusal("rollback", { applicationId, expectedCurrent: first.deploymentId })).toMatchObject({ code: "stale_view" });
		expect(await bed.see(repo)).toBe("two");
	});

	it("replaces the tasks all the same when it is forced to", async () => {
		const before = await bed.swarm.containerIds(applicationId);
		const forced = await server.deployment("deploy", { applicationId, force: true });
		expect(forced).toMatchObject({ outcome: "live", rolledOver: true });
		expect(await bed.swarm.containerIds(applicationId)).not.toEqual(before);
		expect(await bed.swarm.containers(applicationId)).toMatchObject([{ deploymentId: forced.deploymentId, digest: forced.image?.digest }]);
	});
});
