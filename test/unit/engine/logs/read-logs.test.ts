import { expect, test } from "vitest";
import { readLogs } from "../../../../src/engine/logs/read-logs.ts";
import { SimulatedProcess } from "../../../simulation/world/process.ts";
import { World, webConfig } from "../../../simulation/world/world.ts";
import { readLog } from "../../../support/untrusted-text.ts";

const at = "2026-01-01T00:00:00.000Z";

function opened() {
	const world = new World();
	const folder = world.openFolder();
	const application = folder.store.registerApplication("https://git.test/hello.git", ["hello"], webConfig(), "c1");
	const deployment = {
		deploymentId: "dep-1",
		applicationId: "hello",
		kind: "deploy",
		request: {},
		requestedBy: "a test",
		facts: {},
	} as const;
	folder.store.beginDeployment(deployment, 0, 60_000);
	const { engine } = new SimulatedProcess(world, "a server", folder);
	const read = (order: { tail?: number; grep?: string } = {}) =>
		world.clock.run(readLogs(engine, application, { source: "build", tail: 100, ...order }));
	return { log: engine.logs.open("dep-1"), read, [Symbol.dispose]: () => world[Symbol.dispose]() };
}

test("our own lines stand outside the fences, in their place between a build's", async () => {
	using app = opened();
	app.log.own(`${at} == build`);
	app.log.line("#1 one");
	app.log.line(`${at} == finished: live`);
	app.log.own(`${at} == push`);
	app.log.line("#2 two");
	const { text, lines } = await app.read();
	expect(lines).toBe(5);
	expect(readLog(text)).toEqual([
		{ text: `${at} == build`, ours: true },
		{ text: "#1 one", ours: false },
		{ text: `${at} == finished: live`, ours: false },
		{ text: `${at} == push`, ours: true },
		{ text: "#2 two", ours: false },
	]);
});

test("what is left of a log by a filter stands where it stood", async () => {
	using app = opened();
	app.log.own(`${at} == build`);
	app.log.line("#1 one");
	app.log.own(`${at} == push`);
	expect(readLog((await app.read({ grep: "==" })).text)).toEqual([
		{ text: `${at} == build`, ours: true },
		{ text: `${at} == push`, ours: true },
	]);
	expect((await app.read({ grep: "one" })).text).toMatch(/^<untrusted-/);
});

test("a log without lines is an empty fence", async () => {
	using app = opened();
	expect((await app.read()).text).toMatch(/^<(untrusted-\w+) from="build log">\n\n<\/\1>$/);
});
