import { afterEach, expect, test } from "vitest";
import { openStore } from "../../../../src/adapters/sqlite/store.ts";
import { systemClock } from "../../../../src/adapters/system-clock.ts";
import { ensureNotKnownBad } from "../../../../src/engine/pipeline/known-bad.ts";
import type { SwapPlan } from "../../../../src/engine/rollout/swap.ts";
import type { DeploymentKind } from "../../../../src/model/deployment.ts";
import type { Verdict } from "../../../../src/model/health.ts";
import { config, imageOf } from "../records.ts";

const store = openStore(":memory:", "/nonexistent", () => undefined, systemClock);
const { applicationId } = store.registerApplication("https://git.example.com/a.git", ["a"], config(), "c");
let counter = 0;
let ids: string[] = [];

function record(fingerprint: string, verdict: Verdict | null, kind: DeploymentKind = "deploy"): string {
	const deploymentId = `dep-${++counter}`;
	ids.push(deploymentId);
	const hold = { applicationId, deploymentId, owner: "a test" };
	const facts = { fingerprint };
	store.beginDeployment({ deploymentId, applicationId, kind, request: {}, requestedBy: "a test", facts }, counter - 1, 60_000);
	store.renewLock(hold, 60_000);
	store.finishDeployments(hold, [{ deploymentId, end: { status: "done", outcome: "live", verdict } }]);
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
	record(`gone back to by ${kind}`, "unhealthy", kind);
	expect(check("dep-now", `gone back to by ${kind}`)).not.toThrow();
});

test("a deployment's own record is not held against it", () => {
	const own = record("own", "unhealthy");
	expect(check(own, "own")).not.toThrow();
});
