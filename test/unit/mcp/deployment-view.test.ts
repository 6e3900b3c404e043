import { expect, test } from "vitest";
import { DeploymillError } from "../../../src/errors.ts";
import { deploymentAnswer, viewInList } from "../../../src/mcp/deployment-view.ts";
import { deploymentOutput } from "../../../src/mcp/fields.ts";
import type { Deployment } from "../../../src/model/deployment.ts";
import { deployment, digestOf, imageOf, point } from "../engine/records.ts";

const live = (deploymentId: string) => ({ observed: true, release: { deploymentId, digest: digestOf("a") } });
const unseen = { observed: false };
const commit = { sha: "c0ffee", message: "Add a thing\n\nat length", author: "A" };
const whole: Partial<Deployment> = {
	ref: "main",
	commit,
	image: { ...imageOf("a"), nodeId: "node-1" },
	rollbackId: "rb-1",
	rolloverNote: "note",
	health: { verdict: "healthy", edges: [] },
	autoRollback: { attempted: false, reason: "inconclusive" },
	autoRollbackNote: "words",
	orchestrator: { updateState: "completed" },
	target: { deploymentId: "dep-0", rollbackId: "rb-0", commit },
	reason: "because",
	envDigests: { SECRET_NAME: "abc" },
	fingerprint: "f",
	baseline: {},
	migrationFiles: ["m/1 a"],
	probePrograms: ["node"],
	replaced: "dep-0",
	request: { ref: "main" },
	requestId: "id",
};

test("a whole deployment has the contract's fields, and what is only ours stays inside", () => {
	const { content } = deploymentAnswer(deployment(whole), { live: live("dep-1"), point: point() });
	expect(Object.keys(content)).toEqual([
		...["deploymentId", "applicationId", "kind", "status", "phase", "outcome", "ref", "commit", "image", "rollbackId", "rollbackable"],
		...["current", "rolledOver", "rolloverNote", "health", "autoRollback", "autoRollbackNote", "orchestrator", "target", "reason"],
		...["requestedBy", "startedAt", "finishedAt", "durationMs", "phases"],
	]);
	expect(content).toMatchObject({ image: imageOf("a"), current: true, rollbackable: true, durationMs: 10_000, commit });
	expect(content.image).not.toHaveProperty("nodeId");
});

test("what does not apply is absent rather than null, but the rollbackId", () => {
	const { rolledOver: _none, ...bare } = deployment({ verdict: null, status: "cancelled", outcome: "cancelled" });
	const { content } = deploymentAnswer(bare, { live: unseen, point: undefined });
	expect(content.rollbackId).toBeNull();
	expect(Object.entries(content).filter(([, value]) => value === null || value === undefined)).toEqual([["rollbackId", null]]);
	expect(content).toMatchObject({ rollbackable: false, notRollbackableBecause: "no image was captured" });
	for (const key of ["current", "rolledOver", "health", "error", "autoRollback", "image", "next"]) expect(content).not.toHaveProperty(key);
});

test.each<[string, Parameters<typeof deploymentAnswer>[1]["live"], boolean | undefined]>([
	["it is live", live("dep-1"), true],
	["another is live", live("dep-2"), false],
	["nothing is live", { observed: true }, false],
	["Docker could not be asked", unseen, undefined],
])("current when %s", (_name, seen, expected) => {
	expect(deploymentAnswer(deployment(), { live: seen, point: undefined }).content.current).toBe(expected);
	expect(viewInList(deployment(), { live: seen, point: undefined }).current).toBe(expected);
});

test.each([
	["done", false],
	["running", false],
	["cancelled", false],
	["error", true],
] as const)("status %s makes an error of the answer: %s", (status, failed) => {
	const answer = deploymentAnswer(deployment({ status }), { live: live("dep-1"), point: undefined });
	expect(answer.failed).toBe(failed);
	expect(deploymentOutput.safeParse(answer.content).success).toBe(true);
});

test("a list shows what one chooses by, and nothing else", () => {
	const shown = viewInList(deployment({ ...whole, verdict: "unhealthy" }), {
		live: live("dep-2"),
		point: point({ unusableBecause: "gone" }),
	});
	expect(shown).toEqual({
		deploymentId: "dep-1",
		kind: "deploy",
		status: "done",
		outcome: "live",
		verdict: "unhealthy",
		commit: { sha: "c0ffee", message: "Add a thing" },
		rollbackId: "rb-1",
		rollbackable: false,
		notRollbackableBecause: "gone",
		current: false,
		target: { deploymentId: "dep-0", rollbackId: "rb-0" },
		requestedBy: "a test",
		reason: "because",
		startedAt: "2026-01-01T00:00:00.000Z",
		durationMs: 10_000,
	});
});

