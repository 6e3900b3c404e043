import { expect, test } from "vitest";
import { type VolumeFacts, whyTaken } from "../../../../src/engine/claims/volumes.ts";

const claimant = { applicationId: "shop", repositoryHash: "aaaaaaaaaaaaaaaa" };
const newcomer = { ...claimant, applicationId: undefined };
const none: VolumeFacts = { labels: undefined, ownServiceMounts: false, applied: false, application: undefined, service: undefined };
const ours = { "deploymill.application": "shop", "deploymill.repository": "aaaaaaaaaaaaaaaa" };
const theirs = { ...ours, "deploymill.repository": "bbbbbbbbbbbbbbbb" };
const earlier = { "deploymill.application": "shop" };
const byHand = { "com.docker.stack.namespace": "shop" };

test.each<[string, Partial<VolumeFacts>]>([
	["there is none yet", {}],
	["there is none yet, applied", { applied: true }],
	["made for this repository", { labels: ours }],
	["made for this repository, though others mount it too", { labels: ours, application: "other", service: "backup" }],
	["made for this repository under another id", { labels: { ...ours, "deploymill.application": "shop-2" } }],
	["an earlier version's, applied here", { labels: earlier, applied: true }],
	["an earlier version's, applied here and mounted by an operator's service too", { labels: earlier, applied: true, service: "backup" }],
	["an earlier version's, mounted by its service", { labels: earlier, ownServiceMounts: true }],
	["made by hand, and its service has it already", { labels: byHand, ownServiceMounts: true, service: "backup" }],
	["on another node, and its service has it already", { ownServiceMounts: true, service: "backup" }],
])("free: %s", (_name, facts) => {
	expect(whyTaken({ ...none, ...facts }, claimant)).toBeUndefined();
});

test.each<[string, Partial<VolumeFacts>, string]>([
	["made for another repository of the same name", { labels: theirs }, "another repository"],
	["made for another repository, applied here", { labels: theirs, applied: true }, "another repository"],
	["made for another repository, mounted by its service", { labels: theirs, ownServiceMounts: true, applied: true }, "another repository"],
	["an earlier version's of the same name", { labels: earlier }, '"shop"'],
	["an earlier version's of another name", { labels: { "deploymill.application": "other" }, applied: true }, '"other"'],
	["made by hand", { labels: byHand }, "exists on the Docker host"],
	["made by hand after it was applied", { labels: {}, applied: true }, "exists on the Docker host"],
	["another application's, before there is one", { application: "other" }, "the application other mounts it"],
	["an earlier application's too, mounted by its service", { application: "other", ownServiceMounts: true }, "the application other"],
	["another service's, on whatever node", { service: "database" }, 'the service "database"'],
	["another service's, that came after it was applied", { service: "database", applied: true }, 'the service "database"'],
])("taken: %s", (_name, facts, why) => {
	expect(whyTaken({ ...none, ...facts }, claimant)).toContain(why);
});

test("a repository that is not registered is no application, whatever it calls itself", () => {
	expect(whyTaken({ ...none, labels: earlier }, newcomer)).toContain('"shop"');
	expect(whyTaken({ ...none, application: "shop" }, newcomer)).toContain("the application shop");
	expect(whyTaken({ ...none, labels: ours }, newcomer)).toBeUndefined();
});
