import { expect, test } from "vitest";
import { readArguments } from "../../../src/mcp/arguments.ts";
import { findTool } from "../../../src/mcp/catalogue.ts";
import { type NextCall, nextOf } from "../../../src/mcp/next.ts";
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
	expectCalls(nextOf(outcome === "running" ? unfinished : deployment({ kind, outcome })), tools);
});

const until = "2026-01-01T00:10:00.000Z";

test.each<[string, Partial<Deployment>, string[]]>([
	["a bake that runs", { bake: { state: "running", until } }, ["get_deployment"]],
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
		["get_app_health", "confirm_deployment", "rollback"],
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
