import { expect, test } from "vitest";
import { LockLost } from "../../../src/engine/ports/store.ts";
import { begin, config, DataFolder, inProcesses, register } from "./data-folder.ts";

const expired = -1;

test("one process of several takes the lock, and the others are told who has it", async () => {
	using data = new DataFolder();
	register(data.open());
	const script = 'answer(store.acquireLock("hello", "dep-" + who, "process " + who, 60_000)?.deploymentId);';
	const answers = await inProcesses(data, 6, script);
	const winner = data.open().lockHolder("hello");
	expect(answers.filter((answer) => answer === null)).toHaveLength(1);
	expect(new Set(answers.filter((answer) => answer !== null))).toEqual(new Set([winner?.deploymentId]));
	expect(winner?.requestedBy).toBe(`process ${answers.indexOf(null)}`);
});

test("one process of several takes over an expired lease", async () => {
	using data = new DataFolder();
	const store = data.open();
	register(store);
	begin(store, "dep-1");
	store.renewLock("hello", "dep-1", "dead", expired);
	const answers = await inProcesses(data, 5, 'answer(store.takeOverExpired("hello", "dep-1", 60_000));');
	expect([...answers].sort()).toEqual([false, false, false, false, true]);
});

test("several processes that register one repository get one application", async () => {
	using data = new DataFolder();
	const script = 'answer(store.registerApplication("https://git.example.com/x.git", ["x", "x-2", "x-3"], config, "c").applicationId);';
	expect(await inProcesses(data, 6, script)).toEqual(Array(6).fill("x"));
	expect(data.open().listApplications()).toHaveLength(1);
});

test("a request id stands for one deployment, whoever asks at once", async () => {
	using data = new DataFolder();
	register(data.open());
	const script = `
		const id = \`dep-\${who}\`;
		const deployment = { deploymentId: id, applicationId: "hello", kind: "deploy", request: {}, requestId: "again", requestedBy: "x", facts: {} };
		while (store.acquireLock("hello", id, "x", 60_000)) await new Promise((resolve) => setTimeout(resolve, 2));
		try { store.createDeployment(deployment); answer("made"); } catch { answer("refused"); }
		store.finishDeployment(store.findByRequestId("hello", "again").deploymentId, { status: "done", outcome: "live" });
		store.releaseLock("hello", id);`;
	const answers = await inProcesses(data, 4, script);
	expect([...answers].sort()).toEqual(["made", "refused", "refused", "refused"]);
	expect(data.open().listDeployments("hello", 10)).toHaveLength(1);
});

/** What stands in the lock's way, and whether `dep-2` gets it. */
test.each<[string, { leaseMs: number; recorded: boolean; over?: boolean }, boolean]>([
	["a live lease before its record is there", { leaseMs: 60_000, recorded: false }, false],
	["a live lease", { leaseMs: 60_000, recorded: true }, false],
	["a live lease of one that is over: its end lets go", { leaseMs: 60_000, recorded: true, over: true }, true],
	["an expired lease of one that was never recorded", { leaseMs: expired, recorded: false }, true],
	["an expired lease of one that runs: it must be settled first", { leaseMs: expired, recorded: true }, false],
	["an expired lease of one that is over", { leaseMs: expired, recorded: true, over: true }, true],
])("%s: taken is %s", (_name, { leaseMs, recorded, over }, taken) => {
	using data = new DataFolder();
	const store = data.open();
	register(store);
	if (recorded) begin(store, "dep-1");
	else store.acquireLock("hello", "dep-1", "a test", 60_000);
	store.renewLock("hello", "dep-1", "keeper", leaseMs);
	if (over) store.finishDeployment("dep-1", { status: "done", outcome: "live" });
	const holder = store.acquireLock("hello", "dep-2", "somebody", 60_000);
	expect(holder?.deploymentId).toBe(taken ? undefined : "dep-1");
	expect(store.lockHolder("hello")?.deploymentId).toBe(taken ? "dep-2" : "dep-1");
});

