import { afterEach, expect, test } from "vitest";
import { openStore } from "../../../../src/adapters/sqlite/store.ts";
import { systemClock } from "../../../../src/adapters/system-clock.ts";
import { ensureCommitNotKnownBad, ensureNotKnownBad } from "../../../../src/engine/pipeline/known-bad.ts";
import type { EndOfDeployment } from "../../../../src/engine/ports/store.ts";
import type { SwapPlan } from "../../../../src/engine/rollout/swap.ts";
import type { DeploymentFacts, DeploymentKind } from "../../../../src/model/deployment.ts";
import type { Verdict } from "../../../../src/model/health.ts";
import { config, deployment, imageOf } from "../records.ts";

const store = openStore(":memory:", "/nonexistent", () => undefined, systemClock);
const { applicationId } = store.registerApplication("https://git.example.com/a.git", ["a"], config(), "c");
let counter = 0;
let ids: string[] = [];

interface Extra {
	kind?: DeploymentKind;
	end?: Pick<EndOfDeployment, "status" | "outcome">;
	facts?: DeploymentFacts;
	reason?: string;
}

const live = { status: "done", outcome: "live" } as const;

function record(fingerprint: string, verdict: Verdict | null, { kind = "deploy", end = live, facts: more, reason }: Extra = {}): string {
	const deploymentId = `dep-${++counter}`;
	ids.push(deploymentId);
	const hold = { applicationId, deploymentId, owner: "a test" };
	const facts = { fingerprint, ...more };
	const begun = { deploymentId, applicationId, kind, request: {}, requestedBy: "a test", facts, ...(reason ? { reason } : {}) };
	store.beginDeployment(begun, counter - 1, 60_000);
	store.renewLock(hold, 60_000);
	store.finishDeployments(hold, [{ deploymentId, end: { ...end, verdict } }]);
	return deploymentId;
}

/** Every test's releases are its own. */
afterEach(() => {
	ids = [];
});

const check = (deploymentId: string, fingerprint: string) => () =>
	ensureNotKnownBad(store, { fingerprint, order: { application: { applicationId }, deploymentId, image: imageOf("a") } } as SwapPlan);

test.each<[string, (Verdict | null)[], boolean]>([
	["never seen", [], false],
	["never judged", [null], false],
	["healthy", ["healthy"], false],
	["unhealthy", ["unhealthy"], true],
	["healthy once, unhealthy since", ["healthy", "unhealthy"], true],
	["unhealthy once, healthy since", ["unhealthy", "healthy"], false],
	["unhealthy once, nobody could tell since", ["unhealthy", "inconclusive"], false],
	["unhealthy once, not judged since", ["unhealthy", null], true],
])("%s: refused is %s", (name, verdicts, refused) => {
	for (const verdict of verdicts) {
		record(name, verdict);
		record(`${name}, another`, "unhealthy");
	}
	if (!refused) return expect(check("dep-now", name)).not.toThrow();
	const culprit = ids[ids.length - 2 * (verdicts.length - verdicts.indexOf("unhealthy"))];
	expect(check("dep-now", name)).toThrow(
		expect.objectContaining({ code: "known_bad_release", details: { deploymentId: culprit, digest: imageOf("a").digest } }),
	);
});

test.each(["rollback", "auto_rollback"] as const)("a %s found unhealthy is no judgement of the release", (kind) => {
	record(`gone back to by ${kind}`, "healthy");
	record(`gone back to by ${kind}`, "unhealthy", { kind });
	expect(check("dep-now", `gone back to by ${kind}`)).not.toThrow();
});

test("a deployment's own record is not held against it", () => {
	const own = record("own", "unhealthy");
	expect(check(own, "own")).not.toThrow();
});

