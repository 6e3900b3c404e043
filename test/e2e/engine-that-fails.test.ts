// Asks a server whose engine answers 500 to what only looks: that is said as it is, is no fault of ours, and may be asked again.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Deploymill } from "../support/deploymill.ts";
import type { ProjectRepo } from "../support/project-repo.ts";
import { StagedEngine } from "../support/staged-engine.ts";
import { TestBed } from "../support/test-bed.ts";

const failed = { status: 500, body: JSON.stringify({ message: "rpc error: code = Unknown desc = context deadline exceeded" }) };

describe("An engine that answers 500", () => {
	let bed: TestBed;
	let repo: ProjectRepo;
	let applicationId: string;
	let engine: StagedEngine;
	let through: Deploymill;

	beforeAll(async () => {
		bed = await TestBed.open();
		const server = await bed.server();
		repo = await bed.project("fails", { project: { rollback: true } });
		applicationId = await server.reconcile(repo.repoUrl);
		expect(await server.deployment("deploy", { applicationId })).toMatchObject({ outcome: "live" });
		await repo.commit("Second", { behaviour: { version: "two" } });
		expect(await server.deployment("deploy", { applicationId })).toMatchObject({ outcome: "live" });
		engine = await StagedEngine.start(bed.path("fails.sock"), bed.sandbox.dockerHost);
		through = await bed.server({ DOCKER_HOST: engine.dockerHost });
	});
	afterAll(async () => {
		await engine?.[Symbol.asyncDispose]();
		await bed.close();
	});

	it.each([
		["its services", "/services", ["deploy", "rollback", "get_app_health"]],
		["its tasks", "/tasks", ["get_app_health"]],
		["its own facts", "/info", ["deploy"]],
	])("about %s: the call is refused, retryable, and nothing is changed", async (_what, path, tools) => {
		engine.treat = (request) => (request.startsWith("GET ") && request.includes(path) ? failed : undefined);
		const before = await bed.swarm.service(applicationId);
		for (const tool of tools) {
			const error = await through.refusal(tool, { applicationId });
			expect([tool, error]).toMatchObject([
				tool,
				{ code: "docker_unreachable", retryable: true, message: expect.stringContaining("Docker could not answer (500)") },
			]);
		}
		engine.treat = () => undefined;
		expect(await bed.swarm.service(applicationId)).toEqual(before);
		expect(await bed.see(repo)).toBe("two");
	});
});
