import { expect, test } from "vitest";
import {
	autoRollbackTargets,
	defaultTarget,
	type History,
	notRollbackableBecause,
	originOf,
} from "../../../../src/engine/history/targets.ts";
import type { Deployment } from "../../../../src/model/deployment.ts";
import { deployment, digestOf, imageOf, point } from "../records.ts";

/** One deployment of a history: its image's letter, and what is special about it. */
interface Past extends Partial<Deployment> {
	letter: string;
	/** Of its rollback point. */
	unusable?: string;
	/** Whether the image was captured at all. */
	captured?: boolean;
}

const ok = (letter: string, over: Partial<Past> = {}): Past => ({ letter, verdict: "healthy", ...over });
const bad = (letter: string, over: Partial<Past> = {}): Past => ({
	letter,
	verdict: "unhealthy",
	status: "error",
	outcome: "rolled_back",
	...over,
});
const unjudged = (letter: string, over: Partial<Past> = {}): Past => ({ letter, verdict: null, ...over });
const unsure = (letter: string, over: Partial<Past> = {}): Past => ({ letter, verdict: "inconclusive", ...over });
const running = (letter: string): Past => ({ letter, status: "running", phase: "build", verdict: null, rolledOver: false });
/** Goes back to the `to`-th deployment, whose letter is given. */
const back = (to: number, letter: string, over: Partial<Past> = {}): Past => ({
	letter,
	kind: "rollback",
	verdict: "healthy",
	captured: false,
	rollbackId: `rb-${to}`,
	target: { deploymentId: `dep-${to}`, rollbackId: `rb-${to}` },
	...over,
});

const until = "2026-01-01T00:10:00.000Z";
const passed: Partial<Past> = { bake: { state: "passed", until } };
const cutShort: Partial<Past> = { bake: { state: "cut_short", until } };
const unseen: Partial<Past> = { bake: { state: "unobserved", until } };
const expired: Partial<Past> = { confirm: { state: "expired", until } };

/** Oldest first, as one tells a story; `dep-1` is the first. */
function historyOf(story: Past[]): History {
	const deployments = story.map(({ letter, unusable: _unusable, captured, ...over }, index) =>
		deployment({
			deploymentId: `dep-${index + 1}`,
			sequence: index + 1,
			image: imageOf(letter),
			...(captured === false ? {} : { rollbackId: `rb-${index + 1}` }),
			...over,
		}),
	);
	const points = story.flatMap(({ letter, unusable, captured }, index) =>
		captured === false
			? []
			: [
					point({
						rollbackId: `rb-${index + 1}`,
						deploymentId: `dep-${index + 1}`,
						image: imageOf(letter),
						...(unusable ? { unusableBecause: unusable } : {}),
					}),
				],
	);
	return { deployments: deployments.reverse(), points: points.reverse() };
}

