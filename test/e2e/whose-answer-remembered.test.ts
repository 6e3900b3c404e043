import { afterAll, beforeAll, describe, it } from "vitest";
import { AppStory } from "../support/app-story.ts";
import type { HealthAnswer } from "../support/deployment-answer.ts";
import type { Deploymill } from "../support/deploymill.ts";
import { StandInIngress } from "../support/stand-in-ingress.ts";
import { TestBed } from "../support/test-bed.ts";
import { catchAll, nginxDefaultSite, traefik, type UnknownHost } from "../support/unknown-hosts.ts";
import { until } from "../support/until.ts";
import { workerOf } from "../support/workers.ts";

describe.concurrent("What is known of an edge does not change with who asks, or when", () => {
	let bed: TestBed;
	beforeAll(async () => {
		bed = await TestBed.open();
	});
	afterAll(() => bed.close());

	/** With a data folder of its own: whoever else looks at a deployment whose worker died goes on with it, through another ingress. */
	async function behind(label: string, unknown: UnknownHost, project: Record<string, unknown> = {}) {
		const ingress = await StandInIngress.start(bed.sandbox.edgeAddress, unknown);
		const dataFolder = bed.path(`data-${label}`);
		const server = await bed.server({ DEPLOYMILL_EDGE_ADDRESS: ingress.address, DEPLOYMILL_DATA_DIR: dataFolder });
		const app = await AppStory.begin(bed, server, label, { project });
		return { ingress, server, app, dataFolder, [Symbol.asyncDispose]: () => ingress[Symbol.asyncDispose]() };
	}

	const ask = (server: Deploymill, { applicationId }: AppStory) =>
		server.ok("get_app_health", { applicationId }) as unknown as Promise<HealthAnswer>;

	it.for<[string, UnknownHost]>([
		["page", catchAll],
		["nginx", nginxDefaultSite],
	])("a domain that was claimed a minute ago and never heeded is not routed (%s)", async ([label, unknown], { expect }) => {
		await using bench = await behind(`claimed-${label}`, unknown);
		const { ingress, server, app } = bench;
		const { host: prod, repoUrl } = app.repo;
		const custom = `${bed.named(`custom-${label}`)}.test`;
		ingress.route(prod);
		expect(await app.release({ version: "one" })).toMatchObject({ outcome: "live" });
		await app.repo.commit("One more domain", { project: { domains: { prod, custom: [custom] } } });
		await server.reconcile(repoUrl);
		await claimEarlier(app.applicationId, 120_000);
		expect((await ask(server, app)).edges).toMatchObject([{ verdict: "healthy" }, { verdict: "unhealthy" }]);
		const two = await app.release({ version: "two" });
		expect(two).toMatchObject({
			outcome: "live_unhealthy",
			health: { edges: [{ verdict: "healthy" }, { verdict: "unhealthy", error: expect.stringMatching(/^not routed/) }] },
		});
		ingress.route(custom);
		expect(await ask(server, app)).toMatchObject({ verdict: "healthy", edges: [{ mode: "strict" }, { mode: "strict" }] });
	});

	it("an app that is found as it was is judged like one that was swapped, also where the ingress lost it", async ({ expect }) => {
		await using bench = await behind("same", traefik, { rollback: "auto" });
		const { ingress, server, app } = bench;
		ingress.route(app.repo.host);
		expect(await app.release({ version: "one" })).toMatchObject({ outcome: "live", health: { verdict: "healthy" } });
		ingress.forgetAll();
		const again = await app.call("deploy", "one");
		const notRouted = { verdict: "unhealthy", edges: [{ verdict: "unhealthy", error: expect.stringMatching(/^not routed/) }] };
		expect(again).toMatchObject({ outcome: "unchanged", health: notRouted });
		expect(await ask(server, app)).toMatchObject(notRouted);
		ingress.route(app.repo.host);
		expect(await app.call("deploy", "one")).toMatchObject({ outcome: "unchanged", health: { verdict: "healthy" } });
	});

	it("a gate whose worker died goes on with the same rules", async ({ expect }) => {
		await using bench = await behind("resumed", catchAll);
		const { server, app, dataFolder } = bench;
		const { applicationId } = app;
		const { deploymentId } = await server.deployment("deploy", { applicationId, wait: 0 });
		await until(
			() => server.deployment("get_deployment", { deploymentId, wait: 0 }),
			({ phase }) => phase === "health",
			120_000,
		);
		process.kill((await workerOf(dataFolder, deploymentId)).pid, "SIGKILL");
		const ended = await server.deployment("get_deployment", { deploymentId });
		expect(ended).toMatchObject({
			outcome: "live_unhealthy",
			health: { edges: [{ verdict: "unhealthy", error: expect.stringMatching(/^not routed/) }] },
		});
		expect(await ask(server, app)).toMatchObject({ verdict: "unhealthy" });
	});

	it("a way that nobody found before the swap is no fault afterwards either", async ({ expect }) => {
		const server = await bed.server({ DEPLOYMILL_EDGE_ADDRESS: "" });
		const app = await AppStory.begin(bed, server, "nodns");
		const unknown = { verdict: "inconclusive", edges: [{ verdict: "inconclusive", error: expect.stringMatching(/resolved/) }] };
		expect(await app.release({ version: "one" })).toMatchObject({ outcome: "live", health: unknown });
		expect(await ask(server, app)).toMatchObject(unknown);
		expect(await app.call("deploy", "one")).toMatchObject({ outcome: "unchanged", health: unknown });
	});

	it("routes that are somebody else's to make: without one nobody can tell", async ({ expect }) => {
		await using ingress = await StandInIngress.start(bed.sandbox.edgeAddress, catchAll);
		const server = await bed.server({ DEPLOYMILL_EDGE_ADDRESS: ingress.address, DEPLOYMILL_INGRESS: "none" });
		const app = await AppStory.begin(bed, server, "none");
		const unknown = { verdict: "inconclusive", edges: [{ verdict: "inconclusive", error: expect.stringMatching(/^not routed/) }] };
		expect(await app.release({ version: "one" })).toMatchObject({ outcome: "live", health: unknown });
		expect(await ask(server, app)).toMatchObject(unknown);
	});

	/** As if the service had claimed its hosts so much earlier. */
	async function claimEarlier(applicationId: string, byMs: number): Promise<void> {
		const now = (await bed.swarm.service(applicationId))!;
		const spec = structuredClone(now.spec);
		const label = "deploymill.hosts-since";
		spec.Labels = { ...spec.Labels, [label]: new Date(Date.parse(now.labels[label] ?? "") - byMs).toISOString() };
		await bed.swarm.docker.getService(now.id).update({ ...spec, version: now.version, registryAuthFrom: "spec" });
	}
});
