// What can be gone back to is found however many deployments came after it: a schedule that deploys what is live already makes thousands.
import { DatabaseSync } from "node:sqlite";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { wayBackFrom } from "../../../src/engine/calls/way-back.ts";
import { readHistory } from "../../../src/engine/history/history.ts";
import { pointsToGiveUp } from "../../../src/engine/history/retention.ts";
import { autoRollbackTargets, defaultTarget, originOf } from "../../../src/engine/history/targets.ts";
import { ensureNotKnownBad } from "../../../src/engine/pipeline/known-bad.ts";
import type { Store } from "../../../src/engine/ports/store.ts";
import type { SwapPlan } from "../../../src/engine/rollout/swap.ts";
import { lastPutThere } from "../../../src/engine/service/last-put.ts";
import { historyDepth } from "../../../src/model/history-depth.ts";
import { fingerprintOf, recordHistory } from "../../bench/history-file.ts";
import { DataFolder } from "./data-folder.ts";

const count = historyDepth + 60;
const digestOf = (number: number) => `sha256:${number.toString(16).padStart(64, "0")}`;
const imageOf = (number: number) => ({ digest: digestOf(number), reference: `registry.example.com/hello@${digestOf(number)}` });
const id = (number: number) => `dep-hello-${number}`;

/** A record of so many deployments of `hello`, all live once, changed as a test needs it. */
function recorded(deployments: number, change: (past: DatabaseSync) => void): DataFolder {
	const data = new DataFolder();
	recordHistory(data.folder, "hello", deployments);
	using past = new DatabaseSync(data.databaseFile);
	change(past);
	return data;
}

/** 1 to 9 are releases, but for 5, a rollback to 3 that went badly; 10 took 9 back, to 8; all that came after it came to nothing. */
function putEightBack(past: DatabaseSync): void {
	const setFacts = past.prepare("UPDATE deployments SET facts = json_patch(facts, ?) WHERE sequence = ?");
	const rollback = (from: number, to: number) => ({
		image: imageOf(to),
		rollbackId: `rb-hello-${to}`,
		target: { deploymentId: id(to) },
		replaced: id(from),
	});
	setFacts.run(JSON.stringify(rollback(4, 3)), 5);
	setFacts.run(JSON.stringify(rollback(9, 8)), 10);
	past.exec(`UPDATE deployments SET kind = 'rollback' WHERE sequence IN (5, 10);
		UPDATE deployments SET outcome = 'live_unhealthy', verdict = 'unhealthy' WHERE sequence = 5;
		DELETE FROM rollback_points WHERE deployment_id IN ('${id(5)}', '${id(10)}')`);
	const found = { rolledOver: false, runsOn: id(10) };
	const refused = { rolledOver: false, putOrder: null };
	past.exec("BEGIN");
	for (let number = 11; number <= count; number++)
		setFacts.run(JSON.stringify({ image: imageOf(8), ...(number < 40 ? found : refused) }), number);
	past.exec(`UPDATE deployments SET outcome = iif(sequence < 40, 'unchanged', 'failed'), verdict = NULL WHERE sequence > 10;
		UPDATE rollback_points SET digest = '${digestOf(8)}' WHERE deployment_id IN (SELECT deployment_id FROM deployments WHERE sequence > 10);
		UPDATE rollback_points SET unusable_because = NULL;
		COMMIT`);
}

