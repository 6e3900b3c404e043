import { DatabaseSync } from "node:sqlite";
import { expect, test } from "vitest";
import { LockLost } from "../../../src/engine/ports/store.ts";
import { historyDepth } from "../../../src/model/history-depth.ts";
import { recordHistory } from "../../bench/history-file.ts";
import { begin, config, DataFolder, end, holdOf, inProcesses, newDeployment, register } from "./data-folder.ts";

const expired = -1;
const spec = { Name: "hello", TaskTemplate: { ContainerSpec: { Env: ["TOKEN=hunter2-hunter2"] } } } as never;

function opened() {
	const data = new DataFolder();
	const store = data.open();
	register(store);
	return { data, store, [Symbol.dispose]: () => data[Symbol.dispose]() };
}

test("one process of several takes the lock, and the others are told who has it", async () => {
	using data = new DataFolder();
	register(data.open());
	const script =
		'answer(store.acquireLock({ applicationId: "hello", deploymentId: "dep-" + who, owner: "o" + who }, "process " + who, 60_000)?.deploymentId);';
	const answers = await inProcesses(data, 6, script);
	const winner = data.open().lockHolder("hello");
	expect(answers.filter((answer) => answer === null)).toHaveLength(1);
	expect(new Set(answers.filter((answer) => answer !== null))).toEqual(new Set([winner?.deploymentId]));
	expect(winner?.requestedBy).toBe(`process ${answers.indexOf(null)}`);
});

test("one process of several takes over an expired lease", async () => {
	using opening = opened();
	const { data, store } = opening;
	const hold = begin(store, "dep-1");
	store.renewLock(hold, expired);
	const script = 'answer(store.takeOverExpired({ applicationId: "hello", deploymentId: "dep-1", owner: "o" + who }, 60_000));';
	const answers = await inProcesses(data, 5, script);
	expect([...answers].sort()).toEqual([false, false, false, false, true]);
});

test("several processes that register one repository get one application", async () => {
	using data = new DataFolder();
	const script = 'answer(store.registerApplication("https://git.example.com/x.git", ["x", "x-2", "x-3"], config, "c").applicationId);';
	expect(await inProcesses(data, 6, script)).toEqual(Array(6).fill("x"));
	expect(data.open().listApplications()).toHaveLength(1);
});

test("one request id used by twelve at once is one deployment, and all are told of it", async () => {
	using data = new DataFolder();
	register(data.open());
	const script = `
		const deployment = { deploymentId: "dep-" + who, applicationId: "hello", kind: "deploy", request: {}, requestId: "again", requestedBy: "x", facts: {} };
		const begun = store.beginDeployment(deployment, 0, 60_000);
		answer([begun.state, begun.deployment?.deploymentId]);`;
	const answers = (await inProcesses(data, 12, script)) as [string, string][];
	expect(answers.map(([state]) => state).sort()).toEqual(["begun", ...Array(11).fill("known")]);
	expect(new Set(answers.map(([, deploymentId]) => deploymentId)).size).toBe(1);
	expect(data.open().listDeployments("hello", 20)).toHaveLength(1);
});

/** What stands in the way of `dep-2`. */
test.each<[string, { leaseMs: number; recorded: boolean; over?: boolean }, "begun" | "locked"]>([
	["a live lease of what is no deployment", { leaseMs: 60_000, recorded: false }, "locked"],
	["a live lease", { leaseMs: 60_000, recorded: true }, "locked"],
	["one that is over: its end let go", { leaseMs: 60_000, recorded: true, over: true }, "begun"],
	["an expired lease of what is no deployment", { leaseMs: expired, recorded: false }, "begun"],
	["an expired lease of one that runs: it must be settled first", { leaseMs: expired, recorded: true }, "locked"],
	["a lease from before the machine was started again", { leaseMs: 1e12, recorded: false }, "begun"],
])("%s: %s", (_name, { leaseMs, recorded, over }, expected) => {
	using opening = opened();
	const { store } = opening;
	if (recorded) begin(store, "dep-1");
	else store.acquireLock(holdOf("dep-1"), "a test", 60_000);
	store.renewLock(holdOf("dep-1"), leaseMs);
	if (over) end(store, "dep-1");
	const begun = store.beginDeployment(newDeployment("dep-2"), recorded ? 1 : 0, 60_000);
	expect(begun.state).toBe(expected);
	expect(begun).toMatchObject(expected === "begun" ? { deployment: { deploymentId: "dep-2" } } : { holder: { deploymentId: "dep-1" } });
});

