import { expect, test } from "vitest";
import { ensureExpectedCurrent } from "../../../../src/engine/service/stale-view.ts";
import type { ObservedService } from "../../../../src/model/service.ts";
import { digestOf, imageOf, service } from "../records.ts";

/** dep-2 with image a. */
const live = service("dep-2");
const foreign = `nginx:1@${digestOf("f")}`;

/** `docker service update --image`: the labels stay. */
function given(image: string): ObservedService {
	const { spec } = live;
	const ContainerSpec = { ...spec.TaskTemplate.ContainerSpec, Image: image };
	return { ...live, spec: { ...spec, TaskTemplate: { ...spec.TaskTemplate, ContainerSpec } } };
}

test.each([
	["nothing expected", undefined, live],
	["nothing expected, nothing live", undefined, undefined],
	["that nothing is live", "nothing", undefined],
	["the id", "dep-2", live],
	["the digest", digestOf("a"), live],
	["the reference", imageOf("a").reference, live],
	["the reference of an image put there by hand", foreign, given(foreign)],
	["the digest of an image put there by hand", digestOf("f"), given(foreign)],
	["a bare tag put there by hand", "nginx:latest", given("nginx:latest")],
])("accepted: %s", (_name, expected, found) => {
	expect(() => ensureExpectedCurrent(expected, found)).not.toThrow();
});

const release = { deploymentId: "dep-2", digest: digestOf("a") };

test.each([
	["another id", "dep-1", live, release, `but dep-2 (${digestOf("a")}) is live`],
	["another digest", digestOf("b"), live, release, "is live"],
	["a part of the digest", digestOf("a").slice(0, 20), live, release, "is live"],
	["nothing is live", "dep-1", undefined, null, "but nothing is live"],
	["something is live where nothing was", "nothing", live, release, `got "nothing", but dep-2`],
	["an image of that name where nothing was", "nothing", given("nothing"), { image: "nothing" }, 'but "nothing", which'],
	["the empty text", "", live, release, 'expectedCurrent: got ""'],
	[
		"the stamp that was left on an image put there by hand",
		"dep-2",
		given(foreign),
		{ image: foreign, digest: digestOf("f") },
		"which deploymill did not put there, is live",
	],
	["the digest that was left on it", digestOf("a"), given("nginx:latest"), { image: "nginx:latest" }, 'but "nginx:latest", which'],
])("refused: %s", (_name, expected, found, now, words) => {
	expect(() => ensureExpectedCurrent(expected, found)).toThrow(
		expect.objectContaining({ code: "stale_view", message: expect.stringContaining(words), details: { live: now } }),
	);
});
