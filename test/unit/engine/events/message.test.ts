import { describe, expect, test } from "vitest";
import { messageOf } from "../../../../src/engine/events/message.ts";
import type { Deployment } from "../../../../src/model/deployment.ts";
import { type DeploymentEvent, eventOf, isWanted } from "../../../../src/model/event.ts";
import { Redactor } from "../../../../src/redact.ts";
import { Untrusted } from "../../../../src/untrusted.ts";

const deployment: Deployment = {
	deploymentId: "dep-1",
	applicationId: "hello",
	sequence: 1,
	kind: "deploy",
	status: "error",
	phase: "finished",
	outcome: "rolled_back",
	verdict: "unhealthy",
	request: {},
	requestedBy: "claude-code 2.1.0 (alice as deploy@manager)",
	startedAt: "2026-01-31T11:59:00.000Z",
	phases: [],
	phaseStartedAt: "2026-01-31T11:59:00.000Z",
	commit: { sha: "4f5e7e3aa0", message: "Count visitors\n\nAll of them.", author: "Ada" },
	autoRollbackNote: "It was put back.",
};
const at = "2026-01-31T12:00:00.000Z";
const event = (change: Partial<Deployment> = {}) => eventOf({ ...deployment, ...change }, "rolled_back", at);

function told(change: Partial<DeploymentEvent> = {}, redactor = new Redactor()) {
	return messageOf({ ...event(), ...change }, new Untrusted(redactor));
}

test("an event has what its deployment is, and nulls for what it has not", () => {
	expect(event()).toEqual({
		deliveryId: "dep-1:rolled_back",
		event: "rolled_back",
		applicationId: "hello",
		deploymentId: "dep-1",
		kind: "deploy",
		outcome: "rolled_back",
		verdict: "unhealthy",
		commit: deployment.commit,
		note: "It was put back.",
		requestedBy: deployment.requestedBy,
		at,
	});
	const { commit: _commit, autoRollbackNote: _note, outcome: _outcome, ...bare } = deployment;
	expect(eventOf({ ...bare, verdict: null }, "cancelled", at)).toMatchObject({ outcome: null, verdict: null, commit: null, note: null });
});

describe("the note", () => {
	const { autoRollbackNote: _note, ...silent } = deployment;
	const edge = { path: "/healthz", verdict: "unhealthy", mode: "strict", attempts: 3, latencyMs: 5 } as const;

	test("is the error's message where there is no word on a revert", () => {
		const error = { code: "build_failed", message: "The build failed.", hint: "", retryable: false } as const;
		expect(eventOf({ ...silent, error }, "failed", at).note).toBe("The build failed.");
	});

	test("names the edges that are not well, three at most", () => {
		const edges = [
			{ ...edge, url: "https://a.example.com", status: 500 },
			{ ...edge, url: "https://b.example.com", verdict: "healthy" as const, status: 200 },
			{ ...edge, url: "https://c.example.com:8443", error: "no answer within 5000 ms" },
		];
		expect(eventOf({ ...silent, health: { verdict: "unhealthy", edges } }, "live_unhealthy", at).note).toBe(
			"2 of 3 edges: a.example.com is unhealthy (500), c.example.com:8443 is unhealthy (no answer within 5000 ms).",
		);
		const many = Array.from({ length: 5 }, (_, index) => ({ ...edge, url: `https://${index}.example.com`, status: 500 }));
		expect(eventOf({ ...silent, health: { verdict: "unhealthy", edges: many } }, "live_unhealthy", at).note).toContain(" and 2 more.");
	});

	test("is what whoever records it says", () => {
		expect(eventOf(deployment, "bake_failed", at, "Its tasks ended twice.").note).toBe("Its tasks ended twice.");
	});
});

test("the text tells all of it in two lines", () => {
	expect(told().text).toBe(
		"hello: rolled back (deploy dep-1, commit 4f5e7e3a `Count visitors`, asked for by `claude-code 2.1.0 (alice as deploy＠manager)`)\nIt was put back.",
	);
	expect(told({ commit: null, note: null, kind: "auto_rollback" }).text).toMatch(
		/^hello: rolled back \(auto rollback dep-1, asked for by `[^`]*`\)$/,
	);
});

test("words of others are one line, short, masked, and call nobody in the text", () => {
	const redactor = new Redactor();
	redactor.addEnvValue("hunter22-hunter22");
	const message = `\u001b[31m<!channel> @here \`x\` https://evil.example hunter22-hunter22\u202e${"y".repeat(500)}`;
	const { text, commit, note } = told(
		{ commit: { sha: "4f5e7e3a", message, author: "@everyone\nAda" }, note: `see <https://evil.example|this> ${"z".repeat(900)}` },
		redactor,
	);
	expect(commit?.message).toMatch(/^<!channel> @here `x` https:\/\/evil\.example \*\*\*y+…$/);
	expect(commit?.message.length).toBe(200);
	expect(commit?.author).toBe("@everyone Ada");
	expect(note?.length).toBe(600);
	expect(text).not.toMatch(/@|<|>|:\/\/|hunter22|\p{C}(?<!\n)/u);
	expect(text.split("`")).toHaveLength(5);
	expect(text.length).toBeLessThan(1200);
});

test.each([
	["problems", "live", "deploy", false],
	["problems", "unchanged", "rollback", false],
	["problems", "cancelled", "deploy", false],
	["problems", "degraded", "deploy", true],
	["problems", "live_unhealthy", "rollback", true],
	["problems", "live_unhealthy", "auto_rollback", false],
	["problems", "confirmation_expired", "deploy", true],
	["all", "live", "auto_rollback", true],
] as const)("of %s, whether %s of a %s is sent: %s", (filter, name, kind, is) => {
	expect(isWanted({ event: name, kind }, filter)).toBe(is);
});
