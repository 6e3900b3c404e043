import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { AppStory, atTheEdges, judged } from "../support/app-story.ts";
import { TestBed } from "../support/test-bed.ts";

describe("Apps answer the question for their health in their own ways", () => {
	let bed: TestBed;
	let app: AppStory;

	beforeAll(async () => {
		bed = await TestBed.open();
		app = await AppStory.begin(bed, await bed.server(), "asking", { project: { rollback: "auto", health: null } });
	});
	afterAll(() => bed.close());

	const quick = { ...judged, retries: 3 };

	it("HEAD is answered 200, as Hono does: no GET is needed", async () => {
		const hono = await app.release({ version: "hono", head: 200, ...atTheEdges(500) }, { project: { health: quick } });
		expect(hono).toMatchObject({ outcome: "live", health: { verdict: "healthy", edges: [{ mode: "strict", status: 200, attempts: 3 }] } });
	});

	it("HEAD is answered 405, as FastAPI does: asked by GET", async () => {
		const fast = await app.release({ version: "fastapi", head: 405 });
		expect(fast).toMatchObject({ outcome: "live", health: { verdict: "healthy", edges: [{ mode: "strict", status: 200 }] } });
		expect(fast.health?.edges[0]?.attempts).toBeGreaterThanOrEqual(3);
	});

	it("HEAD is answered 405 and GET 500: unhealthy all the same", async () => {
		const ill = await app.release({ version: "ill fastapi", head: 405, ...atTheEdges(500) });
		expect(ill).toMatchObject({ outcome: "rolled_back", health: { edges: [{ status: 500, attempts: 3 }] } });
	});

	it("HEAD is answered 404 and GET 500: there is an endpoint, and it is unhealthy", async () => {
		const ill = await app.release({ version: "ill router", head: 404, ...atTheEdges(500) });
		expect(ill).toMatchObject({ outcome: "rolled_back", health: { edges: [{ mode: "strict", status: 500, attempts: 3 }] } });
	});

	it("one stray 404 is no missing endpoint", async () => {
		const stray = await app.release({ version: "stray", ...atTheEdges(404, 404, 200) });
		expect(stray).toMatchObject({ outcome: "live", health: { edges: [{ mode: "strict", status: 200, attempts: 4 }] } });
		expect(stray.health?.edges[0]).not.toHaveProperty("fallback");
	});

	it("the endpoint that answered before is gone: that is no app without one", async () => {
		const gone = await app.release({ version: "gone", ...atTheEdges(404) });
		expect(gone).toMatchObject({
			outcome: "rolled_back",
			health: { edges: [{ verdict: "unhealthy", mode: "strict", status: 404, error: expect.stringMatching(/^answered 404.*is gone$/) }] },
		});
	});

	it("the front page is the endpoint: anything but a gateway's failure passes", async () => {
		const front = await app.release({ version: "front" }, { project: { health: { ...quick, path: "/" } } });
		expect(front).toMatchObject({ outcome: "live", health: { verdict: "healthy", edges: [{ mode: "lenient" }] } });
		expect(front.health?.edges[0]).not.toHaveProperty("fallback");
	});

	it("without a health block the defaults judge, and no check runs inside", async () => {
		const silent = await app.release({ version: "no block", health: { default: [500] } }, { project: { health: null } });
		expect(silent).toMatchObject({ outcome: "rolled_back", health: { edges: [{ status: 500, attempts: 3 }] } });
		const service = await bed.swarm.service(app.applicationId);
		expect(service?.spec.TaskTemplate.ContainerSpec).not.toHaveProperty("Healthcheck");
		const { plan } = await app.server.ok("reconcile_project", { applicationId: app.applicationId, dryRun: true });
		expect(plan).toMatchObject({ orchestratorGate: { on: false, because: "the project file declares no health block" } });
	});
});

describe("An app that never had a health endpoint", () => {
	let bed: TestBed;
	let app: AppStory;

	beforeAll(async () => {
		bed = await TestBed.open();
		app = await AppStory.begin(bed, await bed.server(), "plain", { project: { rollback: "auto" } });
	});
	afterAll(() => bed.close());

	it("has its front page asked leniently, deploy after deploy, and that is said", async () => {
		for (const version of ["plain", "plain too"]) {
			const plain = await app.release({ version, ...atTheEdges(404) });
			expect(plain).toMatchObject({
				outcome: "live",
				health: { verdict: "healthy", edges: [{ path: "/", mode: "lenient", fallback: true, status: 200, attempts: 4 }] },
			});
			expect(await app.server.ok("get_app_health", { applicationId: app.applicationId })).toMatchObject({
				verdict: "healthy",
				edges: [{ path: "/", mode: "lenient", fallback: true }],
			});
		}
	});

	it("gets one, and from then on its absence is unhealthy", async () => {
		const grown = await app.release({ version: "grown" });
		expect(grown).toMatchObject({ outcome: "live", health: { edges: [{ path: "/healthz", mode: "strict", status: 200 }] } });
		const gone = await app.release({ version: "gone", ...atTheEdges(404) });
		await app.expectReverted(gone, grown);
	});
});

describe("An image in which no program can ask", () => {
	let bed: TestBed;
	let app: AppStory;

	beforeAll(async () => {
		bed = await TestBed.open();
		app = await AppStory.begin(bed, await bed.server(), "bare", { fixture: "bare", project: { rollback: "auto" } });
	});
	afterAll(() => bed.close());

	const gate = async () => (await app.server.ok("reconcile_project", { applicationId: app.applicationId, dryRun: true })).plan;

	it("runs without Swarm's own check, and the plan says so once the image was built", async () => {
		expect(await gate()).toMatchObject({ orchestratorGate: { on: true, because: "the command is chosen when the image is built" } });
		const one = await app.release({ version: "one" });
		expect(one).toMatchObject({
			outcome: "live",
			health: { verdict: "healthy" },
			orchestratorGate: { on: false, because: expect.stringMatching(/^the image has no program that can ask \/healthz/) },
		});
		const service = await bed.swarm.service(app.applicationId);
		expect(service?.spec.TaskTemplate.ContainerSpec).not.toHaveProperty("Healthcheck");
		expect(await gate()).toMatchObject({
			orchestratorGate: { on: false, because: expect.stringMatching(/^the image has no program that can ask \/healthz/) },
		});
		const bad = await app.release({ version: "two", health: { default: [500] } });
		await app.expectReverted(bad, one);
	});
});
