import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { AppStory, atTheEdges, type Release } from "../support/app-story.ts";
import { TestBed } from "../support/test-bed.ts";

describe("An ingress that reads caddy-docker-proxy's labels", () => {
	let bed: TestBed;
	let app: AppStory;
	let one: Release;

	beforeAll(async () => {
		bed = await TestBed.open();
		const other = `${bed.named("other")}.test`;
		const project = { rollback: "auto", domains: { prod: `${bed.named("caddy")}.test`, custom: [other] } };
		app = await AppStory.begin(bed, await bed.server({ DEPLOYMILL_INGRESS: "caddy" }), "caddy", { project });
		one = await app.release({ version: "one" });
	});
	afterAll(() => bed.close());

	it("routes every domain, and no label is Traefik's", async () => {
		expect(one).toMatchObject({ outcome: "live", health: { verdict: "healthy", edges: [{ status: 200 }, { status: 200 }] } });
		const service = await bed.swarm.service(app.applicationId);
		expect(service?.labels).toMatchObject({
			caddy: `http://${app.repo.host}, http://${bed.named("other")}.test`,
			"caddy.reverse_proxy": "{{upstreams 3000}}",
		});
		expect(Object.keys(service?.labels ?? {}).filter((label) => label.startsWith("traefik."))).toEqual([]);
		expect(await bed.ingress.read(`${bed.named("other")}.test`)).toBe("one");
	});

	it("follows swaps and reverts without a failed visit", async () => {
		await using visitors = bed.ingress.visitors(app.repo.host);
		const bad = await app.release({ version: "bad", ...atTheEdges(500) });
		await visitors.leave();
		await app.expectReverted(bad, one);
		expect(visitors.failures).toEqual([]);
		expect(visitors.seen).toEqual(["one", "bad"]);
	});

	it("takes the labels over when the server speaks another dialect", async () => {
		const server = await bed.server({ DEPLOYMILL_INGRESS: "traefik" });
		await app.repo.commit("Two", { behaviour: { version: "two" } });
		const two = await server.deployment("deploy", { applicationId: app.applicationId });
		expect(two).toMatchObject({ outcome: "live", health: { verdict: "healthy" } });
		const service = await bed.swarm.service(app.applicationId);
		expect(Object.keys(service?.labels ?? {}).filter((label) => label.startsWith("caddy"))).toEqual([]);
		expect(service?.labels["traefik.enable"]).toBe("true");
	});
});
