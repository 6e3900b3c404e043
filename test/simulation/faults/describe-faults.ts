// Turns stories into tests: each told once undisturbed, then with every fault once, and no rule broken in any telling.
import { expect, it } from "vitest";
import type { Breach } from "../rules/breach.ts";
import type { Depth, FaultPoint } from "./fault-points.ts";
import { playWithFault, rehearse, tell } from "./play.ts";
import type { Story } from "./story.ts";

/** A fault that is known and not mended yet, as `story: call, fault: rule`. A test that no longer finds it fails, so that the line goes. */
export type OpenFindings = readonly string[];

/** Wide: only a simulation that hangs can miss it, however busy the machine. */
const timeoutMs = 600_000;

export function describeFaults(stories: readonly Story[], depth: Depth, open: OpenFindings): void {
	it.each(stories)("$name", { timeout: timeoutMs }, async (story) => {
		const { calls, breaches } = await rehearse(story);
		expect(breaches, "undisturbed").toEqual([]);
		// Where real time passes in it, faults are staged at other calls than those that were counted.
		expect((await rehearse(story)).calls.length, "calls, each time it is told").toBe(calls.length);
		const found = new Set<string>();
		const unknown: { point: FaultPoint; breach: Breach }[] = [];
		for (const point of calls.points(depth)) {
			for (const breach of await playWithFault(story, point)) {
				const finding = `${story.name}: ${point.name}, ${point.fault}: ${breach.rule}`;
				found.add(finding);
				if (!open.includes(finding)) unknown.push({ point, breach });
			}
		}
		if (unknown[0]) throw new Error(await report(story, unknown, unknown[0].point));
		expect(found).toEqual(new Set(open.filter((finding) => finding.startsWith(`${story.name}: `))));
	});
}

/** All breaches in a line each, and the first of them as it came about. */
async function report(story: Story, all: { point: FaultPoint; breach: Breach }[], first: FaultPoint): Promise<string> {
	const lines = all.map(
		({ point, breach }) => `${point.process} ${point.name} (call ${point.index}), ${point.fault}: ${breach.rule}: ${breach.how}`,
	);
	return [`${all.length} breaches`, ...lines.slice(0, 40), "", "The first of them:", await tell(story, first)].join("\n");
}