/** Two deploys; then `from` is left for `to` by a rollback, or by what `over` says. */
function leave(name: string, from: "first" | "second", over: Extra = {}) {
	const made = { first: record(`${name}, first`, "healthy"), second: record(`${name}, second`, "healthy") };
	const to = from === "first" ? "second" : "first";
	const rollback = record(`${name}, ${to}`, "healthy", {
		kind: "rollback",
		...over,
		facts: { rolledOver: true, replaced: made[from], target: { deploymentId: made[to], rollbackId: "rb" }, ...over.facts },
	});
	return { ...made, rollback };
}

test("what a rollback left is refused, with who took it back, when and why", () => {
	const { rollback } = leave("taken back", "second", { reason: "checkout is broken" });
	expect(check("dep-now", "taken back, second")).toThrow(
		expect.objectContaining({
			code: "known_bad_release",
			message: expect.stringMatching(/was taken back by a test at 20\S+, by dep-\d+ \("checkout is broken"\)\. Nothing/),
			details: {
				deploymentId: rollback,
				digest: imageOf("a").digest,
				takenBackBy: "a test",
				at: expect.any(String),
				reason: "checkout is broken",
			},
		}),
	);
	expect(check("dep-now", "taken back, first")).not.toThrow();
});

test.each<[string, "first" | "second", Extra]>([
	["a rollback that went forward", "first", {}],
	["a rollback that never came to run", "second", { end: { status: "error", outcome: "failed" }, facts: { rolledOver: false } }],
	["a rollback from what this server does not know", "second", { facts: { replaced: "dep-of-another" } }],
	["a revert by deploymill", "second", { kind: "auto_rollback" }],
])("%s takes nothing back by hand", (name, from, over) => {
	leave(name, from, over);
	expect(check("dep-now", `${name}, ${from}`)).not.toThrow();
});

test.each<[string, Extra]>([
	["rolled forward to again", { kind: "rollback" }],
	["deployed by force, and healthy", {}],
])("what was taken back and then %s is not refused", (name, over) => {
	const { second, rollback } = leave(name, "second");
	const facts = { rolledOver: true, replaced: rollback, target: { deploymentId: second, rollbackId: "rb" } };
	record(`${name}, second`, "healthy", { ...over, ...(over.kind ? { facts } : {}) });
	expect(check("dep-now", `${name}, second`)).not.toThrow();
});

test("a worker that was rolled forward to is not refused, though nobody judged it", () => {
	const { second, rollback } = leave("worker", "second");
	record("worker, second", null, {
		kind: "rollback",
		facts: { rolledOver: true, replaced: rollback, target: { deploymentId: second, rollbackId: "rb" } },
	});
	expect(check("dep-now", "worker, second")).not.toThrow();
});

const commit = { sha: "c0ffee".padEnd(40, "0"), message: "A change", author: "Ada" };
const digests = { envDigests: { A: "1" }, configDigests: { port: "2" } };
const judged = deployment({ deploymentId: "dep-bad", commit, verdict: "unhealthy", ...digests });

test.each<[string, Parameters<typeof deployment>[0], typeof digests, boolean]>([
	["the same commit, env and configuration, judged unhealthy", {}, digests, true],
	["judged healthy", { verdict: "healthy" }, digests, false],
	["another commit", { commit: { ...commit, sha: "d".repeat(40) } }, digests, false],
	["env changed since", {}, { ...digests, envDigests: { A: "2" } }, false],
	["configuration changed since", {}, { ...digests, configDigests: { port: "3" } }, false],
	["how it was put live is not recorded", { envDigests: undefined, configDigests: undefined } as never, digests, false],
])("before a build, %s: refused is %s", (_name, over, now, refused) => {
	const ask = () => ensureCommitNotKnownBad({ deployments: [{ ...judged, ...over }], points: [] }, commit.sha, now);
	if (!refused) return expect(ask).not.toThrow();
	expect(ask).toThrow(expect.objectContaining({ code: "known_bad_release", details: { deploymentId: "dep-bad", commit: commit.sha } }));
});