test("what was decided by an older history is not begun", () => {
	using opening = opened();
	const { store } = opening;
	begin(store, "dep-1");
	end(store, "dep-1");
	expect(store.beginDeployment(newDeployment("dep-2"), 0, 60_000)).toEqual({ state: "overtaken" });
	expect(store.lockHolder("hello")).toBeUndefined();
	expect(store.beginDeployment(newDeployment("dep-2"), 1, 60_000).state).toBe("begun");
});

test("a fresh lock is for whoever renews it first, and then for no one else", () => {
	using opening = opened();
	const { store } = opening;
	store.beginDeployment(newDeployment("dep-1"), 0, 60_000);
	store.renewLock(holdOf("dep-1", "first"), 60_000);
	store.renewLock(holdOf("dep-1", "first"), 60_000);
	expect(() => store.renewLock(holdOf("dep-1", "second"), 60_000)).toThrow(LockLost);
	expect(() => store.renewLock(holdOf("dep-2", "first"), 60_000)).toThrow(LockLost);
});

test("a lease that is taken over has a new keeper, and the old one is told, whatever it writes", () => {
	using opening = opened();
	const { store } = opening;
	const old = begin(store, "dep-1");
	const settler = holdOf("dep-1", "settler");
	expect(store.takeOverExpired(settler, 60_000)).toBe(false);
	store.renewLock(old, expired);
	expect(store.listAbandoned().map(({ deploymentId }) => deploymentId)).toEqual(["dep-1"]);
	expect(store.lockHolder("hello")).toBeUndefined();
	expect(store.takeOverExpired(holdOf("dep-2"), 60_000)).toBe(false);
	expect(store.takeOverExpired(settler, 60_000)).toBe(true);
	expect(store.takeOverExpired(holdOf("dep-1", "slower"), 60_000)).toBe(false);
	expect(store.listAbandoned()).toEqual([]);
	store.handOver(settler, 60_000);
	const worker = holdOf("dep-1", "worker");
	store.renewLock(worker, 60_000);
	const point = {
		rollbackId: "rb-1",
		applicationId: "hello",
		deploymentId: "dep-1",
		image: { reference: "r@sha256:1", digest: "sha256:1" },
	};
	const writes: [string, () => unknown][] = [
		["renewLock", () => store.renewLock(old, 60_000)],
		["handOver", () => store.handOver(settler, 60_000)],
		["recordFacts", () => store.recordFacts(old, "dep-1", { ref: "late" })],
		["recordStep", () => store.recordStep(old, "dep-1", "late")],
		["enterPhase", () => store.enterPhase(old, "dep-1", "build")],
		["enterRelease", () => store.enterRelease(old, "dep-1", {})],
		["journalSwap", () => store.journalSwap(old, "dep-1", { before: null })],
		["createRollbackPoint", () => store.createRollbackPoint(old, point)],
		["beginRevert", () => store.beginRevert(old, newDeployment("dep-revert", { kind: "auto_rollback" }), { attempted: true })],
		["finishDeployments", () => store.finishDeployments(old, [{ deploymentId: "dep-1", end: { status: "done", outcome: "live" } }])],
	];
	for (const [name, write] of writes) expect(write, name).toThrow(LockLost);
	store.releaseLock(old);
	expect(store.lockHolder("hello")?.deploymentId).toBe("dep-1");
	expect(store.findDeployment("dep-1")).toMatchObject({ status: "running", phase: "queued" });
	expect(store.listDeployments("hello", 10)).toHaveLength(1);
});