test("a fresh lock is for whoever renews it first, and then for no one else", () => {
	using data = new DataFolder();
	const store = data.open();
	register(store);
	begin(store, "dep-1");
	store.renewLock("hello", "dep-1", "first", 60_000);
	store.renewLock("hello", "dep-1", "first", 60_000);
	expect(() => store.renewLock("hello", "dep-1", "second", 60_000)).toThrow(LockLost);
	expect(() => store.renewLock("hello", "dep-2", "first", 60_000)).toThrow(LockLost);
});

test("a lease that is taken over has a new keeper, and the old one is told", () => {
	using data = new DataFolder();
	const store = data.open();
	register(store);
	begin(store, "dep-1");
	store.renewLock("hello", "dep-1", "old", 60_000);
	expect(store.takeOverExpired("hello", "dep-1", 60_000)).toBe(false);
	store.renewLock("hello", "dep-1", "old", expired);
	expect(store.listAbandoned().map(({ deploymentId }) => deploymentId)).toEqual(["dep-1"]);
	expect(store.takeOverExpired("hello", "dep-2", 60_000)).toBe(false);
	expect(store.takeOverExpired("hello", "dep-1", 60_000)).toBe(true);
	expect(store.takeOverExpired("hello", "dep-1", 60_000)).toBe(false);
	expect(store.listAbandoned()).toEqual([]);
	store.renewLock("hello", "dep-1", "new", 60_000);
	expect(() => store.renewLock("hello", "dep-1", "old", 60_000)).toThrow(LockLost);
});

test("only the holder lets go", () => {
	using data = new DataFolder();
	const store = data.open();
	register(store);
	begin(store, "dep-1");
	store.releaseLock("hello", "dep-2");
	expect(store.lockHolder("hello")?.deploymentId).toBe("dep-1");
	store.releaseLock("hello", "dep-1");
	expect(store.lockHolder("hello")).toBeUndefined();
});

test("a deployment is recorded only under a lease that lives", () => {
	using data = new DataFolder();
	const store = data.open();
	register(store);
	const request = { deploymentId: "dep-1", applicationId: "hello", kind: "deploy" as const, request: {}, requestedBy: "x", facts: {} };
	expect(() => store.createDeployment(request)).toThrow(LockLost);
	store.acquireLock("hello", "dep-1", "x", expired);
	expect(() => store.createDeployment(request)).toThrow(LockLost);
	store.acquireLock("hello", "dep-1", "x", 60_000);
	store.createDeployment(request);
	store.createDeployment({ ...request, deploymentId: "dep-revert", kind: "auto_rollback" }, "dep-1");
	expect(() => store.createDeployment({ ...request, deploymentId: "dep-3" })).toThrow(LockLost);
	expect(store.listDeployments("hello", 10).map(({ deploymentId }) => deploymentId)).toEqual(["dep-revert", "dep-1"]);
});

test("a cancel that came before the swap wins, and one that comes after it is refused", () => {
	using data = new DataFolder();
	const store = data.open();
	register(store);
	begin(store, "dep-1");
	expect(store.requestCancel("dep-1", "me", "why")).toBe(true);
	expect(store.requestCancel("dep-1", "another", undefined)).toBe(true);
	expect(store.findDeployment("dep-1")?.cancelRequested).toMatchObject({ by: "me", reason: "why" });
	expect(store.enterRelease("dep-1")).toBe(false);
	expect(store.findDeployment("dep-1")?.phase).toBe("queued");
	store.finishDeployment("dep-1", { status: "cancelled", outcome: "cancelled" });
	store.releaseLock("hello", "dep-1");
	begin(store, "dep-2");
	expect(store.enterRelease("dep-2")).toBe(true);
	expect(store.requestCancel("dep-2", "me", undefined)).toBe(false);
	expect(store.findDeployment("dep-2")).not.toHaveProperty("cancelRequested");
	expect(store.requestCancel("dep-none", "me", undefined)).toBe(false);
});

test.each(["queued", "checkout", "build", "push", "release", "health", "auto_rollback"] as const)("cancel in %s", (phase) => {
	using data = new DataFolder();
	const store = data.open();
	register(store);
	begin(store, "dep-1");
	store.enterPhase("dep-1", phase);
	expect(store.requestCancel("dep-1", "me", undefined)).toBe(["queued", "checkout", "build", "push"].includes(phase));
});