describe("With more deployments since than are looked at", () => {
	let data: DataFolder;
	let store: Store;

	beforeAll(() => {
		data = recorded(count, putEightBack);
		store = data.open();
	});
	afterAll(() => data[Symbol.dispose]());

	const live = { deploymentId: id(10), digest: digestOf(8) };

	it("the default target is the release before the one that is live, and never the one that was left", () => {
		expect(defaultTarget(readHistory(store, "hello", live.deploymentId), live)?.deployment.deploymentId).toBe(id(6));
	});

	it("the release that is live is known, and where it came from", () => {
		const history = readHistory(store, "hello", live.deploymentId);
		expect(originOf(history, live.deploymentId)?.deploymentId).toBe(id(8));
		expect(history.deployments.map(({ sequence }) => sequence)).toEqual(
			history.deployments.map(({ sequence }) => sequence).toSorted((a, b) => b - a),
		);
	});

	it("a revert finds its target, and the image that was last seen healthy first", () => {
		const { toLastHealthy, candidates } = autoRollbackTargets(readHistory(store, "hello"), { sequence: count + 1, digest: "sha256:bad" });
		expect(toLastHealthy).toBe(true);
		expect(candidates.slice(0, 2).map(({ deployment }) => deployment.deploymentId)).toEqual([id(10), id(9)]);
	});

	it("nobody is sent to a rollback without a rollbackId where it would find no target", () => {
		using past = new DatabaseSync(data.databaseFile);
		expect(wayBackFrom({ store }, "hello", live)).toBe("last_healthy");
		past.exec(
			"UPDATE rollback_points SET unusable_because = 'gone' WHERE deployment_id IN (SELECT deployment_id FROM deployments WHERE sequence < 8)",
		);
		expect(defaultTarget(readHistory(store, "hello", live.deploymentId), live)).toBeUndefined();
		expect(wayBackFrom({ store }, "hello", live)).toBe("by_choice");
		past.exec("UPDATE rollback_points SET unusable_because = NULL");
	});

	it("what speaks against a release counts however old it is: that a person took it back, or that a rollback to it went badly", () => {
		const order = { application: { applicationId: "hello" }, deploymentId: "dep-now", image: imageOf(9) };
		const service = { spec: { Labels: {}, TaskTemplate: { ContainerSpec: { Image: imageOf(8).reference } } } };
		const plan = { order, observed: service, fingerprint: fingerprintOf(9) } as unknown as SwapPlan;
		const details = expect.objectContaining({ deploymentId: id(10) });
		expect(() => ensureNotKnownBad(store, plan)).toThrow(expect.objectContaining({ code: "known_bad_release", details }));
		const { candidates } = autoRollbackTargets(readHistory(store, "hello"), { sequence: count + 1, digest: "sha256:bad" });
		expect(candidates.map(({ deployment }) => deployment.deploymentId)).toEqual([10, 9, 6, 4, 2, 1, 3].map(id));
	});

	it("what was put there last is known", () => {
		expect(lastPutThere(store, "hello")).toEqual({ deploymentId: id(10), ...imageOf(8) });
	});

	it("retention keeps what the whole record would have it keep", () => {
		const { deployments, points } = readHistory(store, "hello");
		const whole = store.listDeployments("hello", count);
		for (const keep of [1, 2, 5]) {
			const givenUp = pointsToGiveUp(points, deployments, live.digest, keep);
			expect(givenUp).toEqual(pointsToGiveUp(points, whole, live.digest, keep));
			expect(givenUp.length).toBeGreaterThan(0);
		}
	});

	it("what is read stays bounded: of an image that was deployed thousands of times some points stand for all", () => {
		const { deployments, points } = readHistory(store, "hello", live.deploymentId);
		expect(points.length).toBeLessThan(historyDepth + 40);
		expect(deployments.length).toBeLessThan(historyDepth + 40);
	});
});

