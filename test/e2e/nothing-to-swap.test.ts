import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ServiceSpec } from "../../src/model/service.ts";
import type { DeploymentAnswer } from "../support/deployment-answer.ts";
import type { Deploymill } from "../support/deploymill.ts";
import type { ProjectRepo } from "../support/project-repo.ts";
import { TestBed } from "../support/test-bed.ts";
import { until } from "../support/until.ts";

type ContainerSpec = ServiceSpec["TaskTemplate"]["ContainerSpec"];

describe("The same is asked for twice", () => {
	let bed: TestBed;
	let server: Deploymill;
	let repo: ProjectRepo;
	let applicationId: string;
	let first: DeploymentAnswer;
	let containers: string[];

	beforeAll(async () => {
		bed = await TestBed.open();
		server = await bed.server();
		repo = await bed.project("again", { behaviour: { version: "one", head: 405 } });
		applicationId = await server.reconcile(repo.repoUrl);
		first = await server.deployment("deploy", { applicationId, requestId: "release-1" });
		containers = await bed.swarm.containerIds(applicationId);
	});
	afterAll(() => bed.close());

	it("asks by GET where the app refuses HEAD", () => {
		expect(first).toMatchObject({ outcome: "live", health: { verdict: "healthy", edges: [{ status: 200, mode: "strict" }] } });
	});

	it("finds the same commit unchanged, and leaves its tasks alone", async () => {
		const again = await server.deployment("deploy", { applicationId });
		expect(again).toMatchObject({ status: "done", outcome: "unchanged", rolledOver: false, image: { digest: first.image?.digest } });
		expect(again.deploymentId).not.toBe(first.deploymentId);
		expect(await bed.swarm.containerIds(applicationId)).toEqual(containers);
		expect(await bed.swarm.releases(applicationId)).toEqual([first.deploymentId]);
		const [last, before] = await server.history(applicationId);
		expect(last).toMatchObject({ deploymentId: again.deploymentId, current: false });
		expect(before).toMatchObject({ deploymentId: first.deploymentId, current: true });
	});

	it("its runtime log is that of the tasks that run on", async () => {
		const [last] = await server.history(applicationId);
		const log = await server.ok("get_logs", { applicationId, deploymentId: last?.deploymentId, source: "runtime" });
		expect(log).toMatchObject({ deploymentId: first.deploymentId, text: expect.stringContaining("version one starts") });
	});

	it("finds a rollback to what runs unchanged too", async () => {
		const back = await server.deployment("rollback", { applicationId, rollbackId: first.rollbackId });
		expect(back).toMatchObject({ outcome: "unchanged", rolledOver: false });
		expect(await bed.swarm.containerIds(applicationId)).toEqual(containers);
	});

	it("answers a request id that was seen with the deployment it started", async () => {
		const before = await server.history(applicationId);
		const again = await server.deployment("deploy", { applicationId, requestId: "release-1" });
		expect(again.deploymentId).toBe(first.deploymentId);
		expect(await server.history(applicationId)).toHaveLength(before.length);
		expect(await server.refusal("rollback", { applicationId, rollbackId: first.rollbackId, requestId: "release-1" })).toMatchObject({
			code: "invalid_input",
			message: expect.stringContaining(first.deploymentId),
		});
	});

	it("refuses to go on from a state that is not there any more", async () => {
		await repo.commit("Second version", { behaviour: { version: "two", head: 405 } });
		const stale = await server.refusal("deploy", { applicationId, expectedCurrent: "dep-somethingold" });
		expect(stale).toMatchObject({ code: "stale_view", details: { live: { deploymentId: first.deploymentId } } });
		expect(await bed.swarm.containerIds(applicationId)).toEqual(containers);
		const expected = await server.deployment("deploy", { applicationId, expectedCurrent: first.image?.digest });
		expect(expected).toMatchObject({ outcome: "live", rolledOver: true });
		expect(await server.refusal("rollback", { applicationId, expectedCurrent: first.deploymentId })).toMatchObject({ code: "stale_view" });
		expect(await bed.see(repo)).toBe("two");
	});

	it("finds the release of a version before containerIntervalMs unchanged, until the file says how often", async () => {
		await repo.commit("Asked often", { project: { health: { path: "/healthz", retries: 2, intervalMs: 400, timeoutMs: 2000 } } });
		expect((await server.ok("reconcile_project", { applicationId })).plan).toMatchObject({ health: { containerIntervalMs: 2000 } });
		expect(await server.deployment("deploy", { applicationId })).toMatchObject({ outcome: "live" });
		expect(await containerIntervalMs()).toBe(2000);
		await putContainerInterval(400);
		const before = await bed.swarm.containerIds(applicationId);
		expect(await server.deployment("deploy", { applicationId })).toMatchObject({ outcome: "unchanged" });
		expect(await bed.swarm.containerIds(applicationId)).toEqual(before);
		const health = { path: "/healthz", retries: 2, intervalMs: 400, timeoutMs: 2000, containerIntervalMs: 5000 };
		await repo.commit("Asked seldom", { project: { health } });
		expect((await server.ok("reconcile_project", { applicationId })).plan).toMatchObject({ health });
		expect(await server.deployment("deploy", { applicationId })).toMatchObject({ outcome: "live", rolledOver: true });
		expect(await containerIntervalMs()).toBe(5000);
	});

	it("replaces the tasks all the same when it is forced to", async () => {
		const before = await bed.swarm.containerIds(applicationId);
		const forced = await server.deployment("deploy", { applicationId, force: true });
		expect(forced).toMatchObject({ outcome: "live", rolledOver: true });
		expect(await bed.swarm.containerIds(applicationId)).not.toEqual(before);
		expect(await bed.swarm.containers(applicationId)).toMatchObject([{ deploymentId: forced.deploymentId, digest: forced.image?.digest }]);
	});

	it("goes back to the release before, also when a schedule has deployed what is live a thousand times since", async () => {
		expect(await server.deployment("deploy", { applicationId })).toMatchObject({ outcome: "unchanged" });
		recordAgain(join(bed.dataFolder, "deploymill.db"), applicationId, 1_050);
		const { rollbackId, image, commit } = first;
		const to = { commit: { sha: commit?.sha } };
		expect(await server.ok("rollback", { applicationId, dryRun: true })).toMatchObject({ to });
		expect(await server.ok("rollback", { applicationId, rollbackId, dryRun: true })).toMatchObject({ to });
		expect(await server.deployment("rollback", { applicationId })).toMatchObject({ outcome: "live", rolledOver: true, image });
	});

	async function containerSpec(): Promise<ContainerSpec> {
		const service = await bed.swarm.service(applicationId);
		return service?.spec.TaskTemplate.ContainerSpec as unknown as ContainerSpec;
	}

	async function containerIntervalMs(): Promise<number> {
		return ((await containerSpec()).Healthcheck?.Interval ?? 0) / 1_000_000;
	}

	/** As an earlier version wrote it; waits until its tasks alone run. */
	async function putContainerInterval(intervalMs: number): Promise<void> {
		const service = await bed.swarm.service(applicationId);
		const { Healthcheck, ...container } = await containerSpec();
		const ContainerSpec = { ...container, Healthcheck: { ...Healthcheck, Interval: intervalMs * 1_000_000 } };
		const TaskTemplate = { ...service?.spec.TaskTemplate, ContainerSpec };
		const [old] = await bed.swarm.tasks(applicationId);
		await bed.swarm.docker
			.getService(service?.id ?? "")
			.update({ ...service?.spec, TaskTemplate, version: service?.version, registryAuthFrom: "spec" });
		await until(
			() => bed.swarm.tasks(applicationId),
			(tasks) => {
				const running = tasks.filter(({ Status: { State } }) => State === "running" || State === "starting");
				return running.length === 1 && running[0]?.ID !== old?.ID && running[0]?.Status.State === "running";
			},
			120_000,
		);
	}
});

/** Records the application's newest deployment as often again, each with a rollback point of its own. */
function recordAgain(databaseFile: string, applicationId: string, times: number): void {
	using database = new DatabaseSync(databaseFile, { timeout: 10_000 });
	const copied =
		"application_id, kind, status, phase, outcome, verdict, request, requested_by, started_at, finished_at, phases, phase_started_at";
	const copy = database.prepare(
		`INSERT INTO deployments (deployment_id, facts, ${copied})
		SELECT ?, json_set(facts, '$.rollbackId', ?), ${copied} FROM deployments WHERE application_id = ? ORDER BY sequence DESC LIMIT 1`,
	);
	const copyPoint = database.prepare(
		`INSERT INTO rollback_points (rollback_id, deployment_id, application_id, reference, digest, created_at)
		SELECT ?, ?, application_id, reference, digest, created_at FROM rollback_points WHERE application_id = ? ORDER BY rowid DESC LIMIT 1`,
	);
	database.exec("BEGIN");
	for (let number = 1; number <= times; number++) {
		copy.run(`dep-again${number}`, `rb-again${number}`, applicationId);
		copyPoint.run(`rb-again${number}`, `dep-again${number}`, applicationId);
	}
	database.exec("COMMIT");
}
