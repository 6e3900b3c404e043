// Tries the timers of a lease on the real store: what they cannot do is told once, and tried again.
import { expect, test } from "vitest";
import { Lease } from "../../../../src/engine/pipeline/lease.ts";
import { acquire, newHold } from "../../../../src/engine/reconcile/lock.ts";
import { locked } from "../../../simulation/faults/menu.ts";
import { SimulatedProcess } from "../../../simulation/world/process.ts";
import { World, webConfig } from "../../../simulation/world/world.ts";

test("a record that cannot be read or written for a while is told of once in that time, and the lock is kept", async () => {
	using world = new World();
	let isLocked = false;
	const meet = () => (isLocked ? ({ kind: "error", when: "before", error: locked } as const) : undefined);
	const folder = world.openFolder();
	const { engine, log } = new SimulatedProcess(world, "worker", folder, { meet });
	folder.store.registerApplication("https://git.test/hello.git", ["hello"], webConfig(), "c1");
	const hold = newHold(engine, "hello");
	await world.clock.run(acquire(engine, hold, "a test", undefined));
	using lease = new Lease(engine, hold);
	for (let outage = 1; outage <= 2; outage++) {
		isLocked = true;
		await world.clock.pass(3_000);
		isLocked = false;
		await world.clock.pass(10_000);
		expect(log).toHaveLength(outage);
		expect(log.at(-1)).toContain("database is locked");
	}
	expect(lease.signal.aborted).toBe(false);
	expect(folder.store.lockHolder("hello")).toMatchObject({ deploymentId: hold.deploymentId });
});