/** The last of the story is the deploy that failed. */
test.each<[string, Past[], { toLastHealthy: boolean; to: string[] }]>([
	["nothing before", [bad("z")], { toLastHealthy: false, to: [] }],
	["one healthy", [ok("a"), bad("z")], { toLastHealthy: true, to: ["dep-1"] }],
	["the most recent healthy first", [ok("a"), ok("b"), bad("z")], { toLastHealthy: true, to: ["dep-2", "dep-1"] }],
	["two broken ones stacked", [ok("a"), bad("b"), bad("z")], { toLastHealthy: true, to: ["dep-1"] }],
	["an unhealthy one that stayed live", [ok("a"), bad("b", { status: "done", outcome: "live_unhealthy" }), bad("z")], only("dep-1")],
	["never one recorded unhealthy, though there is nothing else", [bad("a"), bad("z")], { toLastHealthy: true, to: [] }],
	["judged healthy once, unhealthy since: the unjudged is not taken", [unjudged("a"), bad("b"), bad("z")], { toLastHealthy: true, to: [] }],
	["none judged: the most recent image", [unjudged("a"), unjudged("b"), bad("z")], { toLastHealthy: false, to: ["dep-2", "dep-1"] }],
	["inconclusive is no verdict", [unsure("a"), unsure("b"), bad("z")], { toLastHealthy: false, to: ["dep-2", "dep-1"] }],
	["inconclusive after healthy is skipped", [ok("a"), unsure("b"), bad("z")], only("dep-1")],
	["unjudged after healthy is skipped", [ok("a"), unjudged("b"), bad("z")], only("dep-1")],
	["pruned", [ok("a", { unusable: "retention" }), bad("z")], { toLastHealthy: true, to: [] }],
	["the pruned one is passed over", [ok("a"), ok("b", { unusable: "gone" }), bad("z")], only("dep-1")],
	["never captured", [ok("a", { captured: false }), bad("z")], { toLastHealthy: true, to: [] }],
	["never captured, so the one before", [ok("a"), ok("b", { captured: false }), bad("z")], only("dep-1")],
	["the same image as the failed one", [ok("a"), ok("z"), bad("z")], only("dep-1")],
	["only the same image", [ok("z"), bad("z")], { toLastHealthy: true, to: [] }],
	["only the same image, unjudged", [unjudged("z"), bad("z")], { toLastHealthy: false, to: [] }],
	["each image once", [ok("a"), ok("a"), ok("b"), ok("a"), bad("z")], { toLastHealthy: true, to: ["dep-4", "dep-3"] }],
	["a rollback found healthy counts", [ok("a"), bad("b"), back(1, "a"), bad("z")], { toLastHealthy: true, to: ["dep-3"] }],
	[
		"an image found unhealthy when it was gone back to comes last",
		[ok("a"), ok("b"), back(2, "b", { verdict: "unhealthy" }), bad("z")],
		{ toLastHealthy: true, to: ["dep-1", "dep-2"] },
	],
	["... until it is found healthy again", [ok("a"), back(1, "a", { verdict: "unhealthy" }), back(1, "a"), bad("z")], only("dep-3")],
	["an unchanged one found healthy counts", [ok("a"), ok("a", { outcome: "unchanged", rolledOver: false }), bad("z")], only("dep-2")],
	["one that still runs is none", [ok("a"), running("b"), bad("z")], only("dep-1")],
	["trusted to the end before more recent ones", [ok("a"), ok("b", cutShort), ok("c", passed), ok("d", unseen), bad("z")], trusted()],
	[
		"a bake that passed, and a confirmation that expired",
		[ok("a", passed), ok("b", { ...passed, ...expired }), bad("z")],
		to("dep-1", "dep-2"),
	],
	["not trusted to the end, when there is nothing else", [ok("a", cutShort), bad("z")], only("dep-1")],
	[
		"not trusted to the end before one found unhealthy since",
		[ok("a"), ok("b", cutShort), back(1, "a", { verdict: "unhealthy" }), bad("z")],
		to("dep-2", "dep-1"),
	],
	["later ones do not count", [ok("a"), bad("z"), ok("b")], only("dep-1")],
	[
		"unjudged: a rollback that never came up is not the most recent image",
		[unjudged("a"), unjudged("b"), back(1, "a", { verdict: null, status: "error", outcome: "failed", rolledOver: false }), bad("z")],
		{ toLastHealthy: false, to: ["dep-2", "dep-1"] },
	],
	[
		"unjudged: nor is one that was cancelled",
		[unjudged("a"), unjudged("b"), back(1, "a", { verdict: null, status: "cancelled", outcome: "cancelled", rolledOver: false }), bad("z")],
		{ toLastHealthy: false, to: ["dep-2", "dep-1"] },
	],
	[
		"unjudged: but one that ran is",
		[unjudged("a"), unjudged("b"), back(1, "a", { verdict: null }), bad("z")],
		{ toLastHealthy: false, to: ["dep-3", "dep-2"] },
	],
])("auto-rollback: %s", (_name, story, expected) => {
	const history = historyOf(story);
	const failed = history.deployments.find(({ image, verdict }) => image?.digest === digestOf("z") && verdict === "unhealthy");
	const { toLastHealthy, candidates } = autoRollbackTargets(history, { sequence: failed?.sequence ?? 0, digest: digestOf("z") });
	expect({ toLastHealthy, to: candidates.map((candidate) => candidate.deployment.deploymentId) }).toEqual(expected);
	for (const candidate of candidates) {
		expect(candidate.point.rollbackId).toBe(candidate.deployment.rollbackId);
		expect(candidate.point.image.digest).not.toBe(digestOf("z"));
	}
});

function only(id: string) {
	return to(id);
}

function to(...ids: string[]) {
	return { toLastHealthy: true, to: ids };
}

/** Of four that are healthy the trusted ones, and then the others, each the most recent first. */
function trusted() {
	return to("dep-3", "dep-1", "dep-4", "dep-2");
}

