import { expect, test } from "vitest";
import { failedTasks, type RolloutReading, readRollout } from "../../../../src/engine/rollout/reading.ts";
import { runsAlone } from "../../../../src/engine/service/revision.ts";
import type { ObservedService, ObservedTask, TaskState, UpdateStatus } from "../../../../src/model/service.ts";
import { imageOf, service, task } from "../records.ts";

const revision = (deploymentId: string) => ({ image: imageOf("a").reference, deploymentId });
const now = "2026-02-02T00:00:00Z";
const earlier = "2026-01-01T00:00:00Z";

function update(state: UpdateStatus["state"], startedAt = now): UpdateStatus {
	return { state, startedAt };
}

/** A task of the release `new`. */
function fresh(state: TaskState = "running", over: Partial<ObservedTask> = {}): ObservedTask {
	return task("new", { id: `new-${state}-${over.slot ?? 1}`, state, ...over });
}

/** A task of the release `old`. */
function old(state: TaskState = "running", over: Partial<ObservedTask> = {}): ObservedTask {
	return task("old", { id: `old-${state}-${over.slot ?? 1}`, state, ...over });
}

const leaving = (state: TaskState = "running") => old(state, { desiredState: "shutdown" });
const lost = { nodeReady: false, node: "two", nodeId: "node-2" };

interface Scene {
	/** Release that the service is stamped with; null: there is no service. */
	stamp?: string | null;
	/** Image that somebody gave the service by hand. */
	image?: string;
	replicas?: number;
	update?: UpdateStatus;
	tasks: ObservedTask[];
	unwatched?: boolean;
	/** Whoever looks saw it fail, or be taken back by Swarm; false: comes late, and only sees what is there. */
	sawRefused?: boolean;
	previousUpdateStartedAt?: string;
}

function read({
	stamp = "new",
	image,
	replicas = 1,
	update,
	tasks,
	unwatched = false,
	sawRefused = true,
	previousUpdateStartedAt,
}: Scene): RolloutReading {
	return readRollout({
		service: stamp === null ? undefined : withImage(service(stamp, replicas, update), image),
		tasks,
		ours: revision("new"),
		unwatched,
		sawRefused,
		previousUpdateStartedAt,
	});
}

function withImage(observed: ObservedService, image: string | undefined): ObservedService {
	if (image !== undefined) observed.spec.TaskTemplate.ContainerSpec.Image = image;
	return observed;
}

/** `complete`: running, and Swarm no longer watches. */
function summary(reading: RolloutReading): string {
	if (reading.state === "running") return reading.update === "completed" ? "complete" : "running";
	return "hold" in reading ? `${reading.state}: ${reading.hold}` : reading.state;
}

