import { afterAll, beforeAll, describe, it } from "vitest";
import { AppStory, atTheEdges } from "../support/app-story.ts";
import { StandInIngress } from "../support/stand-in-ingress.ts";
import { TestBed } from "../support/test-bed.ts";
import { catchAll, catchAllByName, traefik, type UnknownHost } from "../support/unknown-hosts.ts";

describe.concurrent("An ingress that is late to notice a new app", () => {
	let bed: TestBed;
	beforeAll(async () => {
		bed = await TestBed.open();
	});
	afterAll(() => bed.close());

	it.for<[string, UnknownHost, number]>([
		["traefik", traefik, 20_000],
		["page", catchAllByName, 15_000],
	])("and answers like %s until then: a good app is healthy, and an ill one is not", async ([label, unknown, lateByMs], { expect }) => {
		await using ingress = await StandInIngress.start(bed.sandbox.edgeAddress, unknown);
		const server = await bed.server({ DEPLOYMILL_EDGE_ADDRESS: ingress.address });
		const [good, ill] = await Promise.all([AppStory.begin(bed, server, `${label}-good`), AppStory.begin(bed, server, `${label}-ill`)]);
		ingress.routeLate(good.repo.host, lateByMs);
		ingress.routeLate(ill.repo.host, lateByMs);
		const [healthy, unhealthy] = await Promise.all([good.release({ version: "one" }), ill.release({ version: "one", ...atTheEdges(503) })]);
		expect(healthy).toMatchObject({ outcome: "live", health: { verdict: "healthy", edges: [{ mode: "strict", status: 200 }] } });
		expect(healthy.health?.edges[0]).not.toHaveProperty("fallback");
		expect(unhealthy).toMatchObject({
			outcome: "live_unhealthy",
			health: { verdict: "unhealthy", edges: [{ status: 503, error: "answered 503, wanted 200" }] },
		});
		expect(await server.ok("get_app_health", { applicationId: good.applicationId })).toMatchObject({ verdict: "healthy" });
		expect(await server.ok("get_app_health", { applicationId: ill.applicationId })).toMatchObject({ verdict: "unhealthy" });
	});

	it("has the grace for a domain that is added while the app is live, and no longer", async ({ expect }) => {
		await using ingress = await StandInIngress.start(bed.sandbox.edgeAddress, catchAll);
		const server = await bed.server({ DEPLOYMILL_EDGE_ADDRESS: ingress.address });
		const app = await AppStory.begin(bed, server, "added", { project: { rollback: "auto" } });
		const { host: prod } = app.repo;
		const [late, parked] = [`${bed.named("late")}.test`, `${bed.named("parked")}.test`];
		ingress.route(prod);
		const one = await app.release({ version: "one" });
		expect(one).toMatchObject({ outcome: "live", health: { verdict: "healthy" } });

		ingress.routeLate(late, 5_000);
		const two = await app.release({ version: "two" }, { project: { domains: { prod, custom: [late] } } });
		expect(two).toMatchObject({ outcome: "live", health: { edges: [{ verdict: "healthy" }, { verdict: "healthy", mode: "strict" }] } });

		const three = await app.release({ version: "three" }, { project: { domains: { prod, custom: [late, parked] } } });
		const edges = [{ verdict: "healthy" }, { verdict: "healthy" }, { verdict: "unhealthy", error: expect.stringMatching(/^not routed/) }];
		expect(three).toMatchObject({ outcome: "live_unhealthy", health: { verdict: "unhealthy", edges } });
		expect(three.autoRollback).toEqual({ attempted: false, reason: "partial_outage" });
		expect(await server.ok("get_app_health", { applicationId: app.applicationId })).toMatchObject({ verdict: "unhealthy", edges });
	});
});
