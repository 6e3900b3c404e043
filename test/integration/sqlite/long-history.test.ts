// What can be gone back to is found however many deployments came after it: a schedule that deploys what is live already makes thousands.
import { DatabaseSync } from "node:sqlite";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { wayBackFrom } from "../../../src/engine/calls/way-back.ts";
import { readHistory } from "../../../src/engine/history/history.ts";
import { pointsToGiveUp } from "../../../src/engine/history/retention.ts";
import { autoRollbackTargets, defaultTarget, originOf } from "../../../src/engine/history/targets.ts";
import type { Store } from "../../../src/engine/ports/store.ts";
import { historyDepth } from "../../../src/model/history-depth.ts";
import { recordHistory } from "../../bench/history-file.ts";
import { DataFolder } from "./data-folder.ts";

const count = historyDepth + 60;
const digestOf = (number: number) => `sha256:${number.toString(16).padStart(64, "0")}`;
const id = (number: number) => `dep-hello-${number}`;

describe("With more deployments since than are looked at", () => {
	let data: DataFolder;
	let store: Store;

	beforeAll(() => {
		data = new DataFolder();
		recordHistory(data.folder, "hello", count);
		using past = new DatabaseSync(data.databaseFile);
		// 1 to 9 are releases; 10 took 9 back, to 8; all that came after it found 8's image live already.
		const setFacts = past.prepare("UPDATE deployments SET facts = json_patch(facts, ?) WHERE sequence = ?");
		const image = { digest: digestOf(8), reference: `registry.example.com/hello@${digestOf(8)}` };
		setFacts.run(JSON.stringify({ image, rollbackId: "rb-hello-8", target: { deploymentId: id(8) } }), 10);
		past.exec(
			"UPDATE deployments SET kind = 'rollback' WHERE sequence = 10; DELETE FROM rollback_points WHERE deployment_id = 'dep-hello-10'",
		);
		past.exec("BEGIN");
		for (let number = 11; number <= count; number++) setFacts.run(JSON.stringify({ image, rolledOver: false, runsOn: id(10) }), number);
		past.exec(`UPDATE deployments SET outcome = 'unchanged', verdict = NULL WHERE sequence > 10;
			UPDATE rollback_points SET digest = '${digestOf(8)}' WHERE deployment_id IN (SELECT deployment_id FROM deployments WHERE sequence > 10);
			UPDATE rollback_points SET unusable_because = NULL;
			COMMIT`);
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

	it("a revert finds its target, and the newest healthy one first", () => {
		const { toLastHealthy, candidates } = autoRollbackTargets(readHistory(store, "hello"), { sequence: count + 1, digest: "sha256:bad" });
		expect(toLastHealthy).toBe(true);
		expect(candidates.slice(0, 2).map(({ deployment }) => deployment.deploymentId)).toEqual([id(9), id(8)]);
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

	it("retention keeps the point of the last healthy release", () => {
		const { deployments, points } = readHistory(store, "hello");
		const givenUp = pointsToGiveUp(points, deployments, live.digest, 1).map(({ rollbackId }) => rollbackId);
		expect(givenUp).toContain("rb-hello-6");
		expect(givenUp).not.toContain("rb-hello-9");
	});

	it("what is read stays bounded: of an image that was deployed thousands of times some points stand for all", () => {
		const { deployments, points } = readHistory(store, "hello", live.deploymentId);
		expect(points.length).toBeLessThan(historyDepth + 40);
		expect(deployments.length).toBeLessThan(historyDepth + 40);
	});
});