/** `live` is the id of the deployment whose stamp Swarm shows. */
test.each<[string, Past[], string | undefined, string | undefined]>([
	["nothing recorded, nothing live", [], undefined, undefined],
	["nothing live: the last healthy one", [ok("a"), ok("b")], undefined, "dep-2"],
	["the one before the live one", [ok("a"), ok("b")], "dep-2", "dep-1"],
	["the first is live", [ok("a"), ok("b")], "dep-1", undefined],
	["only itself", [ok("a")], "dep-1", undefined],
	["past an unhealthy one", [ok("a"), bad("b"), ok("c")], "dep-3", "dep-1"],
	["past an inconclusive one", [ok("a"), unsure("b"), ok("c")], "dep-3", "dep-1"],
	["past an unjudged one", [ok("a"), unjudged("b"), ok("c")], "dep-3", "dep-1"],
	["none healthy", [unjudged("a"), unjudged("b")], "dep-2", undefined],
	["from an unhealthy one", [ok("a"), ok("b"), bad("c")], "dep-3", "dep-2"],
	["past a pruned one", [ok("a"), ok("b", { unusable: "gone" }), ok("c")], "dep-3", "dep-1"],
	["past one never captured", [ok("a"), ok("b", { captured: false }), ok("c")], "dep-3", "dep-1"],
	["never the image that is live", [ok("a"), ok("b"), ok("b")], "dep-3", "dep-1"],
	["asked twice, further back", [ok("a"), ok("b"), ok("c"), back(2, "b")], "dep-4", "dep-1"],
	["asked three times, never forward", [ok("a"), ok("b"), ok("c"), back(2, "b"), back(1, "a")], "dep-5", undefined],
	["a rollback of a rollback", [ok("a"), ok("b"), ok("c"), back(2, "b"), back(4, "b")], "dep-5", "dep-1"],
	["after an auto-rollback", [ok("a"), ok("b"), bad("c"), back(2, "b", { kind: "auto_rollback" })], "dep-4", "dep-1"],
	["a rollback in between is a way to its image", [ok("a"), ok("b"), back(1, "a"), ok("c")], "dep-4", "dep-3"],
	["an unchanged one in between", [ok("a"), ok("b"), ok("b", { outcome: "unchanged", rolledOver: false })], "dep-2", "dep-1"],
	["one trusted to the end before a more recent one that was not", [ok("a", passed), ok("b", cutShort), ok("c")], "dep-3", "dep-1"],
	["one that nobody confirmed only where there is no other", [ok("a", expired), ok("b")], "dep-2", "dep-1"],
	["a release this server does not know", [ok("a"), ok("b")], "dep-elsewhere", "dep-2"],
	["one that runs", [ok("a"), running("b")], "dep-1", undefined],
])("rollback without an id: %s", (_name, story, liveId, expected) => {
	const history = historyOf(story);
	const digest = history.deployments.find(({ deploymentId }) => deploymentId === liveId)?.image?.digest ?? digestOf("f");
	const target = defaultTarget(history, liveId === undefined ? undefined : { deploymentId: liveId, digest });
	expect(target?.deployment.deploymentId).toBe(expected);
});

test("the origin of a release is followed through rollbacks, and stops where the history does", () => {
	const history = historyOf([ok("a"), back(1, "a"), back(2, "a"), back(99, "x")]);
	expect(originOf(history, "dep-3")?.deploymentId).toBe("dep-1");
	expect(originOf(history, "dep-4")?.deploymentId).toBe("dep-4");
	expect(originOf(history, "dep-77")).toBeUndefined();
});

test.each<[string, Partial<Deployment>, ReturnType<typeof point> | undefined, string | undefined]>([
	["captured", { rollbackId: "rb-1" }, point(), undefined],
	["running", { rollbackId: "rb-1", status: "running" }, point(), "it is still running"],
	["rollback was off", { image: imageOf("a") }, undefined, "rollback was off when it was deployed: its image was not captured"],
	["no image", {}, undefined, "no image was captured"],
	["its point is gone", { rollbackId: "rb-1" }, undefined, "its rollback point is gone"],
	["given up", { rollbackId: "rb-1" }, point({ unusableBecause: "retention keeps 2" }), "retention keeps 2"],
	["ended badly, but its image ran", { rollbackId: "rb-1", status: "error", outcome: "rolled_back" }, point(), undefined],
])("rollbackable: %s", (_name, over, itsPoint, expected) => {
	expect(notRollbackableBecause(deployment(over), itsPoint)).toBe(expected);
});
