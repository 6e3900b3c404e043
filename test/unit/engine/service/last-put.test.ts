import { expect, test } from "vitest";
import { openStore } from "../../../../src/adapters/sqlite/store.ts";
import { systemClock } from "../../../../src/adapters/system-clock.ts";
import { isPutBefore, lastPutThere } from "../../../../src/engine/service/last-put.ts";
import type { DeploymentFacts, Outcome } from "../../../../src/model/deployment.ts";
import { config, deployment, imageOf } from "../records.ts";

const failed = "failed";
const live = "live";

/** What happens to an application, one after the other: an image is deployed, or the deployment of this number is opened again. */
type Past = [image: string, outcome: Outcome, facts?: DeploymentFacts][];

function recordOf(past: Past, opened?: number) {
	const store = openStore(":memory:", "/nonexistent", () => undefined, systemClock);
	const { applicationId } = store.registerApplication("https://git.example.com/hello.git", ["hello"], config(), "c");
	const hold = (deploymentId: string) => ({ applicationId, deploymentId, owner: "a test" });
	const end = (deploymentId: string, outcome: Outcome, facts: DeploymentFacts = {}) => {
		store.renewLock(hold(deploymentId), 60_000);
		const isLive = outcome === live;
		store.finishDeployments(hold(deploymentId), [
			{ deploymentId, end: { status: "done", outcome, facts: { rolledOver: isLive, ...facts } } },
		]);
	};
	past.forEach(([image, outcome, facts], before) => {
		const deploymentId = `dep-${before + 1}`;
		const order = {
			deploymentId,
			applicationId,
			kind: "deploy",
			request: {},
			requestedBy: "a test",
			facts: { image: imageOf(image) },
		} as const;
		store.beginDeployment(order, before, 60_000);
		end(deploymentId, outcome, facts);
	});
	if (opened !== undefined) {
		expect(store.reopenDeployment(`dep-${opened}`, 60_000)).toBe(true);
		end(`dep-${opened}`, live);
	}
	return store;
}

const unchanged = (runsOn: string): Past[number] => ["a", "unchanged", { runsOn }];

// biome-ignore format: it is a table
test.each<[string, Past, opened: number | undefined, expected: string | undefined]>([
	["the newest that was seen there", [["a", live], ["b", live], ["c", failed]], undefined, "dep-2"],
	["one that runs on, by what found nothing to do", [["a", live], ["b", failed], unchanged("dep-1")], undefined, "dep-1"],
	["an older one that was opened again since", [["a", live], ["b", failed], unchanged("dep-1")], 2, "dep-2"],
	["one under any number that put nothing there", [["a", live], ["b", live], ...Array<Past[number]>(1_200).fill(["c", failed])], undefined, "dep-2"],
	["nothing, where none was", [["a", failed]], undefined, undefined],
])("what was put there last is %s", (_which, past, opened, expected) => {
	expect(lastPutThere(recordOf(past, opened), "hello")?.deploymentId).toBe(expected);
});

test("of a deploy and its revert the revert was put there last", () => {
	const store = openStore(":memory:", "/nonexistent", () => undefined, systemClock);
	const { applicationId } = store.registerApplication("https://git.example.com/hello.git", ["hello"], config(), "c");
	const order = (deploymentId: string, image: string) => ({
		deploymentId,
		applicationId,
		request: {},
		requestedBy: "a test",
		facts: { image: imageOf(image) },
	});
	const hold = { applicationId, deploymentId: "dep-1", owner: "a test" };
	store.beginDeployment({ ...order("dep-1", "b"), kind: "deploy" }, 0, 60_000);
	store.renewLock(hold, 60_000);
	store.beginRevert(hold, { ...order("dep-2", "a"), kind: "auto_rollback" }, { attempted: true });
	const end = { status: "done", outcome: "live", facts: { rolledOver: true } } as const;
	store.finishDeployments(hold, [
		{ deploymentId: "dep-2", end },
		{ deploymentId: "dep-1", end: { ...end, outcome: "rolled_back" } },
	]);
	expect(lastPutThere(store, "hello")?.deploymentId).toBe("dep-2");
});

test("which of two was put there first is told by their order, and of one that never was by when they were begun", () => {
	const [one, other] = [deployment({ sequence: 1 }), deployment({ sequence: 2 })];
	expect(isPutBefore(one, other)).toBe(true);
	expect(isPutBefore({ ...one, putOrder: 3 }, { ...other, putOrder: 2 })).toBe(false);
	expect(isPutBefore({ ...one, putOrder: 2 }, { ...other, putOrder: 2 })).toBe(true);
	expect(isPutBefore(one, { ...other, putOrder: 2 })).toBe(true);
});
