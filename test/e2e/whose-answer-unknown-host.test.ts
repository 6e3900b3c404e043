import { afterAll, beforeAll, describe, it } from "vitest";
import { AppStory } from "../support/app-story.ts";
import type { HealthAnswer } from "../support/deployment-answer.ts";
import { StandInIngress } from "../support/stand-in-ingress.ts";
import { TestBed } from "../support/test-bed.ts";
import { caddy, catchAllThatChanges, nginxDefaultSite, traefik, type UnknownHost } from "../support/unknown-hosts.ts";

/** Side by side, since each waits out the half minute that an ingress has to notice a new app. */
describe.concurrent("An ingress that answers for itself is never taken for the app", () => {
	let bed: TestBed;
	beforeAll(async () => {
		bed = await TestBed.open();
	});
	afterAll(() => bed.close());

	it.for<[string, UnknownHost]>([
		["traefik", traefik],
		["caddy", caddy],
		["nginx", nginxDefaultSite],
		["counter", catchAllThatChanges()],
	])("as %s does, for as long as it has no route, and again when it has lost it", async ([label, unknown], { expect }) => {
		await using ingress = await StandInIngress.start(bed.sandbox.edgeAddress, unknown);
		const server = await bed.server({ DEPLOYMILL_EDGE_ADDRESS: ingress.address });
		const app = await AppStory.begin(bed, server, label);
		const notRouted = { verdict: "unhealthy", edges: [{ verdict: "unhealthy", error: expect.stringMatching(/^not routed/) }] };
		const now = () => server.ok("get_app_health", { applicationId: app.applicationId }) as unknown as Promise<HealthAnswer>;

		const first = await app.release({ version: "one" });
		expect(first).toMatchObject({ outcome: "live_unhealthy", health: notRouted });
		expect(await now()).toMatchObject(notRouted);

		ingress.route(app.repo.host);
		const well = await now();
		expect(well).toMatchObject({ verdict: "healthy", edges: [{ verdict: "healthy", mode: "strict", status: 200 }] });
		expect(well.edges[0]).not.toHaveProperty("fallback");

		ingress.forgetAll();
		expect(await now()).toMatchObject(notRouted);
		const second = await app.release({ version: "two" });
		expect(second).toMatchObject({ outcome: "live_unhealthy", health: { verdict: "unhealthy" } });
	});
});
