import { expect, test } from "vitest";
import { DeploymillError, type ErrorCode } from "../../../src/errors.ts";
import { readArguments } from "../../../src/mcp/arguments.ts";
import { findTool } from "../../../src/mcp/catalogue.ts";
import { type NextCall, nextOf, type WayBackOrNone } from "../../../src/mcp/next.ts";
import type { Deployment, Outcome } from "../../../src/model/deployment.ts";
import { deployment } from "../engine/records.ts";

test.each<[Outcome | "running", Deployment["kind"], string[]]>([
	["running", "deploy", ["get_deployment"]],
	["running", "rollback", ["get_deployment"]],
	["live", "deploy", []],
	["unchanged", "deploy", []],
	["cancelled", "deploy", []],
	["live_unhealthy", "deploy", ["rollback", "get_logs", "get_app_health"]],
	["live_unhealthy", "rollback", ["get_logs", "get_app_health"]],
	["live_unhealthy", "auto_rollback", ["get_logs", "get_app_health"]],
	["rolled_back", "deploy", ["get_logs", "get_app_health"]],
	["degraded", "deploy", ["get_app_health", "get_logs"]],
	["orchestrator_rolled_back", "deploy", ["get_logs", "get_app_health"]],
	["failed", "deploy", ["get_logs", "get_app_health"]],
	["interrupted", "deploy", ["deploy"]],
])("after %s of a %s", (outcome, kind, tools) => {
	const { outcome: _live, ...unfinished } = deployment({ kind, status: "running" });
	expectCalls(nextOf(outcome === "running" ? unfinished : deployment({ kind, outcome, rolledOver: outcome === "live" })), tools);
});

test("what was there already and is ill now can be gone back from", () => {
	const edge = { url: "https://a.example", path: "/healthz", verdict: "unhealthy", mode: "strict", attempts: 3, latencyMs: 5 } as const;
	const ill = deployment({ outcome: "unchanged", rolledOver: false, health: { verdict: "unhealthy", edges: [edge] } });
	expectCalls(nextOf(ill), ["rollback", "get_logs", "get_app_health"]);
});

test.each<[string, Partial<Deployment>, NextCall]>([
	[
		"a rollback",
		{ kind: "rollback", request: { hold: true, allowMigrations: true }, target: { deploymentId: "dep-0", rollbackId: "rb-0" } },
		{ tool: "rollback", args: { applicationId: "hello", rollbackId: "rb-0", hold: true, dryRun: true }, why: expect.any(String) },
	],
	[
		"a deploy of a branch",
		{ ref: "hotfix", request: { ref: "hotfix", confirmWithin: 600, force: true } },
		{ tool: "deploy", args: { applicationId: "hello", ref: "hotfix", confirmWithin: 600, dryRun: true }, why: expect.any(String) },
	],
])("of %s that was interrupted before its swap the same is offered, as a dry run and without an override", (_name, over, call) => {
	expect(nextOf(deployment({ outcome: "interrupted", rolledOver: false, ...over }))).toEqual([call]);
});

test("what runs is looked at first where nobody knows whether it was swapped", () => {
	const { rolledOver: _notKnown, ...interrupted } = deployment({ outcome: "interrupted" });
	expectCalls(nextOf(interrupted), ["get_app_health", "get_logs"]);
});

const crash = { failedTasks: [{ taskId: "t1", node: "one", state: "failed", exitCode: 1 }] };
const error = (code: ErrorCode, details?: Record<string, unknown>) =>
	new DeploymillError(code, "words", details ? { details } : {}).toBody();
const ownLog = { applicationId: "hello", deploymentId: "dep-1" };

test.each<[string, Partial<Deployment>, NextCall["args"]]>([
	["a crash, that Swarm took back", { outcome: "orchestrator_rolled_back", orchestrator: crash }, { ...ownLog, source: "runtime" }],
	[
		"a crash of the first release",
		{ outcome: "failed", error: error("rollout_failed"), orchestrator: crash },
		{ ...ownLog, source: "runtime" },
	],
	[
		"an image that no node could pull",
		{ outcome: "orchestrator_rolled_back", orchestrator: { failedTasks: [{ taskId: "t1", node: "one", state: "rejected" }] } },
		ownLog,
	],
	["a build that failed", { outcome: "failed", error: error("build_failed") }, ownLog],
	["a release that is unhealthy", { outcome: "rolled_back" }, { ...ownLog, source: "runtime" }],
])("the log that is pointed to is the one with the reason: %s", (_name, over, args) => {
	expect(nextOf(deployment({ status: "error", rolledOver: false, ...over })).find(({ tool }) => tool === "get_logs")?.args).toEqual(args);
});

test("what was refused since it is known to be bad points to the deployment that found it bad, and to its log", () => {
	const refused = {
		status: "error",
		outcome: "failed",
		rolledOver: false,
		error: error("known_bad_release", { deploymentId: "dep-0" }),
	} as const;
	const calls = nextOf(deployment(refused));
	expectCalls(calls, ["get_deployment", "get_logs"]);
	expect(calls.map(({ args }) => args.deploymentId)).toEqual(["dep-0", "dep-0"]);
});

test("what was refused since something else is live points to what is live, and to no build", () => {
	const refused = deployment({ status: "error", outcome: "failed", rolledOver: false, error: error("stale_view") });
	expectCalls(nextOf(refused), ["list_deployments", "get_app_health"]);
});

