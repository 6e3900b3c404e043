import { expect, test } from "vitest";
import { lastLines } from "../../../../src/engine/pipeline/last-lines.ts";
import { revisionOf } from "../../../../src/engine/service/revision.ts";
import type { Application } from "../../../../src/model/application.ts";
import { SimulatedProcess } from "../../../simulation/world/process.ts";
import { putLive } from "../../../simulation/world/put-live.ts";
import { World, webConfig } from "../../../simulation/world/world.ts";

async function runs(replicas: number) {
	const world = new World();
	const folder = world.openFolder();
	folder.store.registerApplication("https://git.test/hello.git", ["hello"], webConfig({ replicas }), "c1");
	const server = new SimulatedProcess(world, "a server", folder);
	await world.clock.run(putLive(world, folder, server, { content: "ill", app: { status: 500 } }));
	const { engine } = server;
	const { applicationId } = folder.store.listApplications()[0] as Application;
	const service = await world.clock.run(engine.swarm.inspectService(applicationId));
	if (!service) throw new Error("there is no service");
	const take = (ours = revisionOf(service)) => world.clock.run(lastLines(engine, applicationId, ours));
	return { world, engine, applicationId, take, [Symbol.dispose]: () => world[Symbol.dispose]() };
}

test("two tasks of the release have a word", async () => {
	using app = await runs(3);
	const tasks = await app.world.clock.run(app.engine.swarm.listTasks(app.applicationId));
	const ids = tasks.map(({ id }) => id);
	const { lastLines: lines = [] } = await app.take();
	expect(lines).toHaveLength(2);
	for (const { taskId, node, output } of lines) {
		expect(ids).toContain(taskId);
		expect([node, output]).toEqual([expect.any(String), `the last lines of ${taskId}`]);
	}
});

test("those of another release have none", async () => {
	using app = await runs(1);
	expect(await app.take({ image: "another", deploymentId: "dep-other" })).toEqual({});
});

test("where Swarm cannot be asked there are none, and the verdict stands", async () => {
	using app = await runs(1);
	const away = { ...app.engine.swarm, listTasks: () => Promise.reject(new Error("Docker is away")) };
	expect(await lastLines({ swarm: away, log: app.engine.log }, app.applicationId, { image: "any" })).toEqual({});
});
