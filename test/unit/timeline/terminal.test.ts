import stringWidth from "string-width";
import { describe, expect, test } from "vitest";
import { terminalLines } from "../../../src/timeline/terminal.ts";
import type { Timeline, TimelineRow } from "../../../src/timeline/timeline.ts";

const readAt = "2026-01-02T12:00:00.000Z";
const whole = { columns: Number.POSITIVE_INFINITY, colour: false };

function row(over: Partial<TimelineRow> = {}): TimelineRow {
	return {
		deploymentId: "dep_1",
		kind: "deploy",
		status: "done",
		outcome: "live",
		verdict: "healthy",
		commit: { sha: "c0ffee1".padEnd(40, "0"), message: "Add search" },
		rollbackId: "rb_1",
		rollbackable: true,
		current: false,
		requestedBy: "alice@laptop",
		startedAt: "2026-01-02T10:00:00.000Z",
		durationMs: 9_000,
		...over,
	};
}

function timeline(rows: TimelineRow[], application: Partial<Timeline["application"]> = {}, more = false): Timeline {
	return { application: { applicationId: "hello", ...application }, deployments: rows, more, readAt };
}

const lineOf = (over: Partial<TimelineRow>) => terminalLines(timeline([row(over)]), whole).at(-1) ?? "";

test.each<[string, Partial<TimelineRow>, RegExp]>([
	["live now", { current: true }, /^● 2h ago +deploy +c0ffee1 healthy +Add search — by alice@laptop$/],
	["was live once", {}, /^○ 2h ago +deploy +c0ffee1 healthy +rb_1 +Add search/],
	[
		"live and ill",
		{ current: true, outcome: "live_unhealthy", verdict: "unhealthy", because: "a.test: answered 500" },
		/^✗ .* unhealthy, left live +a\.test: answered 500 — by/,
	],
	["taken back", { status: "error", outcome: "rolled_back", verdict: "unhealthy" }, /^✗ .* bad, taken back /],
	["refused by Swarm", { status: "error", outcome: "orchestrator_rolled_back", verdict: null }, /^✗ .* refused by Swarm /],
	[
		"a revert",
		{ kind: "auto_rollback", causedBy: "dep_9", target: { deploymentId: "dep_0" }, current: true },
		/^● .* revert .* — to dep_0 because of dep_9 — by/,
	],
	["a rollback of old", { kind: "rollback", target: { deploymentId: "dep_0" } }, /^↩ .* rollback .* — to dep_0 — by/],
	["running", { status: "running", outcome: undefined as never, verdict: null }, /^… .* running /],
	["awaits a confirmation", { current: true, confirm: { state: "awaiting" } }, /awaits confirmation/],
	[
		"awaits one that nobody will give: it was found ill meanwhile",
		{ current: true, outcome: "live_unhealthy", verdict: "unhealthy", confirm: { state: "awaiting" } },
		/^✗ .* unhealthy, left live /,
	],
	["is being watched", { current: true, bake: { state: "running" } }, /being watched/],
	["cannot be gone back to", { rollbackable: false }, /healthy {2,}Add search/],
	[
		"found ill, though nothing was swapped: no point to go back to",
		{ outcome: "unchanged", verdict: "unhealthy" },
		/^✗ .* unhealthy, nothing to swap +Add search — by/,
	],
	["a worker", { verdict: null }, /live, not judged/],
])("%s", (_name, over, expected) => {
	expect(lineOf(over)).toMatch(expected);
});

test("no row is what is live where somebody changed the service, nor a point to go back to by what it is stamped with", () => {
	const lines = terminalLines(timeline([row({ current: true })], { mismatch: "Nothing runs." }), whole);
	expect(lines.at(-1)).toMatch(/^○ 2h ago +deploy +c0ffee1 healthy +Add search/);
});

describe("the head says what is live", () => {
	const current = {
		deploymentId: "dep_1",
		commit: { sha: "c0ffee1", message: "Add search" },
		verdict: "healthy",
		since: "2026-01-02T11:00:00.000Z",
		by: "alice",
	};
	test.each<[string, Partial<Timeline["application"]>, string[]]>([
		["a release", { current }, ['hello: live is c0ffee1 "Add search", healthy, since 1 hour ago, by alice']],
		["nothing", {}, ["hello: nothing is live"]],
		["not known", { current, liveUnknown: true }, ["hello: what is live is not known: Docker could not be asked"]],
		[
			"something else",
			{ mismatch: "The service runs another image." },
			["hello: not as deploymill left it", "  The service runs another image."],
		],
		["a release that was scaled away", { current, mismatch: "Nothing runs." }, ["hello: not as deploymill left it", "  Nothing runs."]],
		[
			"held and in progress",
			{
				hold: { by: "bob", since: "2026-01-02T11:30:00.000Z", reason: "a sale" },
				inProgress: { deploymentId: "dep_2", kind: "rollback", phase: "health", requestedBy: "bob" },
			},
			["hello: nothing is live", "  In progress: rollback dep_2, health, by bob", "  Deploys are held by bob since 30 minutes ago: a sale"],
		],
	])("%s", (_name, application, expected) => {
		expect(terminalLines(timeline([row()], application), whole).slice(0, expected.length)).toEqual(expected);
	});
});

test.each([20, 40, 80, 120])("no line is wider than a window of %i columns, whatever stands in it", (columns) => {
	const rows = [
		"Add search",
		"漢字で長い件名を書くとどうなるか".repeat(5),
		"👩‍👩‍👧‍👦".repeat(60),
		"x".repeat(500),
		"e\u0301".repeat(200),
	].map((message) => row({ commit: { sha: "c".repeat(40), message } }));
	for (const line of terminalLines(timeline(rows), { columns, colour: false })) expect(stringWidth(line)).toBeLessThanOrEqual(columns);
});

test("what others wrote cannot move the cursor or paint", () => {
	const hostile = "\u001b[2J\u001b]0;title\u0007red\u001b[31m\rstart\nnew line\u009b5A";
	const lines = terminalLines(
		timeline([row({ commit: { sha: "c".repeat(40), message: hostile }, requestedBy: hostile })], { mismatch: hostile }),
		whole,
	);
	for (const line of lines) expect(line).not.toMatch(/\p{Cc}/u);
	expect(lines).toHaveLength(4);
});

test("colour only where it is asked for, and older ones are told of", () => {
	const rows = [row({ current: true }), row({ status: "error", outcome: "failed" })];
	expect(terminalLines(timeline(rows), { columns: 80, colour: true }).join("\n")).toContain("\u001b[");
	const plain = terminalLines(timeline(rows, {}, true), { columns: 80, colour: false });
	expect(plain.join("\n")).not.toContain("\u001b");
	expect(plain.at(-1)).toMatch(/older ones are not shown/);
	expect(terminalLines(timeline([]), whole)).toContain("No deployment yet.");
});