const before = deployment({ deploymentId: "dep-0", envDigests: { A: "1", B: "1", C: "1" } });
const envDigests = { A: "1", B: "2", D: "1" };

test.each<[string, Partial<Deployment>, string[]]>([
	["live_unhealthy", { outcome: "live_unhealthy" }, ["set_env_vars", "rollback", "get_logs"]],
	["a crash", { outcome: "orchestrator_rolled_back", orchestrator: crash }, ["set_env_vars", "get_logs", "get_app_health"]],
	["a revert that helped", { outcome: "rolled_back" }, ["set_env_vars", "get_logs", "get_app_health"]],
	["a build that failed", { outcome: "failed", error: error("build_failed") }, ["get_logs", "get_app_health"]],
	["one that is live", { outcome: "live" }, []],
])("env vars that changed with it are named: %s", (_name, over, tools) => {
	const calls = nextOf(deployment({ ...over, envDigests }), before);
	expectCalls(calls, tools);
	const [first] = calls;
	if (first?.tool === "set_env_vars") expect(first.why).toMatch(/^B, C, D changed /);
});

const edge = (verdict: "healthy" | "unhealthy") =>
	({ url: `https://${verdict}.test`, path: "/healthz", verdict, mode: "strict", attempts: 3, latencyMs: 1 }) as const;

test.each<[WayBackOrNone, string[]]>([
	["last_healthy", ["rollback", "get_logs", "get_app_health"]],
	["by_choice", ["list_deployments", "get_logs", "get_app_health"]],
	["not_live", ["get_logs", "get_app_health"]],
])("nobody is sent to a rollback that is refused, or that would take something else back: %s", (wayBack, tools) => {
	expectCalls(nextOf(deployment({ outcome: "live_unhealthy" }), undefined, wayBack), tools);
});

test("a partial outage is looked at first, and gone back from only if somebody agrees", () => {
	const health = { verdict: "unhealthy", edges: [edge("healthy"), edge("unhealthy")] } as const;
	const partial = deployment({ outcome: "live_unhealthy", health: { ...health, edges: [...health.edges] } });
	for (const [wayBack, tool] of [
		["last_healthy", "rollback"],
		["by_choice", "list_deployments"],
	] as const) {
		const calls = nextOf(partial, undefined, wayBack);
		expectCalls(calls, ["get_app_health", "get_logs", tool]);
		expect(calls[2]?.why).toMatch(/go back only if asked or agreed/);
	}
	const whole = nextOf(deployment({ outcome: "live_unhealthy", health: { verdict: "unhealthy", edges: [edge("unhealthy")] } }));
	expectCalls(whole, ["rollback", "get_logs", "get_app_health"]);
	expect(whole[0]?.why).not.toContain("agreed");
});

test("where a revert did not help, what changed since its target was live counts", () => {
	const autoRollback = { attempted: true, recovered: false, changedSince: { env: ["DATABASE_URL"], config: [] } };
	const [first] = nextOf(deployment({ status: "error", outcome: "degraded", autoRollback, envDigests }), before);
	expect(first).toMatchObject({ tool: "set_env_vars", args: { applicationId: "hello" }, why: expect.stringContaining("DATABASE_URL") });
});

test("of many names the first are told, and how many more", () => {
	const many = Object.fromEntries(Array.from({ length: 8 }, (_, n) => [`V${n}`, "1"]));
	const [first] = nextOf(deployment({ outcome: "live_unhealthy", envDigests: many }), deployment({ envDigests: {} }));
	expect(first?.why).toMatch(/^V0, V1, V2, V3, V4 and 3 more changed/);
});

const until = "2026-01-01T00:10:00.000Z";

test.each<[string, Partial<Deployment>, string[]]>([
	["a bake that runs", { bake: { state: "running", until } }, ["get_deployment"]],
	["one that was interrupted before its swap", { outcome: "interrupted", rolledOver: false }, ["deploy"]],
	["a bake that passed", { bake: { state: "passed", until } }, []],
	["a confirmation that is waited for", { confirm: { state: "awaiting", until } }, ["get_app_health", "confirm_deployment", "rollback"]],
	[
		"both",
		{ bake: { state: "running", until }, confirm: { state: "awaiting", until } },
		["get_app_health", "confirm_deployment", "rollback"],
	],
	[
		"one that failed its bake and waits to be confirmed",
		{ outcome: "live_unhealthy", bake: { state: "failed", until }, confirm: { state: "awaiting", until } },
		["rollback", "get_logs", "get_app_health"],
	],
	["a confirmation that was given", { confirm: { state: "confirmed", until } }, []],
])("with %s", (_name, over, tools) => {
	const calls = nextOf(deployment(over));
	expectCalls(calls, tools);
	for (const { tool, why } of calls) if (tool === "confirm_deployment") expect(why).toContain(until);
});

function expectCalls(calls: NextCall[], tools: string[]): void {
	expect(calls.map(({ tool }) => tool)).toEqual(tools);
	expect(calls.length).toBeLessThanOrEqual(3);
	for (const { tool: name, args, why } of calls) {
		expect(why).toMatch(/\w/);
		const tool = findTool(name);
		if (!tool) throw new Error(`next names ${name}, which is no tool`);
		expect(() => readArguments(tool, args)).not.toThrow();
		if (name === "rollback") expect(args).toMatchObject({ dryRun: true });
	}
}
