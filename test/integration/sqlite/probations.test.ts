import { expect, test } from "vitest";
import type { SqliteStore } from "../../../src/adapters/sqlite/store.ts";
import { happen } from "../../../src/engine/probation/happen.ts";
import type { Probation } from "../../../src/model/probation.ts";
import { begin, DataFolder, end, holdOf, inProcesses, register } from "./data-folder.ts";

const until = "2026-01-01T00:10:00.000Z";

function probation(over: Partial<Probation> = {}): Probation {
	return {
		deploymentId: "dep-1",
		applicationId: "hello",
		bake: { state: "running", until },
		bakeEndsMs: 600_000,
		bakeMs: 600_000,
		policy: { path: "/healthz", retries: 3, intervalMs: 3000, timeoutMs: 5000 },
		watchedMs: 0,
		unwatchedMs: 0,
		tasksFingerprint: "f",
		endedBefore: [],
		...over,
	};
}

const passed: Partial<Probation> = { bake: { state: "passed", until } };

/** `dep-1` is over, and on probation. */
function onProbation(store: SqliteStore): void {
	register(store);
	begin(store, "dep-1");
	store.finishDeployments(holdOf("dep-1"), [{ deploymentId: "dep-1", end: { status: "done", outcome: "live", probation: probation() } }]);
}

test("it begins with the end of its deployment, which shows it wherever it is read", () => {
	using data = new DataFolder();
	const store = data.open();
	onProbation(store);
	expect(store.findProbation("dep-1")).toEqual(probation());
	expect(store.listOpenProbations("hello")).toEqual([probation()]);
	expect(store.listOpenProbations("other")).toEqual([]);
	for (const found of [store.findDeployment("dep-1"), store.listDeployments("hello", 1)[0]]) {
		expect(found).toMatchObject({ bake: { state: "running", until } });
		expect(found).not.toHaveProperty("confirm");
	}
	store.saveProbation(probation(passed));
	expect(store.listOpenProbations("hello")).toEqual([]);
	expect(store.findDeployment("dep-1")).toMatchObject({ bake: { state: "passed", until } });
});

test("one watches at a time: who came first keeps it, until it runs out and is offered", () => {
	using data = new DataFolder();
	const store = data.open();
	onProbation(store);
	expect(store.keepWatch("dep-1", "first", 60_000)).toBe(true);
	expect(store.keepWatch("dep-1", "second", 60_000)).toBe(false);
	expect(store.keepWatch("dep-1", "first", 60_000)).toBe(true);
	expect(store.listUnwatchedProbations()).toEqual([]);
	expect(store.offerWatch("dep-1", 60_000)).toBe(false);
	store.keepWatch("dep-1", "first", 0);
	expect(store.listUnwatchedProbations()).toEqual([probation()]);
	expect(store.offerWatch("dep-1", 60_000)).toBe(true);
	expect(store.offerWatch("dep-1", 60_000)).toBe(false);
	expect(store.listUnwatchedProbations()).toEqual([]);
	expect(store.keepWatch("dep-1", "second", 60_000)).toBe(true);
	expect(store.keepWatch("dep-1", "first", 60_000)).toBe(false);
	store.saveProbation(probation(passed));
	expect(store.keepWatch("dep-1", "second", 60_000)).toBe(false);
	expect(store.offerWatch("dep-1", 0)).toBe(false);
});

test("of many processes that offer a watch that ran out, one starts a worker", async () => {
	using data = new DataFolder();
	onProbation(data.open());
	data.open().keepWatch("dep-1", "dead", 0);
	const answers = await inProcesses(data, 4, `answer(store.offerWatch("dep-1", 20_000));`);
	expect(answers.filter((isMine) => isMine)).toHaveLength(1);
});

test("what is to be taken back is running again, with the lock for a worker, and nobody watches it meanwhile", () => {
	using data = new DataFolder();
	const store = data.open();
	onProbation(store);
	store.keepWatch("dep-1", "dead", 0);
	expect(store.reopenToTakeBack("dep-1", { distrusted: { because: "not_confirmed" } }, 60_000)).toBe(true);
	expect(store.findDeployment("dep-1")).toMatchObject({ status: "running", phase: "health", distrusted: { because: "not_confirmed" } });
	expect(store.findDeployment("dep-1")).not.toHaveProperty("outcome");
	expect(store.findDeployment("dep-1")).not.toHaveProperty("finishedAt");
	expect(store.lockHolder("hello")).toMatchObject({ deploymentId: "dep-1" });
	expect(store.listUnwatchedProbations()).toEqual([]);
	expect(store.reopenToTakeBack("dep-1", {}, 60_000)).toBe(false);
	store.renewLock(holdOf("dep-1"), 60_000);
	end(store, "dep-1");
	expect(store.findDeployment("dep-1")).toMatchObject({ status: "done", outcome: "live" });
});

test("nothing is taken back while somebody holds the application", () => {
	using data = new DataFolder();
	const store = data.open();
	onProbation(store);
	begin(store, "dep-2");
	expect(store.reopenToTakeBack("dep-1", {}, 60_000)).toBe(false);
	expect(store.findDeployment("dep-1")).toMatchObject({ status: "done" });
});

test("people are told of a bake that failed and of a confirmation that nobody gave, once, and of nothing else", () => {
	using data = new DataFolder();
	const store = data.open();
	onProbation(store);
	const confirm = { state: "awaiting", until } as const;
	store.saveProbation(probation({ confirm, confirmEndsMs: 600_000 }));
	happen(store, "dep-1", "it is confirmed", { confirmed: { by: "me" } });
	happen(store, "dep-1", "it fails its bake and stays", { because: "a task ended twice" });
	happen(store, "dep-1", "it fails its bake and stays", { because: "once more" });
	store.saveProbation(probation({ ...passed, confirm, confirmEndsMs: 600_000 }));
	happen(store, "dep-1", "its time to be confirmed is over", { because: "it was not confirmed in time" });
	expect(store.listEvents(0, 10).map(({ event, outcome, note }) => [event, outcome, note])).toEqual([
		["live", "live", null],
		["bake_failed", "live", "a task ended twice"],
		["confirmation_expired", "live", "it was not confirmed in time"],
	]);
});