test.each<[string, Scene, string]>([
	["no task yet", { tasks: [] }, "waiting: unplaced"],
	["only the old one", { tasks: [old()] }, "waiting: unplaced"],
	...(["new", "allocated", "pending"] as const).map((state): [string, Scene, string] => [
		state,
		{ tasks: [fresh(state), old()] },
		"waiting: unplaced",
	]),
	...(["assigned", "accepted", "preparing"] as const).map((state): [string, Scene, string] => [
		state,
		{ tasks: [fresh(state), old()] },
		"waiting: pulling",
	]),
	...(["ready", "starting"] as const).map((state): [string, Scene, string] => [
		state,
		{ tasks: [fresh(state), old()] },
		"waiting: starting",
	]),
	...(["complete", "shutdown", "failed", "rejected", "remove", "orphaned"] as const).map((state): [string, Scene, string] => [
		state,
		{ tasks: [fresh(state)] },
		"waiting: starting",
	]),
	[
		"a task that ended and its unplaced successor",
		{ tasks: [fresh("pending"), fresh("failed", { desiredState: "shutdown" })] },
		"waiting: unplaced",
	],

	["runs, the old one too", { tasks: [fresh(), old()] }, "waiting: stopping"],
	["runs, the old one is told to stop", { tasks: [fresh(), leaving()] }, "waiting: stopping"],
	["runs, the old one starts again", { tasks: [fresh(), old("starting")] }, "waiting: stopping"],
	["runs, the old one has stopped", { tasks: [fresh(), leaving("shutdown")] }, "running"],
	["runs, the old one failed as it stopped", { tasks: [fresh(), leaving("failed")] }, "running"],
	["runs, the old one is on a node that is down", { tasks: [fresh(), old("running", lost)] }, "running"],
	[
		"runs, somebody's unstamped task too",
		{ tasks: [fresh(), { ...old(), release: undefined } as unknown as ObservedTask] },
		"waiting: stopping",
	],
	["runs on a node that is down", { tasks: [fresh("running", lost)] }, "waiting: starting"],
	["runs, but is told to stop", { tasks: [fresh("running", { desiredState: "shutdown" })] }, "waiting: unplaced"],

	["no update is shown yet", { tasks: [fresh()] }, "running"],
	["Swarm watches", { tasks: [fresh()], update: update("updating") }, "running"],
	["complete", { tasks: [fresh()], update: update("completed") }, "complete"],
	["complete, but a task is gone again", { tasks: [fresh("failed")], update: update("completed") }, "waiting: starting"],
	["complete, but the old one still answers", { tasks: [fresh(), leaving()], update: update("completed") }, "waiting: stopping"],
	[
		"an earlier update's completion",
		{ tasks: [fresh()], update: update("completed", earlier), previousUpdateStartedAt: earlier },
		"running",
	],
	[
		"an earlier update's completion, nothing up",
		{ tasks: [old()], update: update("completed", earlier), previousUpdateStartedAt: earlier },
		"waiting: unplaced",
	],
	["ours, after an earlier one", { tasks: [fresh()], update: update("completed"), previousUpdateStartedAt: earlier }, "complete"],
	["an earlier update's pause", { tasks: [fresh()], update: update("paused", earlier), previousUpdateStartedAt: earlier }, "running"],
	[
		"an earlier update's rollback",
		{ tasks: [fresh()], update: update("rollback_completed", earlier), previousUpdateStartedAt: earlier },
		"running",
	],

	["two wanted, one runs", { replicas: 2, tasks: [fresh("running", { slot: 1 }), fresh("preparing", { slot: 2 })] }, "waiting: pulling"],
	["two wanted, one runs, the other is not there", { replicas: 2, tasks: [fresh()] }, "waiting: starting"],
	["two wanted, one failed", { replicas: 2, tasks: [fresh("running", { slot: 1 }), fresh("failed", { slot: 2 })] }, "waiting: starting"],
	["two wanted, both run", { replicas: 2, tasks: [fresh("running", { slot: 1 }), fresh("running", { slot: 2 })] }, "running"],
	[
		"two wanted, both run, one old",
		{ replicas: 2, tasks: [fresh("running", { slot: 1 }), fresh("running", { slot: 2 }), old()] },
		"waiting: stopping",
	],
	[
		"two wanted, one on a node that is down",
		{ replicas: 2, tasks: [fresh("running", { slot: 1 }), fresh("running", { slot: 2, ...lost })] },
		"waiting: starting",
	],
	["more than wanted", { replicas: 1, tasks: [fresh("running", { slot: 1 }), fresh("running", { slot: 2 })] }, "running"],

	["paused before all run", { tasks: [fresh("failed"), old()], update: update("paused") }, "stuck"],
	["paused, and all run", { tasks: [fresh()], update: update("paused") }, "complete"],
	["rollback paused before all run, to our spec", { tasks: [fresh("failed")], update: update("rollback_paused") }, "stuck"],
	["rolled back by hand to our spec, under way", { tasks: [fresh()], update: update("rollback_started") }, "running"],
	["rolled back by hand to our spec", { tasks: [fresh()], update: update("rollback_completed") }, "complete"],
	["scaled to zero", { replicas: 0, tasks: [] }, "superseded"],
	["scaled to zero, and a task runs still", { replicas: 0, tasks: [fresh()] }, "waiting: stopping"],
	[
		"our stamp, and another image by hand",
		{ tasks: [{ ...fresh(), image: "other@sha256:1" }], image: "other@sha256:1", update: update("completed") },
		"superseded",
	],
	[
		"our stamp, and a task of another image by hand",
		{ tasks: [{ ...fresh(), image: "other@sha256:1" }], update: update("completed") },
		"waiting: unplaced",
	],

	[
		"Swarm puts the old one back",
		{ stamp: "old", tasks: [fresh("failed"), old("starting")], update: update("rollback_started") },
		"rolling_back",
	],
	[
		"back, but the old one does not run yet",
		{ stamp: "old", tasks: [old("starting")], update: update("rollback_completed") },
		"rolling_back",
	],
	[
		"back, but the new one still answers",
		{ stamp: "old", tasks: [old(), fresh("running", { desiredState: "shutdown" })], update: update("rollback_completed") },
		"rolling_back",
	],
	[
		"back, but the old one's node is down",
		{ stamp: "old", tasks: [old("running", lost)], update: update("rollback_completed") },
		"rolling_back",
	],
	["back", { stamp: "old", tasks: [old(), fresh("failed")], update: update("rollback_completed") }, "rolled_back"],
	["back, two wanted, one runs", { stamp: "old", replicas: 2, tasks: [old()], update: update("rollback_completed") }, "rolling_back"],
	[
		"back, two wanted, both run",
		{ stamp: "old", replicas: 2, tasks: [old(), old("running", { slot: 2 })], update: update("rollback_completed") },
		"rolled_back",
	],
	["old tasks run all the while Swarm rolls back", { stamp: "old", tasks: [old()], update: update("rollback_started") }, "rolling_back"],
	[
		"somebody rolls back by hand",
		{ stamp: "old", tasks: [old()], update: { ...update("rollback_completed"), message: "manually requested rollback" } },
		"superseded",
	],
	[
		"back to what somebody had put there by hand",
		{
			stamp: "old",
			image: "by-hand@sha256:1",
			tasks: [{ ...old(), image: "by-hand@sha256:1" }],
			update: update("rollback_completed"),
		},
		"rolled_back",
	],
	[
		"somebody rolled back by hand while nobody watched: Swarm's words do not tell it any more",
		{
			stamp: "old",
			tasks: [old(), fresh("shutdown", { desiredState: "shutdown" })],
			update: { ...update("rollback_completed"), message: "rollback completed" },
			sawRefused: false,
		},
		"superseded",
	],
	[
		"a rollback by hand that does not come up, found late",
		{ stamp: "old", tasks: [old("starting")], update: update("rollback_paused"), sawRefused: false },
		"superseded",
	],
	[
		"Swarm rolled back while nobody watched: a task that failed is left to tell",
		{ stamp: "old", tasks: [old(), fresh("failed")], update: update("rollback_completed"), sawRefused: false },
		"rolled_back",
	],
	[
		"Swarm rolls back, found late: its words still tell",
		{
			stamp: "old",
			tasks: [old()],
			update: { ...update("rollback_started"), message: "update rolled back due to failure" },
			sawRefused: false,
		},
		"rolling_back",
	],
	["Swarm's rollback was paused", { stamp: "old", tasks: [old()], update: update("rollback_paused") }, "stuck"],

	[
		"the old one's process was seen to end",
		{ tasks: [fresh(), old("running", { desiredState: "shutdown", containerEnded: true })], update: update("updating") },
		"running",
	],
	[
		"a new one's process was seen to end",
		{ tasks: [fresh("running", { containerEnded: true })], update: update("updating") },
		"waiting: starting",
	],

	["the service is gone", { stamp: null, tasks: [fresh()] }, "superseded"],
	["somebody else's release", { stamp: "other", tasks: [fresh()], update: update("updating") }, "superseded"],
	["somebody else's release, complete", { stamp: "other", tasks: [task("other")], update: update("completed") }, "superseded"],
	["somebody else's release, no update shown", { stamp: "other", tasks: [fresh()] }, "superseded"],
	[
		"somebody else's, and a rollback of before",
		{ stamp: "other", tasks: [], update: update("rollback_completed", earlier), previousUpdateStartedAt: earlier },
		"superseded",
	],

	["unwatched, nothing yet", { unwatched: true, tasks: [] }, "waiting: unplaced"],
	["unwatched, runs", { unwatched: true, tasks: [fresh()] }, "running"],
	["unwatched, never complete by itself", { unwatched: true, tasks: [fresh()], update: update("completed") }, "running"],
	...(["failed", "rejected", "complete"] as const).map((state): [string, Scene, string] => [
		`unwatched, ${state}`,
		{ unwatched: true, tasks: [fresh(state)] },
		"stuck",
	]),
	["unwatched, failed and up again", { unwatched: true, tasks: [fresh(), fresh("failed", { desiredState: "shutdown" })] }, "running"],
	["unwatched, one of two failed", { unwatched: true, replicas: 2, tasks: [fresh(), fresh("rejected", { slot: 2 })] }, "stuck"],
	[
		"unwatched, rolled back by somebody",
		{ unwatched: true, stamp: "other", tasks: [], update: update("rollback_completed") },
		"superseded",
	],
	["unwatched, removed by somebody", { unwatched: true, stamp: null, tasks: [] }, "superseded"],
])("%s", (_name, scene, expected) => {
	expect(summary(read(scene))).toBe(expected);
});

