import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Deploymill } from "../support/deploymill.ts";
import { TestBed } from "../support/test-bed.ts";

describe.concurrent("A first deploy", () => {
	let bed: TestBed;
	let server: Deploymill;
	beforeAll(async () => {
		bed = await TestBed.open();
		server = await bed.server();
	});
	afterAll(() => bed.close());

	it("that fails leaves no service behind, and the next one goes live", async () => {
		const repo = await bed.project("newborn", { behaviour: { version: "one", exit: { code: 1, words: "not today" } } });
		const applicationId = await server.reconcile(repo.repoUrl);
		const failed = await server.deployment("deploy", { applicationId });
		expect(failed).toMatchObject({ status: "error", outcome: "failed", error: { code: "rollout_failed" }, rollbackable: false });
		expect(await bed.swarm.service(applicationId)).toBeUndefined();
		await repo.commit("Mend", { behaviour: { version: "two" } });
		expect(await server.deployment("deploy", { applicationId })).toMatchObject({ outcome: "live" });
		expect(await bed.see(repo)).toBe("two");
	});

	it("that nobody answers for is live, and judged unhealthy, where no health block lets Swarm look", async () => {
		const repo = await bed.project("unguarded", { behaviour: { version: "one", listen: false }, project: { health: null } });
		const applicationId = await server.reconcile(repo.repoUrl);
		const live = await server.deployment("deploy", { applicationId });
		expect(live).toMatchObject({
			status: "done",
			outcome: "live_unhealthy",
			rolledOver: true,
			current: true,
			health: { verdict: "unhealthy", edges: [{ verdict: "unhealthy", status: 502 }] },
		});
		expect(live.next?.map(({ tool }) => tool)).toContain("get_logs");
	});
});
