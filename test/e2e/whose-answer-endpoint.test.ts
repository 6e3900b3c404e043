import { afterAll, beforeAll, describe, it } from "vitest";
import { AppStory, atTheEdges } from "../support/app-story.ts";
import type { Deploymill } from "../support/deploymill.ts";
import { StandInIngress } from "../support/stand-in-ingress.ts";
import { TestBed } from "../support/test-bed.ts";
import { traefik } from "../support/unknown-hosts.ts";

describe.concurrent("What an endpoint says, and what its absence says", () => {
	let bed: TestBed;
	let server: Deploymill;
	beforeAll(async () => {
		bed = await TestBed.open();
		server = await bed.server();
	});
	afterAll(() => bed.close());

	it("HEAD is 404, and GET is asked: an ill app is ill, and a good one needs no fallback", async ({ expect }) => {
		const app = await AppStory.begin(bed, server, "head");
		const ill = await app.release({ version: "ill", head: 404, ...atTheEdges(503) });
		expect(ill).toMatchObject({ outcome: "live_unhealthy", health: { edges: [{ mode: "strict", status: 503 }] } });
		expect(await server.ok("get_app_health", { applicationId: app.applicationId })).toMatchObject({ verdict: "unhealthy" });
		const good = await app.release({ version: "good", head: 404 });
		expect(good).toMatchObject({ outcome: "live", health: { edges: [{ verdict: "healthy", mode: "strict", status: 200 }] } });
		expect(good.health?.edges[0]).not.toHaveProperty("fallback");
	});

	it("an endpoint that nobody ever saw may be missing; one that answered before may not", async ({ expect }) => {
		const app = await AppStory.begin(bed, server, "gone", { project: { rollback: "auto" } });
		const without = await app.release({ version: "without", ...atTheEdges(404) });
		expect(without).toMatchObject({ outcome: "live", health: { edges: [{ verdict: "healthy", mode: "lenient", fallback: true }] } });
		const again = await app.release({ version: "again", ...atTheEdges(404) });
		expect(again).toMatchObject({ outcome: "live", health: { edges: [{ verdict: "healthy", fallback: true }] } });
		const added = await app.release({ version: "added" });
		expect(added).toMatchObject({ outcome: "live", health: { edges: [{ verdict: "healthy", mode: "strict" }] } });
		const gone = await app.release({ version: "gone", ...atTheEdges(404) });
		expect(gone).toMatchObject({
			outcome: "rolled_back",
			health: {
				edges: [{ verdict: "unhealthy", status: 404, error: expect.stringMatching(/the endpoint that answered before .*is gone/) }],
			},
			autoRollback: { recovered: true, rollbackId: added.rollbackId },
		});
	});

	it("an answer just like the ingress's own: the page at / tells that the app is reached, and the body of a GET whose it is", async ({
		expect,
	}) => {
		await using ingress = await StandInIngress.start(bed.sandbox.edgeAddress, traefik);
		const behind = await bed.server({ DEPLOYMILL_EDGE_ADDRESS: ingress.address });
		const app = await AppStory.begin(bed, behind, "like");
		const { applicationId, repo } = app;
		ingress.route(repo.host);
		ingress.answerUnknownBy(repo.host, "/healthz");
		const page = await app.release({ version: "page" });
		expect(page).toMatchObject({
			outcome: "live",
			health: { verdict: "healthy", edges: [{ mode: "lenient", path: "/", fallback: true }] },
		});
		expect(await behind.ok("get_app_health", { applicationId })).toMatchObject({ verdict: "healthy" });
	});

	it("an ingress that sends every host to the app: nobody can tell, the error says what to do, and the release header settles it", async ({
		expect,
	}) => {
		await using ingress = await StandInIngress.start(bed.sandbox.edgeAddress, traefik);
		const behind = await bed.server({ DEPLOYMILL_EDGE_ADDRESS: ingress.address });
		const app = await AppStory.begin(bed, behind, "default");
		const { applicationId, repo } = app;
		ingress.route(repo.host);
		ingress.answerUnknownBy(repo.host);
		const alike = await app.release({ version: "one" });
		expect(alike.health?.verdict).not.toBe("healthy");
		expect(alike.health?.edges[0]?.error).toMatch(/body/);
		expect(alike.health?.edges[0]?.error).toMatch(/releaseHeader/);
		expect(await behind.ok("get_app_health", { applicationId })).toMatchObject({ verdict: alike.health?.verdict });
		const health = { path: "/healthz", retries: 2, intervalMs: 400, timeoutMs: 2000, releaseHeader: "X-Release" };
		const named = await app.release({ version: "two", named: { header: "X-Release" } }, { project: { health } });
		expect(named).toMatchObject({ outcome: "live", health: { edges: [{ verdict: "healthy", servedBy: named.deploymentId }] } });
	});
});
