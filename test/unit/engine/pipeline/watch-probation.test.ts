import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { startDeploy } from "../../../../src/engine/calls/start-deploy.ts";
import { startRollback } from "../../../../src/engine/calls/start-rollback.ts";
import type { ApplicationConfig } from "../../../../src/model/application.ts";
import type { Deployment, DeploymentRequest } from "../../../../src/model/deployment.ts";
import { call, good, notArmed, repoUrl } from "../../../simulation/stories/telling.ts";
import type { DataFolder } from "../../../simulation/world/data-folder.ts";
import { Hand } from "../../../simulation/world/hand.ts";
import { SimulatedProcess } from "../../../simulation/world/process.ts";
import { putLive } from "../../../simulation/world/put-live.ts";
import type { ModelCommit } from "../../../simulation/world/repositories.ts";
import { World, webConfig } from "../../../simulation/world/world.ts";

const turning: ModelCommit = { content: "turning", app: { turns: { afterMs: 15_000, status: 500 } } };

const baking = (bake: string): Partial<ApplicationConfig> => ({ health: { ...webConfig().health, bake } });

let world: World;
let folder: DataFolder;
let server: SimulatedProcess;
beforeEach(() => {
	world = new World();
	folder = world.openFolder();
	server = new SimulatedProcess(world, "server", folder);
});
afterEach(() => world[Symbol.dispose]());

/** From when the release is live on: what happens then, and so long a time in which nobody looks but its worker. */
async function released(
	config: Partial<ApplicationConfig>,
	commit: ModelCommit,
	request: DeploymentRequest,
	happen: () => unknown,
	restMs: number,
): Promise<Deployment | undefined> {
	folder.store.registerApplication(repoUrl, ["hello"], webConfig(config), "c1");
	await putLive(world, folder, server, good("one"));
	world.repositories.commit(repoUrl, commit);
	const { deploymentId } = await startDeploy(server.engine, call, request);
	while (folder.store.findDeployment(deploymentId)?.status === "running") await world.clock.sleep(100);
	await happen();
	await world.clock.sleep(restMs);
	return folder.store.findDeployment(deploymentId);
}

const nothing = () => undefined;

describe("the worker that watches over a release", () => {
	test("goes on waiting for the confirmation of one that failed its bake and stays", async () => {
		const deployment = await world.clock.run(
			released({ ...notArmed, ...baking("60s") }, turning, { confirmWithin: 120 }, nothing, 200_000),
		);
		expect(deployment).toMatchObject({ outcome: "rolled_back", bake: { state: "failed" }, confirm: { state: "expired" } });
	});

	test("waits for no confirmation of what it takes back, also where it went bad at the end of its bake", async () => {
		const flap = async () => {
			await world.clock.sleep(22_000);
			const ask = world.ingress.ask.bind(world.ingress);
			let count = 0;
			world.ingress.ask = (host, path) => {
				const real = ask(host, path);
				return real.from === "app" && count++ % 2 === 0 ? { ...real, answer: 500 } : real;
			};
		};
		const deployment = await world.clock.run(released(baking("70s"), good("two"), { confirmWithin: 3_600 }, flap, 300_000));
		expect(deployment).toMatchObject({ autoRollback: { attempted: true }, confirm: { state: "superseded" } });
	});

	test("does not call a bake passed through most of which Swarm could not be looked at", async () => {
		const goAway = async () => {
			await world.clock.sleep(3_000);
			world.cluster.goAway(280_000);
		};
		const deployment = await world.clock.run(released(baking("300s"), good("two"), {}, goAway, 400_000));
		expect(deployment?.bake).toMatchObject({ state: "unobserved", because: expect.stringContaining("the better part") });
	});

	test("tells of the time in which Swarm could not be looked at", async () => {
		const goAway = async () => {
			await world.clock.sleep(3_000);
			world.cluster.goAway(60_000);
		};
		const deployment = await world.clock.run(released(baking("300s"), good("two"), {}, goAway, 400_000));
		expect(deployment?.bake).toMatchObject({ state: "passed", because: expect.stringMatching(/^nobody watched for [56]\d s of it$/) });
	});

	test("does not call a bake passed at whose end no edge could be judged", async () => {
		const loseRoute = () => {
			const ask = world.ingress.ask.bind(world.ingress);
			world.ingress.ask = (_host, path) => ask("nobody.test", path);
		};
		const deployment = await world.clock.run(released(baking("60s"), good("two"), {}, loseRoute, 200_000));
		expect(deployment?.bake).toMatchObject({ state: "unobserved", because: "no edge could be judged at its end" });
	});

	test("looks at the service again when the gate has ended that it waited for at the end of a bake", async () => {
		const change = async () => {
			await world.clock.sleep(50_000);
			// Away for a moment: the edges are judged anew, which takes longer than the bake.
			world.cluster.goAway(9_000);
			await world.clock.sleep(12_000);
			await new Hand(world.cluster, "hello").setEnv("MODE", "safe");
		};
		const deployment = await world.clock.run(released(baking("60s"), good("two"), {}, change, 100_000));
		expect(deployment?.bake).toMatchObject({ state: "cut_short", because: "somebody else changed the service" });
	});

	test("does not take a rollback of ours for somebody else's change", async () => {
		const goBack = async () => {
			// Between a renewal of the watch and a look of it, which then is the first to see what was put there.
			await world.clock.sleep(6_000);
			await startRollback(server.engine, call, undefined, {});
		};
		const deployment = await world.clock.run(
			released({ health: { ...webConfig().health, intervalMs: 7_000, bake: "60s" } }, good("two"), {}, goBack, 60_000),
		);
		expect(deployment?.bake).toMatchObject({ state: "cut_short", because: expect.stringContaining("(rollback) began") });
		const lines = folder.lines.get(deployment?.deploymentId ?? "") ?? [];
		expect(lines.filter(({ text }) => text.includes("somebody else"))).toEqual([]);
	});

	test("tells of an end again where nothing could be put back", async () => {
		const deployment = await world.clock.run(released({}, good("two"), { confirmWithin: 30 }, nothing, 0));
		expect(deployment?.confirm?.state).toBe("awaiting");
		for (const { rollbackId } of folder.store.listRollbackPoints("hello")) folder.store.markUnusable(rollbackId, "a test");
		await world.clock.run(world.clock.sleep(90_000));
		const told = folder.store.listEvents(0, 20).filter(({ deploymentId }) => deploymentId === deployment?.deploymentId);
		expect(told.map(({ event }) => event)).toEqual(["live", "confirmation_expired", "live"]);
		expect(new Set(told.map(({ deliveryId }) => deliveryId)).size).toBe(3);
		expect(told.at(-1)?.note).toContain("is still live");
	});
});

describe("a deploy that must be confirmed", () => {
	test("is not put live where its image turns out to be the only one there is", async () => {
		const deployment = await world.clock.run(changedAlone());
		expect(deployment).toMatchObject({ outcome: "failed", rolledOver: false, error: { code: "nothing_to_return_to" } });
	});
});

/** Of what is live already, under another env. */
async function changedAlone(): Promise<Deployment | undefined> {
	folder.store.registerApplication(repoUrl, ["hello"], webConfig(), "c1");
	await putLive(world, folder, server, good("one"));
	folder.store.changeEnv("hello", { set: { MODE: "new" }, unset: [], replace: false });
	const { deploymentId } = await startDeploy(server.engine, call, { confirmWithin: 30 });
	await world.clock.sleep(90_000);
	return folder.store.findDeployment(deploymentId);
}
