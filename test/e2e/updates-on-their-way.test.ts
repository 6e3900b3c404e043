import { afterAll, beforeAll, describe, type ExpectStatic, it } from "vitest";
import type { DeploymentAnswer } from "../support/deployment-answer.ts";
import type { Content, Deploymill } from "../support/deploymill.ts";
import type { ProjectRepo } from "../support/project-repo.ts";
import { noLeader, StagedEngine } from "../support/staged-engine.ts";
import { TestBed } from "../support/test-bed.ts";
import { until } from "../support/until.ts";
import { workerOf, workersOf } from "../support/workers.ts";

const isUpdate = (request: string) => /^POST \/services\/[^/]+\/update$/.test(request);
const isCreate = (request: string) => request === "POST /services/create";
const ill = { version: "ill", health: { default: [500], "127.0.0.1": [200] } };

/** Some wait for a lease to expire, so they do it side by side. */
describe.concurrent("A change of the service is on its way when something happens", () => {
	let bed: TestBed;
	/** Speaks to the engine itself, and settles what others left. */
	let server: Deploymill;
	beforeAll(async () => {
		bed = await TestBed.open();
		server = await bed.server();
	});
	afterAll(() => bed.close());

	interface Staged extends AsyncDisposable {
		repo: ProjectRepo;
		applicationId: string;
		engine: StagedEngine;
		/** Its workers reach the engine by way of `engine`. */
		through: Deploymill;
	}

	async function staged(label: string): Promise<Staged> {
		const repo = await bed.project(label, { project: { rollback: "auto" } });
		const applicationId = await server.reconcile(repo.repoUrl);
		const engine = await StagedEngine.start(bed.path(`${label}.sock`), bed.sandbox.dockerHost);
		const through = await bed.server({ DOCKER_HOST: engine.dockerHost });
		return { repo, applicationId, engine, through, [Symbol.asyncDispose]: () => engine[Symbol.asyncDispose]() };
	}

	/** Of version one, which is live, and the next, whose deploy goes on. */
	async function deployNext({ repo, applicationId, through }: Staged, behaviour: Content = { version: "two" }) {
		const one = await server.deployment("deploy", { applicationId });
		await repo.commit("Next", { behaviour: behaviour as never });
		const next = await through.deployment("deploy", { applicationId, wait: 0 });
		return { one, next };
	}

	async function killWorker({ deploymentId }: DeploymentAnswer): Promise<void> {
		process.kill((await workerOf(bed.dataFolder, deploymentId!)).pid, "SIGKILL");
	}

	/** Asks again: what is abandoned is settled when somebody looks. */
	function ended({ deploymentId }: DeploymentAnswer): Promise<DeploymentAnswer> {
		return until(
			() => server.deployment("get_deployment", { deploymentId, wait: 5 }),
			({ status }) => status !== "running",
			180_000,
		);
	}

	async function expectLive(expect: ExpectStatic, { repo, applicationId }: Staged, version: string, deploymentId: string | undefined) {
		expect(await bed.see(repo)).toBe(version);
		expect((await bed.swarm.service(applicationId))?.labels["deploymill.deployment"]).toBe(deploymentId);
		expect((await bed.swarm.containers(applicationId)).map((container) => container.deploymentId)).toEqual([deploymentId]);
	}

	it("its worker is killed: it is interrupted, and the update that comes late is refused", async ({ expect }) => {
		await using app = await staged("late");
		app.engine.treat = (request) => (isUpdate(request) ? "late" : undefined);
		const { one, next } = await deployNext(app);
		await app.engine.aLateOne;
		await killWorker(next);
		expect(await ended(next)).toMatchObject({ outcome: "interrupted", rolledOver: false });
		const { status, body } = await app.engine.deliver();
		expect(status).toBeGreaterThanOrEqual(400);
		expect(body).toContain("out of sequence");
		await expectLive(expect, app, "one", one.deploymentId);
		const again = await server.deployment("deploy", { applicationId: app.applicationId });
		expect(again).toMatchObject({ outcome: "live" });
		await expectLive(expect, app, "two", again.deploymentId);
	});

	it("its worker stands still and another process settles: what it wakes up to is over", async ({ expect }) => {
		await using app = await staged("asleep");
		app.engine.treat = (request) => (isUpdate(request) ? "late" : undefined);
		const { one, next } = await deployNext(app);
		await app.engine.aLateOne;
		const { pid } = await workerOf(bed.dataFolder, next.deploymentId!);
		process.kill(pid, "SIGSTOP");
		expect(await ended(next)).toMatchObject({ outcome: "interrupted", rolledOver: false });
		expect((await app.engine.deliver()).body).toContain("out of sequence");
		process.kill(pid, "SIGCONT");
		await until(
			() => workersOf(bed.dataFolder),
			(workers) => workers.every((worker) => worker.pid !== pid),
		);
		expect((await server.history(app.applicationId)).map(({ outcome }) => outcome)).toEqual(["interrupted", "live"]);
		await expectLive(expect, app, "one", one.deploymentId);
	});

	it("the very first, and its worker is killed: what is made late is opened again, and judged", async ({ expect }) => {
		await using app = await staged("created");
		app.engine.treat = (request) => (isCreate(request) ? "late" : undefined);
		const first = await app.through.deployment("deploy", { applicationId: app.applicationId, wait: 0 });
		await app.engine.aLateOne;
		await killWorker(first);
		const interrupted = await ended(first);
		expect(interrupted).toMatchObject({ outcome: "interrupted", next: [{ tool: "get_app_health" }, { tool: "get_logs" }] });
		// Nothing refuses a create that comes late: whether it ran is not known.
		expect(interrupted).not.toHaveProperty("rolledOver");
		expect((await app.engine.deliver()).status).toBe(201);
		await until(
			() => server.history(app.applicationId),
			([only]) => only?.outcome === "live",
			120_000,
		);
		await expectLive(expect, app, "one", first.deploymentId);
		expect(await server.history(app.applicationId)).toMatchObject([
			{ outcome: "live", verdict: "healthy", rollbackable: true, current: true },
		]);
	});

	it("its answer is lost: it is seen that it came true, and it is swapped once", async ({ expect }) => {
		await using app = await staged("lost");
		let updates = 0;
		app.engine.treat = (request) => (isUpdate(request) && ++updates === 1 ? "answer lost" : undefined);
		const { next } = await deployNext(app);
		expect(await ended(next)).toMatchObject({ outcome: "live", rolledOver: true, health: { verdict: "healthy" } });
		expect(updates).toBe(1);
		await expectLive(expect, app, "two", next.deploymentId);
	});

	it("and then the Swarm has no leader for a while: it is judged when there is one again", async ({ expect }) => {
		await using app = await staged("leaderless");
		let refused = 0;
		let isSwapped = false;
		app.engine.treat = (request) => {
			const isOver = refused >= 12;
			if (isSwapped && !isOver && !request.startsWith("GET /events")) {
				refused++;
				return noLeader;
			}
			if (isUpdate(request)) isSwapped = true;
			return undefined;
		};
		const { next } = await deployNext(app);
		expect(await ended(next)).toMatchObject({ outcome: "live", rolledOver: true, health: { verdict: "healthy" } });
		expect(refused).toBe(12);
		await expectLive(expect, app, "two", next.deploymentId);
	});

	it("that of a revert, and its worker is killed: another carries the revert out, once", async ({ expect }) => {
		await using app = await staged("revert");
		let updates = 0;
		app.engine.treat = (request) => (isUpdate(request) && ++updates === 2 ? "late" : undefined);
		const { one, next } = await deployNext(app, ill);
		await app.engine.aLateOne;
		await killWorker(next);
		const done = await ended(next);
		expect(done).toMatchObject({ outcome: "rolled_back", autoRollback: { recovered: true }, rolledOver: true });
		expect((await app.engine.deliver()).body).toContain("out of sequence");
		await expectLive(expect, app, "one", done.autoRollback?.deploymentId);
		expect((await bed.swarm.containers(app.applicationId)).map(({ digest }) => digest)).toEqual([one.image?.digest]);
		expect((await server.history(app.applicationId)).map(({ kind, outcome }) => [kind, outcome])).toEqual([
			["auto_rollback", "live"],
			["deploy", "rolled_back"],
			["deploy", "live"],
		]);
	});
});
