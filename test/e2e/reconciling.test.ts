import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Content, Deploymill } from "../support/deploymill.ts";
import type { ProjectRepo } from "../support/project-repo.ts";
import { TestBed } from "../support/test-bed.ts";
import { until } from "../support/until.ts";

interface Plan {
	steps: { action: string; target: string; from?: unknown; to?: unknown; cause: string }[];
	domains: { add: string[]; remove: string[]; blocked: { host: string; code: string; reason: string }[] };
	mounts: { add: unknown[]; remove: unknown[] };
	rollback: Content;
	orchestratorGate: { on: boolean; command?: string[]; because?: string };
	ignored: string[];
	warnings: string[];
}

describe("A project file is reconciled", () => {
	let bed: TestBed;
	let server: Deploymill;
	let repo: ProjectRepo;
	let applicationId: string;

	beforeAll(async () => {
		bed = await TestBed.open();
		server = await bed.server();
		repo = await bed.project("tidy");
	});
	afterAll(() => bed.close());

	async function reconcile(args: Content): Promise<{ answer: Content; plan: Plan; steps: string[] }> {
		const answer = await server.ok("reconcile_project", args);
		const plan = answer.plan as Plan;
		return { answer, plan, steps: plan.steps.map(({ action, target }) => `${action} ${target}`) };
	}

	it("shows its plan in a dry run and registers nothing", async () => {
		const { answer, plan, steps } = await reconcile({ repoUrl: repo.repoUrl, dryRun: true });
		expect(answer).toMatchObject({ dryRun: true, applied: false, commit: { sha: repo.sha } });
		expect(answer).not.toHaveProperty("applicationId");
		expect(steps).toEqual(["register application", "set rollback", "set health", "set replicas", "add domains"]);
		expect(plan.rollback).toMatchObject({ enabled: true, auto: false, was: { enabled: false, auto: false } });
		expect(plan.orchestratorGate).toMatchObject({ on: true });
		expect(await server.ok("list_applications")).toEqual({ applications: [] });
	});

	it("applies it, finds nothing to do the second time, and never deploys", async () => {
		const applied = await reconcile({ repoUrl: repo.repoUrl });
		expect(applied.answer).toMatchObject({ applicationId: repo.name, applied: true, next: [{ tool: "deploy" }] });
		applicationId = repo.name;
		const again = await reconcile({ repoUrl: repo.repoUrl });
		expect(again.answer).toMatchObject({ applicationId, applied: true, plan: { steps: [] } });
		expect(again.steps).toEqual([]);
		expect(await server.history(applicationId)).toEqual([]);
		expect(await bed.swarm.service(applicationId)).toBeUndefined();
	});

	it("gives a running app one more host at once, without a new task", async () => {
		await server.deployment("deploy", { applicationId });
		const before = await bed.swarm.containerIds(applicationId);
		const extra = `${bed.named("extra")}.test`;
		const mounts = [{ volumeName: bed.named("tidy-data"), mountPath: "/data" }];
		await repo.commit("More", { project: { domains: { prod: repo.host, custom: [extra] }, mounts, schedules: [] } });
		const { plan, steps } = await reconcile({ applicationId });
		expect(steps).toEqual(["add domains", "add mounts"]);
		expect(plan).toMatchObject({ domains: { add: [extra] }, mounts: { add: mounts }, ignored: ["schedules"] });
		expect(plan.warnings.join()).toContain("stop-first");
		expect(
			await until(
				() => bed.ingress.get(extra),
				({ status }) => status === 200,
			),
		).toMatchObject({ body: "one" });
		expect(await bed.swarm.containerIds(applicationId)).toEqual(before);
		expect((await bed.swarm.containers(applicationId))[0]?.mounts).toEqual({});
	});

	it("takes domains and mounts away only when it is told to prune", async () => {
		const extra = `${bed.named("extra")}.test`;
		await repo.commit("Fewer", { project: { domains: { prod: repo.host }, mounts: [] } });
		const kept = await reconcile({ applicationId });
		expect(kept.steps).toEqual([]);
		expect(kept.plan.warnings.join()).toContain("prune: true");
		expect(await bed.ingress.get(extra)).toMatchObject({ status: 200 });
		const shown = await server.ok("reconcile_project", { applicationId, prune: true, dryRun: true });
		expect(shown.next).toMatchObject([{ tool: "reconcile_project", args: { applicationId, prune: true } }]);
		const pruned = await reconcile({ applicationId, prune: true });
		expect(pruned.steps).toEqual(["remove domains", "remove mounts"]);
		await until(
			() => bed.ingress.get(extra),
			({ status }) => status === 404,
		);
		expect((await reconcile({ applicationId, prune: true })).steps).toEqual([]);
	});

	it("blocks a host that another application holds, and applies the rest", async () => {
		const rival = await bed.project("rival", { project: { domains: { prod: `${bed.named("rival")}.test`, custom: [repo.host] } } });
		const { answer, plan } = await reconcile({ repoUrl: rival.repoUrl });
		expect(answer).toMatchObject({ applied: true });
		expect(plan.domains.blocked).toMatchObject([{ host: repo.host, code: "host_taken", reason: expect.stringContaining(applicationId) }]);
		const { applications } = await server.ok("list_applications");
		expect(
			(applications as { applicationId: string; domains: string[] }[]).find((item) => item.applicationId === rival.name),
		).toMatchObject({
			domains: [rival.host],
		});
	});

	it("says what is wrong with the file, by path, and changes nothing", async () => {
		await repo.commit("Typo", { project: { health: { path: "/healthz", retires: 2 } } });
		const typo = await server.refusal("reconcile_project", { applicationId });
		expect(typo.code).toBe("project_file_invalid");
		expect(typo.message).toContain("health.retires: unknown key; did you mean retries?");
		await repo.commit("No file", { files: { ".deploymill/project.json": null } });
		expect(await server.refusal("reconcile_project", { applicationId })).toMatchObject({ code: "project_file_missing" });
		expect(await reconcile({ applicationId, ref: repo.shas.at(-3) })).toMatchObject({ steps: [] });
	});

	it("says which probe the gate uses, or why it is off", async () => {
		const bare = await bed.project("bare", { fixture: "bare" });
		const bareId = await server.reconcile(bare.repoUrl);
		expect(await server.deployment("deploy", { applicationId: bareId })).toMatchObject({ outcome: "live" });
		expect((await reconcile({ applicationId: bareId, dryRun: true })).plan.orchestratorGate).toMatchObject({
			on: false,
			because: expect.stringContaining("no program that can ask /healthz"),
		});
		const spec = (await bed.swarm.service(bareId))?.spec.TaskTemplate.ContainerSpec;
		expect(spec).not.toHaveProperty("Healthcheck");
		const [command] = [(await reconcile({ applicationId, ref: repo.shas[0], dryRun: true })).plan.orchestratorGate.command];
		expect(command?.join(" ")).toContain("http://127.0.0.1:3000/healthz");
	});
});