describe("With very many deployments of one image that somebody broke off", () => {
	it("the one among them that is trusted is found, however old it is", () => {
		const bake = { state: "cut_short", until: "2026-01-01T00:00:00.000Z" };
		using data = recorded(count, (past) =>
			past.exec(`UPDATE deployments SET facts = json_set(facts, '$.image.digest', '${digestOf(2)}'), verdict = 'healthy' WHERE sequence = 1 OR sequence BETWEEN 20 AND 50;
			UPDATE rollback_points SET digest = '${digestOf(2)}', unusable_because = NULL WHERE deployment_id IN (SELECT deployment_id FROM deployments WHERE sequence = 1 OR sequence BETWEEN 20 AND 50);
			UPDATE rollback_points SET unusable_because = NULL WHERE deployment_id = '${id(2)}';
			INSERT INTO probations SELECT deployment_id, application_id, 0, '${JSON.stringify({ bake })}', NULL, 0 FROM deployments WHERE sequence = 1 OR sequence BETWEEN 20 AND 50`),
		);
		const { points } = readHistory(data.open(), "hello");
		const ofIt = points.filter(({ image }) => image.digest === digestOf(2)).map(({ deploymentId }) => deploymentId);
		expect(ofIt.slice(-2)).toEqual([id(2), id(1)]);
		expect(ofIt.length).toBeLessThan(40);
	});
});

describe("With an image that was live before another and, thousands of times, after it", () => {
	let data: DataFolder;
	let store: Store;

	beforeAll(() => {
		// 1 and 2 are two releases, 3 another; all that came after it are the second one again.
		data = recorded(count, (past) =>
			past.exec(`BEGIN; UPDATE deployments SET verdict = 'healthy'; UPDATE rollback_points SET unusable_because = NULL;
			UPDATE rollback_points SET digest = '${digestOf(2)}' WHERE deployment_id NOT IN ('${id(1)}', '${id(3)}');
			UPDATE deployments SET facts = json_set(facts, '$.image.digest', '${digestOf(2)}') WHERE sequence > 3; COMMIT`),
		);
		store = data.open();
	});
	afterAll(() => data[Symbol.dispose]());

	it("a rollback from the one in between goes to it, not past it", () => {
		const live = { deploymentId: id(3), digest: digestOf(3) };
		expect(defaultTarget(readHistory(store, "hello", live.deploymentId), live)?.deployment.deploymentId).toBe(id(2));
	});

	it("what is read stays bounded", () => {
		expect(store.listRollbackPoints("hello").length).toBeLessThan(historyDepth + 40);
	});
});

it("what is read stays bounded where two images took turns for years", () => {
	using data = recorded(3 * historyDepth, (past) =>
		past.exec(`UPDATE rollback_points SET unusable_because = NULL, digest = 'sha256:' || (rowid % 2)`),
	);
	expect(data.open().listRollbackPoints("hello").length).toBeLessThanOrEqual(2 * historyDepth);
});

it("an image that only deploys with nothing to swap found healthy is gone back to, however many of them found the next one since", () => {
	const many = 6 * historyDepth;
	// Nobody could judge 1; 2 to 9 found it there, and well. All since 10 are one release, and found there.
	using data = recorded(many, (past) =>
		past.exec(`BEGIN;
		UPDATE deployments SET verdict = iif(sequence = 1, 'inconclusive', 'healthy'),
			facts = json_set(facts, '$.image.digest', iif(sequence < 10, '${digestOf(1)}', '${digestOf(10)}'));
		UPDATE deployments SET outcome = 'unchanged', facts = json_set(facts, '$.rolledOver', json('false'), '$.runsOn', iif(sequence < 10, '${id(1)}', '${id(10)}'))
			WHERE sequence NOT IN (1, 10);
		UPDATE rollback_points SET unusable_because = NULL,
			digest = iif(deployment_id IN (SELECT deployment_id FROM deployments WHERE sequence < 10), '${digestOf(1)}', '${digestOf(10)}');
		COMMIT`),
	);
	const store = data.open();
	const live = { deploymentId: id(10), digest: digestOf(10) };
	expect(defaultTarget(readHistory(store, "hello", live.deploymentId), live)?.deployment.deploymentId).toBe(id(9));
	const failed = { sequence: many + 1, digest: live.digest };
	expect(autoRollbackTargets(readHistory(store, "hello"), failed).candidates.map(({ deployment }) => deployment.deploymentId)).toEqual([
		id(9),
	]);
	expect(store.listRollbackPoints("hello").length).toBeLessThan(historyDepth + 40);
});