test("a revert is recorded with the deploy that it is for, and both end at once", () => {
	using opening = opened();
	const { store } = opening;
	const hold = begin(store, "dep-1");
	const autoRollback = { attempted: true, deploymentId: "dep-revert" };
	store.beginRevert(hold, newDeployment("dep-revert", { kind: "auto_rollback" }), autoRollback);
	expect(store.findDeployment("dep-1")?.autoRollback).toEqual(autoRollback);
	store.enterPhase(hold, "dep-revert", "release");
	expect(store.requestCancel("dep-revert", "me", undefined)).toBe(false);
	const ends = [
		{ deploymentId: "dep-revert", end: { status: "done" as const, outcome: "live" as const, verdict: "healthy" as const } },
		{ deploymentId: "dep-1", end: { status: "error" as const, outcome: "rolled_back" as const, verdict: "unhealthy" as const } },
	];
	expect(() => store.finishDeployments(hold, [...ends, { deploymentId: "dep-none", end: ends[0]!.end }])).toThrow();
	expect(store.listDeployments("hello", 5).map(({ status }) => status)).toEqual(["running", "running"]);
	store.finishDeployments(hold, ends);
	expect(store.listDeployments("hello", 5).map(({ outcome }) => outcome)).toEqual(["live", "rolled_back"]);
	expect(store.lockHolder("hello")).toBeUndefined();
});

test("a cancel that came before the swap wins, and one that comes after it is refused", () => {
	using opening = opened();
	const { store } = opening;
	const hold = begin(store, "dep-1");
	expect(store.requestCancel("dep-1", "me", "why")).toBe(true);
	expect(store.requestCancel("dep-1", "another", undefined)).toBe(true);
	expect(store.findDeployment("dep-1")?.cancelRequested).toMatchObject({ by: "me", reason: "why" });
	expect(store.enterRelease(hold, "dep-1", { fingerprint: "f" })).toBe(false);
	expect(store.findDeployment("dep-1")?.phase).toBe("queued");
	expect(store.findDeployment("dep-1")).not.toHaveProperty("fingerprint");
	end(store, "dep-1");
	const second = begin(store, "dep-2");
	expect(store.enterRelease(second, "dep-2", { fingerprint: "f" })).toBe(true);
	expect(store.requestCancel("dep-2", "me", undefined)).toBe(false);
	expect(store.findDeployment("dep-2")).toMatchObject({ phase: "release", fingerprint: "f" });
	expect(store.findDeployment("dep-2")).not.toHaveProperty("cancelRequested");
	expect(store.requestCancel("dep-none", "me", undefined)).toBe(false);
});

test.each(["queued", "checkout", "build", "push", "release", "health", "auto_rollback"] as const)("cancel in %s", (phase) => {
	using opening = opened();
	const { store } = opening;
	const hold = begin(store, "dep-1");
	store.enterPhase(hold, "dep-1", phase);
	expect(store.requestCancel("dep-1", "me", undefined)).toBe(["queued", "checkout", "build", "push"].includes(phase));
});

test("of a cancel and a swap at the same moment, one wins", async () => {
	using opening = opened();
	const { data, store } = opening;
	for (const round of [1, 2, 3]) {
		const hold = begin(store, `dep-${round}`);
		const script = `answer(who ? store.requestCancel("dep-${round}", "me", undefined) : store.enterRelease(${JSON.stringify(hold)}, "dep-${round}", {}));`;
		const [swapped, cancelled] = await inProcesses(data, 2, script);
		expect(swapped).toBe(!cancelled);
		end(store, `dep-${round}`);
	}
});

test("the first end stands", () => {
	using opening = opened();
	const { store } = opening;
	const hold = begin(store, "dep-1");
	const ended = { status: "done" as const, outcome: "live" as const, verdict: "healthy" as const, facts: { rolledOver: true } };
	store.finishDeployments(hold, [{ deploymentId: "dep-1", end: ended }]);
	const first = store.findDeployment("dep-1");
	expect(() => store.finishDeployments(hold, [{ deploymentId: "dep-1", end: { status: "error", outcome: "failed" } }])).toThrow(LockLost);
	expect(store.findDeployment("dep-1")).toEqual(first);
	expect(first).toMatchObject({ status: "done", phase: "finished", verdict: "healthy", rolledOver: true });
});

