import { expect, test } from "vitest";
import { isPutBefore, lastPutThere } from "../../../../src/engine/service/last-put.ts";
import type { Deployment } from "../../../../src/model/deployment.ts";
import { deployment } from "../records.ts";

const image = (name: string) => ({ reference: `registry.test/hello@sha256:${name}`, digest: `sha256:${name}` });

/** Newest first, as the store lists them. */
function storeOf(...all: Partial<Deployment>[]) {
	const listed = all.map((one, index) => deployment({ sequence: all.length - index, deploymentId: `dep-${all.length - index}`, ...one }));
	return { listDeployments: () => listed };
}

test.each<[string, Partial<Deployment>[], string | undefined]>([
	["the newest that was seen there", [{ rolledOver: false }, { image: image("b") }, { image: image("a") }], "dep-2"],
	[
		"an older one that was opened again since",
		[
			{ image: image("a"), outcome: "unchanged", rolledOver: false, runsOn: "dep-1", putOrder: 2 },
			{ image: image("b"), putOrder: 3 },
			{ image: image("a"), putOrder: 1 },
		],
		"dep-2",
	],
	[
		"of a deploy and its revert the revert",
		[
			{ image: image("a"), putOrder: 2 },
			{ image: image("b"), putOrder: 2 },
		],
		"dep-2",
	],
	["one with an order, over those from before there was one", [{ image: image("a"), putOrder: 1 }, { image: image("b") }], "dep-2"],
	["nothing, where none was", [{ image: image("a"), rolledOver: false }], undefined],
])("what was put there last is %s", (_which, all, expected) => {
	expect(lastPutThere(storeOf(...all), "hello")?.deploymentId).toBe(expected);
});

test("which of two was put there first is told by their order, and without one by when they were begun", () => {
	const [one, other] = [deployment({ sequence: 1 }), deployment({ sequence: 2 })];
	expect(isPutBefore(one, other)).toBe(true);
	expect(isPutBefore({ ...one, putOrder: 3 }, { ...other, putOrder: 2 })).toBe(false);
	expect(isPutBefore({ ...one, putOrder: 2 }, { ...other, putOrder: 2 })).toBe(true);
	expect(isPutBefore(one, { ...other, putOrder: 2 })).toBe(true);
});
