// Holds every implementation of the Swarm port to what a real Swarm makes of updates: each rule that deploymill, or its double, builds on.
import { afterAll, beforeAll, describe, expect, it as test } from "vitest";
import type { ServiceSpec } from "../../src/model/service.ts";
import { isUpdate, releaseOf, runs, ServiceUnderTest, tasksOf } from "./service-under-test.ts";
import type { SwarmUnderTest } from "./swarm-under-test.ts";

const replicas = (count: number) => (spec: ServiceSpec) => {
	spec.Mode.Replicated.Replicas = count;
};
const mark = (spec: ServiceSpec) => {
	spec.Labels.mark = "by hand";
};

export function describeSwarmUpdates(name: string, open: () => Promise<SwarmUnderTest>): void {
	describe(`${name} that updates services`, () => {
		let bench: SwarmUnderTest;
		beforeAll(async () => {
			bench = await open();
		});
		afterAll(() => bench.close());
		const it = (title: string, body: () => Promise<void>) => test(title, () => bench.during(body));
		const start = (suffix: string, change?: (spec: ServiceSpec) => void) => ServiceUnderTest.start(bench, suffix, change);

		it("shows no update of a new service, then one that is under way, then the same one completed", async () => {
			const service = await start("status");
			expect((await service.look()).service.updateStatus).toBeUndefined();
			await service.release("r2", "steady");
			const begun = (await service.untilUpdate("updating")).service;
			expect(begun.updateStatus?.completedAt).toBeUndefined();
			const completed = (await service.untilUpdate("completed")).service;
			expect(completed.updateStatus).toMatchObject({ startedAt: begun.updateStatus?.startedAt, completedAt: expect.any(String) });
			expect(completed.version).toBeGreaterThan(begun.version);
		});

		it("starts the new task first, and stops the old one when the new one runs", async () => {
			const service = await start("start-first");
			await service.release("r2", "slow");
			const looks = await service.watch(({ tasks }) => tasks.some((task) => releaseOf(task) === "r2" && runs(task)));
			expect(looks.slice(0, -1).every((seen) => tasksOf(seen, "r1").some(runs))).toBe(true);
			await service.untilRunning("r2");
		});

		it("stops the old task first where it is told to", async () => {
			const service = await start("stop-first", (spec) => {
				spec.UpdateConfig = { ...spec.UpdateConfig, Order: "stop-first" };
			});
			await service.release("r2", "steady", (spec) => {
				spec.UpdateConfig.Order = "stop-first";
			});
			const looks = await service.watch(isUpdate("completed"));
			const isUp = ({ state }: { state: string }) => state === "starting" || state === "running";
			expect(looks.some((seen) => tasksOf(seen, "r1").some(isUp) && tasksOf(seen, "r2").some(isUp))).toBe(false);
		});

		it("forgets the update at an edit of labels that comes later, and replaces no task", async () => {
			const service = await start("label");
			await service.release("r2", "steady");
			const before = await service.untilUpdate("completed");
			await service.edit(mark);
			const after = await service.look();
			expect(after.service.updateStatus).toBeUndefined();
			expect(after.tasks.filter(runs)).toEqual(before.tasks.filter(runs));
		});

		it("watches over no update whose service is labelled meanwhile: not complete, and not taken back when it fails", async () => {
			const service = await start("label-in-monitor");
			await service.release("r2", "crashes late");
			await service.untilRunning("r2");
			await service.edit(mark);
			const looks = await service.watch((seen) => tasksOf(seen, "r2").length === 2);
			expect(looks.every(({ service: { updateStatus, spec } }) => updateStatus === undefined && spec.Labels.mark !== undefined)).toBe(true);
		});

		it("stops the old task at once when it is labelled while the new one starts, and calls that complete before the new one runs", async () => {
			const service = await start("label-in-start");
			await service.release("r2", "slow");
			await service.until((seen) => tasksOf(seen, "r2").some(({ state }) => state === "starting"));
			await service.edit(mark);
			const completed = await service.untilUpdate("completed");
			expect(completed.tasks.filter(runs)).toEqual([]);
			await service.untilRunning("r2");
		});

		it("adds and removes tasks when it is scaled, forgets the update, and replaces none", async () => {
			const service = await start("scale");
			await service.release("r2", "steady");
			const [before] = (await service.untilUpdate("completed")).tasks.filter(runs);
			await service.edit(replicas(2));
			const two = await service.untilRunning("r2", 2);
			expect(two.service.updateStatus).toBeUndefined();
			expect(two.tasks.filter(runs).map(({ id }) => id)).toContain(before?.id);
			expect(
				two.tasks
					.filter(runs)
					.map(({ slot }) => slot)
					.toSorted(),
			).toEqual([1, 2]);
			await service.edit(replicas(1));
			const one = await service.until(({ tasks }) => tasks.every(({ slot }) => slot === 1));
			expect(one.tasks.filter(runs)).toHaveLength(1);
		});

		it("replaces no task for the spec it has, another policy, or empty lists", async () => {
			const service = await start("same");
			const before = await service.look();
			await service.edit(() => {});
			await service.edit((spec) => {
				spec.UpdateConfig.Monitor = 2_000_000_000;
			});
			await service.edit(({ TaskTemplate }) => {
				TaskTemplate.ContainerSpec.Env = [];
				TaskTemplate.Placement = { Constraints: [] };
				TaskTemplate.Networks = [];
			});
			await service.edit(({ TaskTemplate }) => {
				TaskTemplate.ForceUpdate++;
			});
			const after = await service.untilUpdate("completed");
			expect(before.service.version).toBeLessThan(after.service.version);
			expect(after.tasks).toHaveLength(2);
			expect(after.service.spec.TaskTemplate.ContainerSpec).not.toHaveProperty("Env");
			expect(after.service.spec.TaskTemplate.Placement).toEqual({});
		});

		it("takes an update back whose task crashes, and has no spec before it then", async () => {
			const service = await start("crash");
			await service.release("r2", "crashes");
			const begun = await service.untilUpdate("updating", "rollback_started");
			const back = await service.untilUpdate("rollback_completed");
			expect(back.service.updateStatus?.startedAt).toBe(begun.service.updateStatus?.startedAt);
			expect(back.service.spec.Labels["deploymill.deployment"]).toBe("r1");
			const failed = tasksOf(back, "r2").find(({ state }) => state === "failed");
			expect(failed).toMatchObject({ exitCode: 3, error: "task: non-zero exit (3)", desiredState: "shutdown" });
			await service.untilRunning("r1");
			await expect(service.rollBack()).rejects.toThrow("does not have a previous spec");
		});

		it("never runs a task whose health check fails, and leaves the old one alone", async () => {
			const service = await start("sick");
			await service.release("r2", "sick");
			const looks = await service.watch(isUpdate("rollback_completed"));
			expect(looks.every((seen) => tasksOf(seen, "r1").some(runs))).toBe(true);
			expect(looks.some((seen) => tasksOf(seen, "r2").some(({ state }) => state === "running"))).toBe(false);
			const failed = tasksOf(looks.at(-1)!, "r2").find(({ state }) => state === "failed");
			expect(failed).toMatchObject({ exitCode: 137, error: expect.stringContaining("unhealthy container") });
		});

		it("rejects a task whose image is nowhere, and takes the update back", async () => {
			const service = await start("missing");
			await service.release("r2", "missing");
			const looks = await service.watch(isUpdate("rollback_completed"));
			expect(looks.every((seen) => tasksOf(seen, "r1").some(runs))).toBe(true);
			const rejected = tasksOf(looks.at(-1)!, "r2").find(({ state }) => state === "rejected");
			expect(rejected).toMatchObject({ error: expect.stringContaining("No such image") });
			expect(rejected).not.toHaveProperty("exitCode");
		});

		it("leaves a task pending that no node may take, and the update under way", async () => {
			const service = await start("unplaced");
			const nowhere = (spec: ServiceSpec) => {
				spec.TaskTemplate.Placement.Constraints = ["node.hostname==nowhere"];
			};
			await service.release("r2", "steady", nowhere);
			const held = await service.until((seen) => tasksOf(seen, "r2")[0]?.error !== undefined);
			expect(tasksOf(held, "r2")).toMatchObject([{ state: "pending", desiredState: "running", node: "unassigned", nodeReady: true }]);
			expect(tasksOf(held, "r2")[0]?.error).toContain("no suitable node");
			expect(held.service.updateStatus?.state).toBe("updating");
			expect(tasksOf(held, "r1").some(runs)).toBe(true);
			await service.release("r3", "steady");
			const after = await service.untilRunning("r3");
			expect(tasksOf(after, "r2").every((task) => !runs(task))).toBe(true);
		});

		it("puts the old release back anew where it stopped first", async () => {
			const stopFirst = (spec: ServiceSpec) => {
				spec.UpdateConfig = { ...spec.UpdateConfig, Order: "stop-first" };
				spec.RollbackConfig = { ...spec.RollbackConfig, Order: "stop-first" };
			};
			const service = await start("stop-first-crash", stopFirst);
			const [old] = (await service.look()).tasks;
			await service.release("r2", "crashes", stopFirst);
			await service.untilUpdate("rollback_completed");
			const back = await service.untilRunning("r1");
			expect(
				tasksOf(back, "r1")
					.filter(runs)
					.map(({ id }) => id),
			).not.toContain(old?.id);
		});

		it("goes to the spec before by hand, and forward again", async () => {
			const service = await start("by-hand");
			await service.release("r2", "steady");
			await service.untilUpdate("completed");
			await service.rollBack();
			const begun = await service.look();
			expect(begun.service.updateStatus).toMatchObject({ state: "rollback_started", message: "manually requested rollback" });
			expect(begun.service.spec.Labels["deploymill.deployment"]).toBe("r1");
			await service.untilUpdate("rollback_completed");
			await service.untilRunning("r1");
			await service.rollBack();
			await service.untilRunning("r2");
		});

		it("has nothing to go back to on a new service", async () => {
			const service = await start("no-way-back");
			await expect(service.rollBack()).rejects.toThrow("does not have a previous spec");
		});

		it("pauses a failed update where it is told to, and forgets that at an edit", async () => {
			const service = await start("pause");
			await service.release("r2", "crashes", (spec) => {
				spec.UpdateConfig.FailureAction = "pause";
			});
			const paused = await service.untilUpdate("paused");
			expect(paused.service.spec.Labels["deploymill.deployment"]).toBe("r2");
			await service.edit(mark);
			expect((await service.look()).service.updateStatus).toBeUndefined();
		});

		it("makes a new task at once for one that ended, and lets it start when its delay is over", async () => {
			const service = await start("ends", (spec) => {
				spec.UpdateConfig = { ...spec.UpdateConfig, FailureAction: "continue" };
			});
			await service.release("r2", "ends", (spec) => {
				spec.UpdateConfig.FailureAction = "continue";
			});
			const looks = await service.watch(
				(seen) => tasksOf(seen, "r2").some(({ state }, at) => at === 0 && state === "starting") && tasksOf(seen, "r2").length === 2,
			);
			const [next, ended] = tasksOf(looks.at(-1)!, "r2");
			expect(ended).toMatchObject({ state: "complete", desiredState: "shutdown" });
			expect(looks.some(({ tasks }) => tasks.some(({ id, desiredState }) => id === next?.id && desiredState === "ready"))).toBe(true);
			expect(Date.parse(next!.since) - Date.parse(ended!.since)).toBeGreaterThanOrEqual(900);
		});

		it("remembers five tasks of a slot", async () => {
			const service = await start("history");
			for (const release of ["r2", "r3", "r4", "r5", "r6", "r7"]) {
				await service.release(release, "steady");
				await service.untilRunning(release);
			}
			const { tasks } = await service.until((seen) => seen.tasks.length === 5);
			expect(tasks.map(releaseOf)).toEqual(["r7", "r6", "r5", "r4", "r3"]);
		});

		it("lets a failure off that another task's slow start hid until the watch was over", async () => {
			const both = (spec: ServiceSpec) => {
				spec.Mode.Replicated.Replicas = 2;
				spec.UpdateConfig = { ...spec.UpdateConfig, Parallelism: 2 };
			};
			const service = await start("hidden", both);
			await service.release("r2", "one crashes", both);
			const looks = await service.watch(isUpdate("completed", "rollback_started", "rollback_completed"));
			expect(looks.at(-1)?.service.updateStatus?.state).toBe("completed");
			expect(tasksOf(looks.at(-1)!, "r2").some(({ state }) => state === "failed")).toBe(true);
		});

		it("refuses an update of what is gone as no mere change", async () => {
			const service = await start("gone");
			const { id, version, spec } = (await service.look()).service;
			await bench.swarm.removeService(id);
			const refused = bench.swarm.updateService(service.name, version, spec, undefined);
			await expect(refused).rejects.toThrow("not found");
			await expect(refused).rejects.not.toMatchObject({ name: "ServiceChanged" });
		});
	});
}
