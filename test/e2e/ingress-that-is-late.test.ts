import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { DeploymentAnswer } from "../support/deployment-answer.ts";
import type { Deploymill } from "../support/deploymill.ts";
import type { ProjectRepo } from "../support/project-repo.ts";
import { TestBed } from "../support/test-bed.ts";
import { until } from "../support/until.ts";

describe("An ingress that does not know a new app at once", () => {
	let bed: TestBed;
	/** Leaves the routes to the tests. */
	let server: Deploymill;

	beforeAll(async () => {
		bed = await TestBed.open();
		server = await bed.server({ DEPLOYMILL_INGRESS: "none" });
	});
	afterAll(() => bed.close());

	const health = (of: Deploymill, applicationId: string) => of.ok("get_app_health", { applicationId });

	it("has half a minute to learn of it: until then its own answers do not count", async () => {
		const repo = await bed.project("late", { project: { rollback: "auto" } });
		const applicationId = await server.reconcile(repo.repoUrl);
		const { deploymentId } = await server.deployment("deploy", { applicationId, wait: 0 });
		await until(
			() => server.deployment("get_deployment", { deploymentId, wait: 0 }),
			({ phase }) => phase === "health",
			60_000,
		);
		await route(applicationId, repo);
		const routed = await server.deployment("get_deployment", { deploymentId });
		expect(routed).toMatchObject({ outcome: "live", health: { verdict: "healthy", edges: [{ mode: "strict", status: 200 }] } });
		expect(routed.health?.edges[0]).not.toHaveProperty("fallback");
		expect(await bed.see(repo)).toBe("one");
		expect(await health(server, applicationId)).toMatchObject({ verdict: "healthy" });
	});

	it("never learns of it, and no label of ours would tell it: nobody knows whose fault that is", async () => {
		const repo = await bed.project("unlabelled", { project: { rollback: "auto" } });
		const applicationId = await server.reconcile(repo.repoUrl);
		const lost = await expectUnrouted(server, applicationId);
		expect(lost).toMatchObject({
			health: { verdict: "inconclusive", edges: [{ verdict: "inconclusive", error: expect.stringMatching(/DEPLOYMILL_INGRESS=none/) }] },
			autoRollback: { attempted: false, reason: "inconclusive" },
		});
		expect(await health(server, applicationId)).toMatchObject({ verdict: "inconclusive" });
	});

	it("never heeds the label: the app is not to be reached, which is unhealthy and said", async () => {
		const misled = await bed.server({ DEPLOYMILL_TRAEFIK_ENTRYPOINT: "another" });
		const repo = await bed.project("unrouted", { project: { rollback: "auto" } });
		const applicationId = await misled.reconcile(repo.repoUrl);
		const lost = await expectUnrouted(misled, applicationId);
		expect(lost).toMatchObject({
			outcome: "live_unhealthy",
			health: { verdict: "unhealthy", edges: [{ verdict: "unhealthy", error: expect.stringMatching(/^not routed/) }] },
			autoRollback: { attempted: false, reason: "no_rollback_point" },
		});
		expect(await health(misled, applicationId)).toMatchObject({
			verdict: "unhealthy",
			edges: [{ error: expect.stringMatching(/^not routed/) }],
		});
	});

	async function expectUnrouted(of: Deploymill, applicationId: string): Promise<DeploymentAnswer> {
		const lost = await of.deployment("deploy", { applicationId });
		expect(lost).toMatchObject({ status: "done", health: { edges: [{ status: 404, error: expect.stringMatching(/^not routed/) }] } });
		expect(lost.health?.edges[0]?.waited?.routeMs).toBeGreaterThan(25_000);
		return lost;
	}

	/** As an operator of another ingress would: labels alone, no task is replaced. */
	async function route(applicationId: string, { host }: ProjectRepo): Promise<void> {
		const service = await bed.swarm.service(applicationId);
		const labels = {
			"traefik.enable": "true",
			[`traefik.http.routers.${applicationId}.rule`]: `Host(\`${host}\`)`,
			[`traefik.http.services.${applicationId}.loadbalancer.server.port`]: "3000",
		};
		const spec = { ...service?.spec, Labels: { ...service?.labels, ...labels }, version: service?.version, registryAuthFrom: "spec" };
		await bed.swarm.docker.getService(service?.id ?? "").update(spec);
	}
});
