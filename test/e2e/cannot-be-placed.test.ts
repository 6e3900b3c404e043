import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { AppStory, type Release } from "../support/app-story.ts";
import { TestBed } from "../support/test-bed.ts";

describe("New tasks that no node takes", () => {
	let bed: TestBed;
	let app: AppStory;
	let one: Release;

	beforeAll(async () => {
		bed = await TestBed.open();
		app = await AppStory.begin(bed, await bed.server(), "unplaced", { project: { rollback: "auto" } });
		one = await app.release({ version: "one" });
		await allowOneTaskPerNode();
	});
	afterAll(() => bed.close());

	it("are given up after a minute, and the old release serves all the while", async () => {
		await using visitors = bed.ingress.visitors(app.repo.host);
		const bad = await app.release({ version: "two" });
		await visitors.leave();
		expect(bad).toMatchObject({
			isError: true,
			status: "error",
			outcome: "failed",
			rolledOver: false,
			rolloverNote: "The previous release was put back; its tasks run.",
			error: { code: "rollout_timeout", details: { hold: "unplaced" } },
			current: false,
		});
		expect(bad).not.toHaveProperty("autoRollback");
		expect(bad.swaps).toEqual([bad.image?.digest, one.image?.digest]);
		expect(visitors.seen).toEqual(["one"]);
		expect(visitors.failures).toEqual([]);
		await app.expectLive(one, one.deploymentId);
	});

	/** An operator's setting that deploymill keeps: start-first cannot work on a single node then. It touches no task that runs. */
	async function allowOneTaskPerNode(): Promise<void> {
		const service = await bed.swarm.service(app.applicationId);
		const { TaskTemplate: template } = service?.spec ?? {};
		await bed.swarm.docker.getService(service?.id ?? "").update({
			...service?.spec,
			TaskTemplate: { ...template, Placement: { ...template?.Placement, MaxReplicas: 1 } },
			version: service?.version,
			registryAuthFrom: "spec",
		});
	}
});
