import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { type ProgressNote, progressNotes } from "../../../src/mcp/progress.ts";
import type { Deployment } from "../../../src/model/deployment.ts";
import { deployment } from "../engine/records.ts";

const begin = Date.parse("2026-01-01T00:00:00.000Z");
beforeEach(() => vi.useFakeTimers({ now: begin }));
afterEach(() => vi.useRealTimers());

/** Looks at these moments (milliseconds since the start), and what was sent. */
function notesOf(looks: [number, Partial<Deployment>][]): ProgressNote[] {
	const notes: ProgressNote[] = [];
	const look = progressNotes((note) => notes.push(note));
	for (const [atMs, over] of looks) {
		vi.setSystemTime(begin + atMs);
		look(deployment({ status: "running", ...over }));
	}
	return notes;
}

test("one note for every change, and one every other second", () => {
	const build = { phase: "build", step: "[1/2] FROM scratch" } as const;
	expect(
		notesOf([
			[0, { phase: "queued" }],
			[100, { phase: "queued" }],
			[200, { phase: "checkout" }],
			[1_000, build],
			[2_900, build],
			[3_000, build],
			[4_999, build],
			[6_000, { phase: "push", step: "1 of 2 layers pushed" }],
			[12_340, { phase: "finished", outcome: "live" }],
		]),
	).toEqual([
		{ progress: 1, message: "queued (0.0 s)" },
		{ progress: 200, message: "checkout (0.2 s)" },
		{ progress: 1_000, message: "build (untrusted words of the build): [1/2] FROM scratch (1.0 s)" },
		{ progress: 3_000, message: "build (untrusted words of the build): [1/2] FROM scratch (3.0 s)" },
		{ progress: 6_000, message: "push: 1 of 2 layers pushed (6.0 s)" },
		{ progress: 12_340, message: "finished: live (12.3 s)" },
	]);
});

test("progress grows even where the clock does not", () => {
	const progress = notesOf([
		[500, { phase: "build" }],
		[500, { phase: "push" }],
		[100, { phase: "release" }],
		[0, { phase: "health" }],
	]).map((note) => note.progress);
	expect(progress).toEqual([500, 501, 502, 503]);
});
