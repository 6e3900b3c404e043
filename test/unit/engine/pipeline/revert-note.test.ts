import { describe, expect, test } from "vitest";
import { revertNote } from "../../../../src/engine/pipeline/revert-note.ts";
import type { AutoRollback } from "../../../../src/model/deployment.ts";
import type { Edge, Health } from "../../../../src/model/health.ts";

type Answer = Pick<Edge, "status" | "error">;

function healthOf(answers: Record<string, Answer>, verdict: Health["verdict"] = "unhealthy"): Health {
	const edges = Object.entries(answers).map(([host, answer]) => ({
		url: `https://${host}/`,
		verdict: verdict ?? "healthy",
		mode: "strict" as const,
		attempts: 3,
		latencyMs: 5,
		...answer,
	}));
	return { verdict, edges: edges as Edge[] };
}

const tell = (now: Health, failedAs: Health | undefined, autoRollback: Partial<AutoRollback> = {}) =>
	revertNote({ end: { live: true, health: now }, targetId: "dep_good", autoRollback: { attempted: true, ...autoRollback }, failedAs });

const said500 = { status: 500, error: "answered 500, wanted 200" };
const said502 = { status: 502, error: "answered 502, wanted 200" };
const refused = { error: "connection refused" };

describe("where what was known to be good is unhealthy too", () => {
	test.each<[string, Record<string, Answer>, Record<string, Answer>, string]>([
		[
			"the same answer",
			{ a: said500 },
			{ a: said500 },
			"It fails in the same way (https://a/: answered 500, wanted 200), which speaks against the new code",
		],
		[
			"another answer",
			{ a: said500 },
			{ a: said502 },
			"It fails in another way: https://a/ first: answered 500, wanted 200; now: answered 502, wanted 200.",
		],
		[
			"the second edge alone differs",
			{ a: said500, b: said500 },
			{ a: said500, b: refused },
			"another way: https://b/ first: answered 500, wanted 200; now: connection refused.",
		],
		[
			"no way to any edge, before and now",
			{ a: refused, b: refused },
			{ a: refused, b: refused },
			"in the same way (https://a/: connection refused), on the way to the app at every edge: look at DNS",
		],
	])("%s", (_name, before, now, words) => {
		expect(tell(healthOf(now), healthOf(before))).toContain(words);
	});

	test("nothing is compared where nothing is known of before", () => {
		expect(tell(healthOf({ a: said500 }), undefined)).not.toContain("It fails");
	});

	test("names what changed since and was not taken back", () => {
		const note = tell(healthOf({ a: said500 }), healthOf({ a: said500 }), {
			changedSince: { env: ["DATABASE"], config: ["health"] },
			migrations: { files: ["migrations/2.sql"], known: true },
		});
		expect(note).toContain("Changed since that was live, and not taken back: 1 migration file(s); env DATABASE; configuration health.");
	});
});

test("a revert that helped compares nothing", () => {
	expect(tell(healthOf({ a: { status: 200 } }, "healthy"), healthOf({ a: said500 }))).toMatch(/was put back; it is healthy\. Fix forward/);
});