test("facts are merged, phases are timed in order, and the step goes with its phase", () => {
	using opening = opened();
	const { store } = opening;
	const hold = begin(store, "dep-1");
	store.recordFacts(hold, "dep-1", { ref: "main", rolledOver: false });
	store.recordFacts(hold, "dep-1", { rolledOver: true, rollbackId: "rb-1" });
	store.enterPhase(hold, "dep-1", "build");
	store.recordStep(hold, "dep-1", "[1/2] FROM scratch");
	store.enterPhase(hold, "dep-1", "build");
	expect(store.findDeployment("dep-1")).toMatchObject({ ref: "main", rolledOver: true, rollbackId: "rb-1", step: "[1/2] FROM scratch" });
	store.enterPhase(hold, "dep-1", "push");
	const { phases, phase, step } = store.findDeployment("dep-1") ?? {};
	expect({ phases: phases?.map((item) => item.phase), phase, step }).toEqual({
		phases: ["queued", "build"],
		phase: "push",
		step: undefined,
	});
	expect(phases?.every(({ durationMs }) => durationMs >= 0)).toBe(true);
});

test("a swap's journal is kept for the newest swap, and no env value in it can be read in the file", () => {
	using opening = opened();
	const { data, store } = opening;
	const hold = begin(store, "dep-1");
	store.journalSwap(hold, "dep-1", { before: spec, version: 7, previousUpdateStartedAt: "2026-01-01T00:00:00Z" });
	expect(store.readSwapJournal("dep-1")).toEqual({ before: spec, version: 7, previousUpdateStartedAt: "2026-01-01T00:00:00Z" });
	expect(data.bytes()).not.toContain("hunter2");
	store.journalSwap(hold, "dep-1", { before: null });
	expect(store.readSwapJournal("dep-1")).toEqual({ before: null });
	end(store, "dep-1");
	expect(store.readSwapJournal("dep-1")).toEqual({ before: null });
	const second = begin(store, "dep-2");
	store.journalSwap(second, "dep-2", { before: spec });
	expect(store.readSwapJournal("dep-1")).toBeUndefined();
});

test("an end gives up the point that the deployment itself made, and no other; a release that lives after all takes it up again", () => {
	using opening = opened();
	const { store } = opening;
	const image = { reference: "r/hello@sha256:1", digest: "sha256:1" };
	const first = begin(store, "dep-1");
	store.createRollbackPoint(first, { rollbackId: "rb-1", applicationId: "hello", deploymentId: "dep-1", image });
	store.recordFacts(first, "dep-1", { rollbackId: "rb-1" });
	end(store, "dep-1");
	// A rollback shows its target's point as its own.
	const rollback = begin(store, "dep-2");
	store.recordFacts(rollback, "dep-2", { rollbackId: "rb-1" });
	const cancelled = { status: "cancelled" as const, outcome: "cancelled" as const, givesUpOwnPoint: "it was cancelled" };
	store.finishDeployments(rollback, [{ deploymentId: "dep-2", end: cancelled }]);
	expect(store.findRollbackPoint("rb-1")).not.toHaveProperty("unusableBecause");
	const third = begin(store, "dep-3");
	store.createRollbackPoint(third, { rollbackId: "rb-3", applicationId: "hello", deploymentId: "dep-3", image });
	store.enterRelease(third, "dep-3", { rolledOver: false });
	const interrupted = { status: "error" as const, outcome: "interrupted" as const, givesUpOwnPoint: "it was interrupted" };
	store.finishDeployments(third, [{ deploymentId: "dep-3", end: interrupted }]);
	expect(store.findRollbackPoint("rb-3")?.unusableBecause).toBe("it was interrupted");
	expect(store.reopenDeployment("dep-3", 60_000)).toBe(true);
	expect(store.findRollbackPoint("rb-3")).not.toHaveProperty("unusableBecause");
	const reopened = store.findDeployment("dep-3");
	expect(reopened).toMatchObject({ status: "running", phase: "release", verdict: null });
	expect(reopened).not.toHaveProperty("outcome");
	expect(reopened).not.toHaveProperty("rolledOver");
	expect(store.reopenDeployment("dep-3", 60_000)).toBe(false);
	expect(store.reopenDeployment("dep-1", 60_000)).toBe(false);
});

