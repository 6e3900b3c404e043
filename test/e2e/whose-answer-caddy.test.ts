import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { AppStory, atTheEdges } from "../support/app-story.ts";
import { startCaddy } from "../support/caddy.ts";
import { TestBed } from "../support/test-bed.ts";

describe("A real Caddy, which answers an empty 200 for every host that it does not know", () => {
	let bed: TestBed;
	beforeAll(async () => {
		bed = await TestBed.open();
	});
	afterAll(() => bed.close());

	it("is not taken for the app while it has no site for it, and the app is found when it has", async () => {
		const name = bed.named("app");
		const [without, withSite] = await Promise.all([
			startCaddy(bed.swarm, bed.sandbox, bed.named("without"), { host: "other.test", upstream: "127.0.0.1:1" }),
			startCaddy(bed.swarm, bed.sandbox, bed.named("with"), { host: `${name}.test`, upstream: `tasks.${name}:3000` }),
		]);
		const behind = (edge: string) => bed.server({ DEPLOYMILL_EDGE_ADDRESS: edge, DEPLOYMILL_INGRESS: "caddy" });
		const [lost, found] = await Promise.all([behind(without), behind(withSite)]);
		const app = await AppStory.begin(bed, lost, "app");
		const { applicationId } = app;
		const notRouted = { verdict: "unhealthy", edges: [{ status: 200, error: expect.stringMatching(/^not routed/) }] };
		expect(await app.release({ version: "one" })).toMatchObject({ outcome: "live_unhealthy", health: notRouted });
		expect(await lost.ok("get_app_health", { applicationId })).toMatchObject(notRouted);
		const healthy = { verdict: "healthy", edges: [{ verdict: "healthy", mode: "strict", status: 200 }] };
		expect(await found.ok("get_app_health", { applicationId })).toMatchObject(healthy);

		await app.repo.commit("Ill", { behaviour: { version: "ill", ...atTheEdges(503) } });
		const ill = await found.deployment("deploy", { applicationId });
		expect(ill).toMatchObject({ outcome: "live_unhealthy", health: { edges: [{ status: 503 }] } });
		await app.repo.commit("Empty", { behaviour: { version: "" } });
		const empty = await found.deployment("deploy", { applicationId });
		expect(empty).toMatchObject({ outcome: "live", health: healthy });
	});
});