test("of a cancel and a swap at the same moment, one wins", async () => {
	using data = new DataFolder();
	const store = data.open();
	register(store);
	for (const round of [1, 2, 3]) {
		begin(store, `dep-${round}`);
		const script = `answer(who ? store.requestCancel("dep-${round}", "me", undefined) : store.enterRelease("dep-${round}"));`;
		const [swapped, cancelled] = await inProcesses(data, 2, script);
		expect(swapped).toBe(!cancelled);
		store.finishDeployment(`dep-${round}`, { status: "done", outcome: "live" });
		store.releaseLock("hello", `dep-${round}`);
	}
});

test("a worker that was settled while it stood still cannot swap any more", () => {
	using data = new DataFolder();
	const store = data.open();
	register(store);
	begin(store, "dep-1");
	store.finishDeployment("dep-1", { status: "error", outcome: "interrupted" });
	expect(() => store.enterRelease("dep-1")).toThrow(LockLost);
	expect(store.findDeployment("dep-1")).toMatchObject({ status: "error", phase: "finished", outcome: "interrupted" });
});

test("the first end stands", () => {
	using data = new DataFolder();
	const store = data.open();
	register(store);
	begin(store, "dep-1");
	store.finishDeployment("dep-1", { status: "done", outcome: "live", verdict: "healthy", facts: { rolledOver: true } });
	const first = store.findDeployment("dep-1");
	store.finishDeployment("dep-1", { status: "error", outcome: "failed", verdict: "unhealthy", facts: { rolledOver: false } });
	expect(store.findDeployment("dep-1")).toEqual(first);
	expect(first).toMatchObject({ status: "done", phase: "finished", verdict: "healthy", rolledOver: true });
});

test("facts are merged, phases are timed in order, and the step goes with its phase", () => {
	using data = new DataFolder();
	const store = data.open();
	register(store);
	begin(store, "dep-1");
	store.recordFacts("dep-1", { ref: "main", rolledOver: false });
	store.recordFacts("dep-1", { rolledOver: true, rollbackId: "rb-1" });
	store.enterPhase("dep-1", "build");
	store.recordStep("dep-1", "[1/2] FROM scratch");
	expect(store.findDeployment("dep-1")).toMatchObject({ ref: "main", rolledOver: true, rollbackId: "rb-1", step: "[1/2] FROM scratch" });
	store.enterPhase("dep-1", "push");
	const { phases, phase, step } = store.findDeployment("dep-1") ?? {};
	expect({ phases: phases?.map((item) => item.phase), phase, step }).toEqual({
		phases: ["queued", "build"],
		phase: "push",
		step: undefined,
	});
	expect(phases?.every(({ durationMs }) => durationMs >= 0)).toBe(true);
});

test("history comes in pages, newest first, each deployment once, and no other application's", () => {
	using data = new DataFolder();
	const store = data.open();
	register(store);
	store.registerApplication("https://git.example.com/other.git", ["other"], config, "c");
	for (let index = 1; index <= 7; index++) {
		begin(store, `dep-${index}`);
		store.releaseLock("hello", `dep-${index}`);
		store.acquireLock("other", `other-${index}`, "x", 60_000);
		store.createDeployment({
			deploymentId: `other-${index}`,
			applicationId: "other",
			kind: "deploy",
			request: {},
			requestedBy: "x",
			facts: {},
		});
		store.releaseLock("other", `other-${index}`);
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

test("rollback points are the application's own, newest first, and can be given up", () => {
	using data = new DataFolder();
	const store = data.open();
	register(store);
	for (const index of [1, 2]) {
		begin(store, `dep-${index}`);
		const image = { reference: `r/hello@sha256:${index}`, digest: `sha256:${index}` };
		store.createRollbackPoint({ rollbackId: `rb-${index}`, applicationId: "hello", deploymentId: `dep-${index}`, image });
		store.releaseLock("hello", `dep-${index}`);
	}
	store.markUnusable("rb-1", "retention");
	expect(store.listRollbackPoints("hello").map(({ rollbackId, unusableBecause }) => [rollbackId, unusableBecause])).toEqual([
		["rb-2", undefined],
		["rb-1", "retention"],
	]);
	expect(store.listRollbackPoints("other")).toEqual([]);
	expect(store.findRollbackPoint("rb-9")).toBeUndefined();
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