test("history comes in pages, newest first, each deployment once, and no other application's", () => {
	using opening = opened();
	const { store } = opening;
	store.registerApplication("https://git.example.com/other.git", ["other"], config, "c");
	for (let index = 1; index <= 7; index++) {
		begin(store, `dep-${index}`);
		end(store, `dep-${index}`);
		const id = `other-${index}`;
		const newest = store.listDeployments("other", 1)[0]?.sequence ?? 0;
		store.beginDeployment(newDeployment(id, { applicationId: "other" }), newest, 60_000);
		const hold = { applicationId: "other", deploymentId: id, owner: "x" };
		store.renewLock(hold, 60_000);
		store.finishDeployments(hold, [{ deploymentId: id, end: { status: "done", outcome: "live" } }]);
	}
	const seen: string[] = [];
	for (let before: number | undefined; ; ) {
		const page = store.listDeployments("hello", 3, before);
		if (page.length === 0) break;
		seen.push(...page.map(({ deploymentId }) => deploymentId));
		before = page.at(-1)?.sequence;
	}
	expect(seen).toEqual([7, 6, 5, 4, 3, 2, 1].map((index) => `dep-${index}`));
});

test("rollback points are the application's own, newest first, and can be given up, for the first reason found", () => {
	using opening = opened();
	const { store } = opening;
	for (const index of [1, 2]) {
		const hold = begin(store, `dep-${index}`);
		const image = { reference: `r/hello@sha256:${index}`, digest: `sha256:${index}` };
		store.createRollbackPoint(hold, { rollbackId: `rb-${index}`, applicationId: "hello", deploymentId: `dep-${index}`, image });
		end(store, `dep-${index}`);
	}
	store.markUnusable("rb-1", "retention");
	store.markUnusable("rb-1", "another reason");
	expect(store.listRollbackPoints("hello").map(({ rollbackId, unusableBecause }) => [rollbackId, unusableBecause])).toEqual([
		["rb-2", undefined],
		["rb-1", "retention"],
	]);
	expect(store.listRollbackPoints("other")).toEqual([]);
	expect(store.findRollbackPoint("rb-9")).toBeUndefined();
});

test("of a long history the points are listed that are usable or new, and any is found by its name", () => {
	using data = new DataFolder();
	const { newest } = recordHistory(data.folder, "hello", historyDepth + 50);
	using old = new DatabaseSync(data.databaseFile);
	old.exec("UPDATE rollback_points SET unusable_because = NULL WHERE rollback_id = 'rb-hello-7'");
	const store = data.open();
	const listed = store.listRollbackPoints("hello");
	expect(listed).toHaveLength(historyDepth + 1);
	expect([listed[0]?.deploymentId, listed.at(-1)?.rollbackId]).toEqual([newest, "rb-hello-7"]);
	expect(listed.filter(({ unusableBecause }) => unusableBecause === undefined)).toHaveLength(11);
	expect(store.findRollbackPoint("rb-hello-1")).toMatchObject({ unusableBecause: expect.any(String) });
});

test("a slug is given once; the same repository keeps its own and takes the new configuration", () => {
	using data = new DataFolder();
	const store = data.open();
	register(store);
	const other = store.registerApplication("https://git.example.com/other.git", ["hello", "hello-2"], config, "c");
	expect(other.applicationId).toBe("hello-2");
	const again = store.registerApplication("https://git.example.com/hello.git", ["hello-3"], { ...config, replicas: 2 }, "d");
	expect(again).toMatchObject({ applicationId: "hello", configCommit: "d", config: { replicas: 2 } });
	expect(store.findApplication("hello")).toEqual(again);
});

test("what goes on is found until it is over, also when its lease ran out; a revert goes on as its deploy", () => {
	using opening = opened();
	const { store } = opening;
	expect(store.findInProgress("hello")).toBeUndefined();
	const hold = begin(store, "dep-1");
	store.beginRevert(hold, newDeployment("dep-2", { kind: "auto_rollback" }), { attempted: true });
	expect(store.findInProgress("hello")?.deploymentId).toBe("dep-1");
	store.renewLock(hold, expired);
	expect(store.findInProgress("hello")?.deploymentId).toBe("dep-1");
	end(store, "dep-1");
	expect(store.findInProgress("hello")).toBeUndefined();
	store.acquireLock(holdOf("reconcile-1"), "a test", 60_000);
	expect(store.findInProgress("hello")).toBeUndefined();
});