test("ten ordinary rows of a list are small", () => {
	const ordinary = deployment({
		...{ deploymentId: "dep-k3v9abcdefgh", rollbackId: "rb-k3v9abcdefgh", requestedBy: "claude-code 2.1.0 (deploy@manager)" },
		commit: { sha: "3f2c1d0c5a7e4b9d8c6f0a1b2c3d4e5f60718293", message: "Show prices with their currency", author: "A" },
	});
	const row = viewInList(ordinary, { live: live("dep-2"), point: point() });
	// The contract's fields for each: their names alone are half of it.
	expect(JSON.stringify(Array.from({ length: 10 }, () => row)).length).toBeLessThan(4_000);
});

test("a release that turned out bad tells what was live before, and for how long it may have been seen", () => {
	const phases = [
		{ phase: "build" as const, durationMs: 7_000 },
		{ phase: "release" as const, durationMs: 2_000 },
		{ phase: "health" as const, durationMs: 500 },
		{ phase: "auto_rollback" as const, durationMs: 1_500 },
	];
	const before = deployment({ deploymentId: "dep-0", commit });
	const times = { startedAt: "2026-01-01T00:00:00.000Z", finishedAt: "2026-01-01T00:00:11.000Z" };
	const bad = deployment({ status: "error", outcome: "rolled_back", verdict: "unhealthy", phases, ...times });
	expect(deploymentAnswer(bad, { live: unseen, point: undefined, before }).content).toMatchObject({
		from: { deploymentId: "dep-0", commit: { sha: "c0ffee", message: "Add a thing" }, verdict: "healthy" },
		exposedMs: 4_000,
	});
	// No phase tells of the bake, and users saw it all the same.
	const baked = { ...bad, finishedAt: "2026-01-01T02:00:11.000Z" };
	expect(deploymentAnswer(baked, { live: unseen, point: undefined, before }).content).toMatchObject({ exposedMs: 7_204_000 });
	const neverRan = { ...bad, outcome: "orchestrator_rolled_back", rolledOver: false } as const;
	expect(deploymentAnswer(neverRan, { live: unseen, point: undefined, before }).content).not.toHaveProperty("exposedMs");
	expect(deploymentAnswer(deployment(), { live: unseen, point: undefined, before }).content).not.toHaveProperty("from");
});

test("what is on probation says until when while it is under way; a list says no more", () => {
	const until = "2026-01-01T00:10:00.000Z";
	const bake = { state: "failed", until, because: "a task ended twice" } as const;
	const confirm = { state: "awaiting", until } as const;
	const shown = deployment({ bake, confirm });
	expect(deploymentAnswer(shown, { live: live("dep-1"), point: undefined }).content).toMatchObject({ bake, confirm });
	expect(viewInList(shown, { live: live("dep-1"), point: undefined })).toMatchObject({ bake: { state: "failed" }, confirm });
	expect(viewInList(shown, { live: live("dep-1"), point: undefined }).bake).toEqual({ state: "failed" });
});

test.each(["known_bad_release", "stale_view", "host_taken", "name_taken", "service_not_ours"] as const)(
	"one that was refused with %s offers no image to go back to, though it was pushed",
	(code) => {
		const refused = deployment({
			...{ status: "error", outcome: "failed", verdict: null, rolledOver: false, rollbackId: "rb-1", image: imageOf("a") },
			error: new DeploymillError(code, "words").toBody(),
		});
		const told = { rollbackId: null, rollbackable: false, notRollbackableBecause: "it was refused before its swap" };
		const context = { live: live("dep-0"), point: point({ unusableBecause: "its deployment failed before it ran" }) };
		expect(deploymentAnswer(refused, context).content).toMatchObject(told);
		expect(viewInList(refused, context)).toMatchObject(told);
	},
);

test("one that failed in its rollout was not refused: its point is named, with why it is not to be used", () => {
	const failed = deployment({
		...{ status: "error", outcome: "failed", verdict: null, rolledOver: false, rollbackId: "rb-1" },
		error: new DeploymillError("rollout_failed", "words").toBody(),
	});
	const context = { live: live("dep-0"), point: point({ unusableBecause: "its tasks did not come up and stay up" }) };
	expect(viewInList(failed, context)).toMatchObject({
		rollbackId: "rb-1",
		notRollbackableBecause: "its tasks did not come up and stay up",
	});
});

test("a row that is under way says how to wait for it; a revert is waited for with its deploy", () => {
	const { outcome: _live, ...running } = deployment({ status: "running" });
	expect(viewInList(running, { live: unseen, point: undefined }).next).toMatchObject([
		{ tool: "get_deployment", args: { deploymentId: "dep-1", wait: 45 } },
	]);
	expect(viewInList({ ...running, kind: "auto_rollback" }, { live: unseen, point: undefined })).not.toHaveProperty("next");
	expect(viewInList(deployment({ outcome: "live_unhealthy" }), { live: unseen, point: undefined })).not.toHaveProperty("next");
});
