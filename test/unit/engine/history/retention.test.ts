import { expect, test } from "vitest";
import { pointsToGiveUp } from "../../../../src/engine/history/retention.ts";
import type { Verdict } from "../../../../src/model/health.ts";
import { deployment, digestOf, imageOf, point } from "../records.ts";

/** Letters of images, newest first; upper case: judged healthy; `!`: unusable already. */
function historyOf(letters: string) {
	const items = [...letters.matchAll(/([A-Za-z])(!?)/g)].map(([, letter = "", mark], index, all) => ({
		letter,
		mark,
		id: all.length - index,
	}));
	return {
		points: items.map(({ letter, mark, id }) =>
			point({
				rollbackId: `rb-${id}`,
				deploymentId: `dep-${id}`,
				image: imageOf(letter.toLowerCase()),
				...(mark ? { unusableBecause: "before" } : {}),
			}),
		),
		deployments: items.map(({ letter, id }) =>
			deployment({
				deploymentId: `dep-${id}`,
				sequence: id,
				image: imageOf(letter.toLowerCase()),
				verdict: (letter < "a" ? "healthy" : "unhealthy") as Verdict,
			}),
		),
	};
}

test.each<[string, string, string | undefined, number, string[]]>([
	["fewer than are kept", "CBA", "c", 3, []],
	["the oldest beyond", "DCBA", "d", 2, ["rb-2", "rb-1"]],
	["one is kept: the live one", "CBA", "c", 1, ["rb-2", "rb-1"]],
	["the live one is old", "DCBA", "a", 2, ["rb-2"]],
	["the last healthy one is old", "dcbA", "d", 2, ["rb-2"]],
	["the live one and the last healthy one are both old", "edcBa", "a", 1, ["rb-4", "rb-3"]],
	["only the last of the healthy ones is kept for it", "edCBA", "e", 1, ["rb-4", "rb-2", "rb-1"]],
	["nothing is live", "CBA", undefined, 1, ["rb-2", "rb-1"]],
	["given up already: not counted, not given up again", "DC!BA", "d", 2, ["rb-1"]],
	["a healthy one that is unusable does not stand for the last healthy one", "cB!A", "c", 1, []],
	["the same image many times counts once", "DDDDCBA", "d", 3, ["rb-1"]],
	["the same image many times pushes nothing out", "CCCCCCBA", "c", 3, []],
	["nothing recorded", "", "a", 1, []],
])("%s", (_name, letters, live, keep, expected) => {
	const { points, deployments } = historyOf(letters);
	const given = pointsToGiveUp(points, deployments, live && digestOf(live), keep);
	expect(given.map(({ rollbackId }) => rollbackId)).toEqual(expected);
});

test("what would be gone back to is kept as long as what is live is not trusted", () => {
	const { points, deployments } = historyOf("DCBA");
	const until = "2026-01-01T00:10:00.000Z";
	const onTrial = deployments.map((item) => (item.sequence > 2 ? { ...item, bake: { state: "running" as const, until } } : item));
	expect(pointsToGiveUp(points, onTrial, digestOf("d"), 1).map(({ rollbackId }) => rollbackId)).toEqual(["rb-3", "rb-1"]);
});

test("what is live and what was last healthy is never given up, whatever the history", () => {
	let state = 7;
	const random = (below: number) => {
		state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
		return state % below;
	};
	for (let round = 0; round < 500; round++) {
		const letters = Array.from({ length: random(12) + 1 }, () => "abcdeABCDE"[random(10)]).join("");
		const { points, deployments } = historyOf(letters);
		const live = deployments[random(deployments.length)]?.image?.digest;
		const healthy = deployments.find(({ verdict }) => verdict === "healthy")?.image?.digest;
		const keep = random(4) + 1;
		const given = new Set(pointsToGiveUp(points, deployments, live, keep).map(({ image }) => image.digest));
		expect(given.has(live ?? "")).toBe(false);
		expect(given.has(healthy ?? "")).toBe(false);
		const kept = points.filter(({ image }) => !given.has(image.digest));
		expect(new Set(kept.map(({ image }) => image.digest)).size).toBeGreaterThanOrEqual(
			Math.min(keep, new Set(points.map(({ image }) => image.digest)).size),
		);
	}
});