test("progress tells every move from standing still", () => {
	const at = (tasks: ObservedTask[]) => read({ tasks });
	expect(at([fresh("preparing"), old()])).toEqual(at([fresh("preparing"), old()]));
	expect(at([fresh("preparing"), old()])).not.toEqual(at([fresh("starting"), old()]));
	expect(at([fresh("running"), old()])).not.toEqual(at([fresh("running"), leaving()]));
	expect(at([fresh("failed")])).not.toEqual(at([fresh("failed", { id: "another" })]));
});

test("a release never counts as up unless as many of its own tasks run as are wanted, and no other's does", () => {
	const states: TaskState[] = ["new", "pending", "preparing", "starting", "running", "shutdown", "failed"];
	const updates = [undefined, update("updating"), update("completed"), update("completed", earlier)];
	let seed = 3;
	const random = (below: number) => {
		seed = (Math.imul(seed, 1103515245) + 12345) & 0x7fffffff;
		return (seed >> 8) % below;
	};
	let up = 0;
	for (let round = 0; round < 3000; round++) {
		const replicas = random(3) + 1;
		const tasks = Array.from({ length: random(5) }, (_, slot) =>
			task(random(4) ? "new" : "old", {
				id: `task-${slot}`,
				slot,
				state: random(2) ? "running" : (states[random(states.length)] as TaskState),
				desiredState: random(6) ? "running" : "shutdown",
				nodeReady: random(6) > 0,
			}),
		);
		const shown = updates[random(updates.length)];
		const reading = read({ replicas, tasks, previousUpdateStartedAt: earlier, ...(shown ? { update: shown } : {}) });
		const alive = tasks.filter((item) => item.nodeReady && item.state === "running");
		const ours = alive.filter((item) => item.release?.deploymentId === "new" && item.desiredState === "running");
		const others = alive.filter((item) => item.release?.deploymentId === "old");
		if (reading.state !== "running") continue;
		up++;
		expect(ours.length).toBeGreaterThanOrEqual(replicas);
		expect(others).toEqual([]);
		if (reading.update === "completed") expect(shown).toEqual(update("completed"));
	}
	expect(up).toBeGreaterThan(100);
});

test("failed tasks are those of the release that ended", () => {
	const tasks = [fresh("failed"), fresh("rejected"), fresh("complete"), fresh("running"), fresh("shutdown"), old("failed")];
	expect(failedTasks(tasks, revision("new")).map(({ state }) => state)).toEqual(["failed", "rejected", "complete"]);
});

test("a release runs alone when all of its tasks do, and none of another", () => {
	expect(runsAlone([fresh()], revision("new"), 1)).toBe(true);
	expect(runsAlone([fresh()], revision("new"), 2)).toBe(false);
	expect(runsAlone([fresh(), old()], revision("new"), 1)).toBe(false);
	expect(runsAlone([fresh(), old("shutdown")], revision("new"), 1)).toBe(true);
	expect(runsAlone([], revision("new"), 1)).toBe(false);
	expect(runsAlone([], revision("new"), 0)).toBe(false);
});
