import { expect, test } from "vitest";
import { ensureExpectedCurrent } from "../../../../src/engine/service/stale-view.ts";
import { digestOf } from "../records.ts";

const live = { deploymentId: "dep-2", digest: digestOf("b") };

test.each([
	["nothing expected", undefined, live],
	["nothing expected, nothing live", undefined, undefined],
	["the id", "dep-2", live],
	["the digest", digestOf("b"), live],
])("accepted: %s", (_name, expected, found) => {
	expect(() => ensureExpectedCurrent(expected, found)).not.toThrow();
});

test.each([
	["another id", "dep-1", live, `but dep-2 (${digestOf("b")}) is live`],
	["another digest", digestOf("a"), live, "is live"],
	["a part of the digest", digestOf("b").slice(0, 20), live, "is live"],
	["nothing is live", "dep-1", undefined, "but nothing is live"],
	["the empty text", "", live, 'expectedCurrent: got ""'],
])("refused: %s", (_name, expected, found, words) => {
	expect(() => ensureExpectedCurrent(expected, found)).toThrow(
		expect.objectContaining({ code: "stale_view", message: expect.stringContaining(words), details: { live: found ?? null } }),
	);
});
