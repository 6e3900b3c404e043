import { describe, expect, test } from "vitest";
import {
	afterHappening,
	beginProbation,
	gapWords,
	isBakeOver,
	isTimeToConfirmOver,
	wasWatched,
	watchedAgain,
} from "../../../../src/engine/probation/record.ts";
import type { Probation } from "../../../../src/model/probation.ts";

const wallMs = Date.UTC(2026, 0, 5, 8);
const at = (monotonicMs: number, offMs = 0) => ({ wallMs: wallMs + monotonicMs + offMs, monotonicMs });
const policy = { path: "/healthz", retries: 3, intervalMs: 3000, timeoutMs: 5000 };
const found = { deploymentId: "dep-1", applicationId: "hello", policy, tasksFingerprint: "f", endedBefore: [] };
const minute = 60_000;

/** Begun a million milliseconds after the machine was. */
const begin = 1_000_000;
function begun(bakeMs: number, confirmMs: number): Probation {
	return beginProbation({ bakeMs, confirmMs }, "the gate finds it healthy", found, at(begin)) as Probation;
}

/** Watched every five seconds, from one time to another. */
function watched(probation: Probation, fromMs: number, toMs: number): Probation {
	let now = probation;
	for (let ms = fromMs; ms <= toMs; ms += 5_000) now = watchedAgain(now, at(begin + ms));
	return now;
}

describe("The record of a release on probation", () => {
	test("begins with what was asked for, and with nothing where the gate leaves nothing to watch", () => {
		expect(begun(10 * minute, 0)).toMatchObject({
			bake: { state: "running", until: new Date(wallMs + begin + 10 * minute).toISOString() },
			bakeEndsMs: begin + 10 * minute,
		});
		expect(begun(10 * minute, 0)).not.toHaveProperty("confirm");
		expect(begun(0, minute)).toMatchObject({ confirm: { state: "awaiting" }, confirmEndsMs: begin + minute });
		expect(beginProbation({ bakeMs: 0, confirmMs: 0 }, "the gate finds it healthy", found, at(begin))).toBeUndefined();
		expect(beginProbation({ bakeMs: minute, confirmMs: 0 }, "the gate cannot tell", found, at(begin))).toBeUndefined();
		expect(beginProbation({ bakeMs: minute, confirmMs: minute }, "the gate finds it unhealthy", found, at(begin))).toBeUndefined();
	});

	test("tells why a part ended, and leaves the other as it is", () => {
		const after = afterHappening(begun(minute, minute), "it fails its bake and stays", "a task ended twice");
		expect(after).toMatchObject({ bake: { state: "failed", because: "a task ended twice" }, confirm: { state: "awaiting" } });
		expect(after?.confirm).not.toHaveProperty("because");
		expect(afterHappening(begun(minute, minute), "a deploy begins")).toBeUndefined();
	});

	test("is over when its time is over, by the monotonic clock alone", () => {
		const probation = begun(10 * minute, 20 * minute);
		expect([9, 10, 11].map((minutes) => isBakeOver(probation, begin + minutes * minute))).toEqual([false, true, true]);
		expect([19, 20].map((minutes) => isTimeToConfirmOver(probation, begin + minutes * minute))).toEqual([false, true]);
		const passed = afterHappening(probation, "its bake is over, watched") as Probation;
		expect(isBakeOver(passed, begin + 11 * minute)).toBe(false);
	});

	test.each([-3_600_000, 86_400_000])("stays when the wall clock is set by %i ms, and shows the time it has by then", (offMs) => {
		const probation = watchedAgain(begun(10 * minute, 0), at(begin + 5_000, offMs));
		expect(probation).toMatchObject({ bakeEndsMs: begin + 10 * minute, unwatchedMs: 0 });
		expect(probation.bake?.until).toBe(new Date(wallMs + offMs + begin + 10 * minute).toISOString());
	});

	test("is not written anew for a clock that is a second off", () => {
		const probation = begun(10 * minute, 0);
		expect(watchedAgain(probation, at(begin + 5_000, 1_000)).bake).toEqual(probation.bake);
	});

	test("after a restart of the machine, what was left when somebody last watched is left still", () => {
		const before = watched(begun(10 * minute, 20 * minute), 0, 4 * minute);
		const after = watchedAgain(before, at(30_000, begin + 9 * minute));
		expect(after).toMatchObject({ bakeEndsMs: 30_000 + 6 * minute, confirmEndsMs: 30_000 + 16 * minute, watchedMs: 30_000 });
		// For how long it was off nobody knows.
		expect(wasWatched(after, 30_000)).toBe(false);
	});

	test("after a restart that the clock does not tell of it ends late, and never early", () => {
		const before = watched(begun(10 * minute, 0), 0, minute);
		// It ran for longer by now than it had before.
		const after = watchedAgain(before, at(begin + 2 * minute));
		expect(after.bakeEndsMs).toBe(begin + 10 * minute);
		expect(after.unwatchedMs).toBe(minute);
	});

	test("was watched when somebody watched the end, and the better part", () => {
		const bake = 10 * minute;
		const wholly = watched(begun(bake, 0), 0, bake);
		expect(wasWatched(wholly, begin + bake)).toBe(true);
		expect(gapWords(wholly)).toBeUndefined();
		expect(wasWatched(watched(begun(bake, 0), 0, minute), begin + bake)).toBe(false);
		const withGap = watched(watched(begun(bake, 0), 0, 2 * minute), 6 * minute, bake);
		expect(wasWatched(withGap, begin + bake)).toBe(true);
		expect(gapWords(withGap)).toBe("nobody watched for 240 s of it");
		expect(wasWatched(watched(watched(begun(bake, 0), 0, 2 * minute), 8 * minute, bake), begin + bake)).toBe(false);
	});
});
