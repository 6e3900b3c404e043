import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Deploymill } from "../support/deploymill.ts";
import { TestBed } from "../support/test-bed.ts";

describe("A service that deploymill did not make is never touched", () => {
	let bed: TestBed;
	let server: Deploymill;
	beforeAll(async () => {
		bed = await TestBed.open();
		server = await bed.server();
	});
	afterAll(() => bed.close());

	async function makeForeignService(Name: string, Labels: Record<string, string> = {}): Promise<number> {
		await bed.swarm.docker.createService({
			Name,
			Labels,
			TaskTemplate: { ContainerSpec: { Image: "node:24-slim", Command: ["sleep", "3600"], StopGracePeriod: 1 } },
			Mode: { Replicated: { Replicas: 1 } },
			EndpointSpec: { Mode: "dnsrr" },
		});
		return (await bed.swarm.service(Name))!.version;
	}

	it("deploy and rollback refuse it, and reconcile says so", async () => {
		const repo = await bed.project("theirs");
		const version = await makeForeignService(repo.name);
		const applicationId = await server.reconcile(repo.repoUrl);
		expect(applicationId).toBe(repo.name);
		const { plan } = await server.ok("reconcile_project", { applicationId, dryRun: true });
		expect((plan as { warnings: string[] }).warnings.join()).toContain("service_not_ours");
		for (const tool of ["deploy", "rollback", "get_app_health"]) {
			const error = await server.refusal(tool, { applicationId });
			expect(error).toMatchObject({ code: "service_not_ours", details: { serviceName: applicationId } });
		}
		const service = await bed.swarm.service(repo.name);
		expect(service).toMatchObject({ version, image: "node:24-slim", labels: {} });
		expect(await server.history(applicationId)).toEqual([]);
		const { applications } = await server.ok("list_applications");
		expect((applications as object[])[0]).not.toHaveProperty("current");
	});

	it("nor one that deploymill made for another repository", async () => {
		const repo = await bed.project("cousin");
		const labels = { "deploymill.application": repo.name, "deploymill.repository": "0123456789abcdef" };
		await makeForeignService(repo.name, labels);
		// The name is taken, so the application gets the next one and lives beside it.
		expect(await server.reconcile(repo.repoUrl)).toBe(`${repo.name}-2`);
		expect((await bed.swarm.service(repo.name))?.labels).toEqual(labels);
	});

	it("nor one that appears between registration and deploy", async () => {
		const repo = await bed.project("usurped");
		const applicationId = await server.reconcile(repo.repoUrl);
		await makeForeignService(applicationId, { "deploymill.application": applicationId, "deploymill.repository": "0123456789abcdef" });
		expect(await server.refusal("deploy", { applicationId })).toMatchObject({ code: "service_not_ours" });
	});
});
