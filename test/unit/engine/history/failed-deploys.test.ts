import { expect, test } from "vitest";
import { failedDeploysInARow } from "../../../../src/engine/history/failed-deploys.ts";
import type { Deployment, Outcome } from "../../../../src/model/deployment.ts";
import { deployment } from "../records.ts";

const now = Date.parse("2026-01-01T12:00:00.000Z");

function ended(minutesAgo: number, outcome: Outcome, over: Partial<Deployment> = {}): Deployment {
	const status = { live: "done", unchanged: "done", live_unhealthy: "done", cancelled: "cancelled" }[outcome as string] ?? "error";
	const finishedAt = new Date(now - minutesAgo * 60_000).toISOString();
	return deployment({ deploymentId: `${outcome}-${minutesAgo}`, outcome, status: status as Deployment["status"], finishedAt, ...over });
}

const running = deployment({ deploymentId: "running", status: "running" });

/** Newest first. */
test.each<[string, Deployment[], number]>([
	["nothing", [], 0],
	["a success", [ended(1, "live")], 0],
	[
		"each kind of failure",
		(["failed", "rolled_back", "degraded", "orchestrator_rolled_back", "interrupted", "live_unhealthy"] as const).map((outcome, at) =>
			ended(at, outcome),
		),
		6,
	],
	["a success in between", [ended(1, "failed"), ended(2, "live"), ended(3, "failed")], 1],
	["what was there already in between", [ended(1, "failed"), ended(2, "unchanged"), ended(3, "failed")], 1],
	["a cancelled one in between", [ended(1, "failed"), ended(2, "cancelled"), ended(3, "failed")], 2],
	["one that still runs", [running, ended(2, "failed")], 1],
	["a rollback in between", [ended(1, "failed"), ended(2, "live", { kind: "rollback" }), ended(3, "failed")], 2],
	["a revert in between", [ended(1, "rolled_back"), ended(1, "live", { kind: "auto_rollback" }), ended(3, "failed")], 2],
	["failed rollbacks", [ended(1, "failed", { kind: "rollback" }), ended(2, "failed")], 1],
	["one of an hour ago", [ended(1, "failed"), ended(60, "failed")], 2],
	["one of over an hour ago", [ended(1, "failed"), ended(61, "failed"), ended(5, "failed")], 1],
	["one that ends in the future, for the clock was set back", [ended(-90, "failed"), ended(1, "failed")], 2],
])("%s", (_name, deployments, count) => {
	expect(failedDeploysInARow(deployments, now)).toHaveLength(count);
});
