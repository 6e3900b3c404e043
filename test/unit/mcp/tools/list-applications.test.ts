import { expect, test } from "vitest";
import { endAs } from "../../../../src/engine/pipeline/end.ts";
import type { NewDeployment } from "../../../../src/engine/ports/store.ts";
import { listApplications } from "../../../../src/mcp/tools/list-applications.ts";
import { SimulatedProcess } from "../../../simulation/world/process.ts";
import { putLive } from "../../../simulation/world/put-live.ts";
import { World, webConfig } from "../../../simulation/world/world.ts";

const leaseMs = 60_000;

async function opened() {
	const world = new World();
	const folder = world.openFolder();
	const { store } = folder;
	store.registerApplication("https://git.test/hello.git", ["hello"], webConfig(), "c1");
	const server = new SimulatedProcess(world, "a server", folder);
	await world.clock.run(putLive(world, folder, server, { content: "one", app: {} }));
	const [live] = store.listDeployments("hello", 1);
	async function listed(): Promise<Record<string, unknown> | undefined> {
		const { engine } = server;
		const { content } = await world.clock.run(Promise.resolve(listApplications.call({}, { engine } as never)));
		return (content.applications as Record<string, unknown>[])[0];
	}
	const hold = { applicationId: "hello", deploymentId: "dep-new", owner: "a worker" };
	function begin(over: Partial<NewDeployment> = {}): void {
		const order = {
			deploymentId: "dep-new",
			applicationId: "hello",
			kind: "deploy",
			request: {},
			requestedBy: "ci@build-7",
			facts: {},
		} as const;
		store.beginDeployment({ ...order, ...over }, live?.sequence ?? 0, leaseMs);
		store.renewLock(hold, leaseMs);
	}
	return { store, hold, begin, listed, live, [Symbol.dispose]: () => world[Symbol.dispose]() };
}

test("what is live is told with who asked for it", async () => {
	using told = await opened();
	expect(await told.listed()).toMatchObject({ current: { deploymentId: told.live?.deploymentId, verdict: "healthy", by: "before" } });
	expect(await told.listed()).not.toHaveProperty("inProgress");
});

test("a deployment that goes on is told: which, what it does, for whom, since when and why", async () => {
	using told = await opened();
	told.begin({ reason: "the fix" });
	told.store.enterPhase(told.hold, "dep-new", "build");
	expect((await told.listed())?.inProgress).toEqual({
		deploymentId: "dep-new",
		kind: "deploy",
		phase: "build",
		requestedBy: "ci@build-7",
		since: told.store.findDeployment("dep-new")?.startedAt,
		reason: "the fix",
	});
});

test("one without a reason has none", async () => {
	using told = await opened();
	told.begin({ kind: "rollback" });
	expect((await told.listed())?.inProgress).toMatchObject({ kind: "rollback", phase: "queued" });
	expect((await told.listed())?.inProgress).not.toHaveProperty("reason");
});

test("a deploy that is reverted is one thing in progress, and it is the deploy", async () => {
	using told = await opened();
	told.begin();
	told.store.enterPhase(told.hold, "dep-new", "auto_rollback");
	const revert = {
		deploymentId: "dep-revert",
		applicationId: "hello",
		kind: "auto_rollback",
		request: {},
		requestedBy: "deploymill",
		facts: {},
	};
	told.store.beginRevert(told.hold, revert as NewDeployment, { attempted: true });
	expect((await told.listed())?.inProgress).toMatchObject({ deploymentId: "dep-new", phase: "auto_rollback" });
});

test("one whose worker died and that nobody settled yet is still in progress: its record says so", async () => {
	using told = await opened();
	told.begin();
	told.store.renewLock(told.hold, -1);
	expect((await told.listed())?.inProgress).toMatchObject({ deploymentId: "dep-new" });
});

test("a reconcile holds the application, and is no deployment", async () => {
	using told = await opened();
	told.store.acquireLock({ ...told.hold, deploymentId: "reconcile-1" }, "ci", leaseMs);
	expect(await told.listed()).not.toHaveProperty("inProgress");
});

test("one that is over is not in progress", async () => {
	using told = await opened();
	told.begin();
	told.store.finishDeployments(told.hold, [{ deploymentId: "dep-new", end: endAs("cancelled", {}) }]);
	expect(await told.listed()).not.toHaveProperty("inProgress");
});
