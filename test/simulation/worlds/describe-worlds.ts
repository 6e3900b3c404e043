// Turns worlds into tests: ranges of seeds, and those that are kept.
import { expect, it } from "vitest";
import { keptWorlds } from "./kept.ts";
import { playWorld } from "./play.ts";
import { tellOf, tellWorld, worldOf } from "./seeds.ts";

/** Wide: only a simulation that hangs can miss it, however busy the machine. */
const timeout = 600_000;
const perTest = 100;

/** The first world of a test that breaks a rule is told, as small as it can be. */
export function describeSeeds(from: number, count: number): void {
	const starts = Array.from({ length: Math.ceil(count / perTest) }, (_, index) => from + index * perTest);
	it.each(starts)(`seeds from %i on`, { timeout }, async (start) => {
		for (let seed = start; seed < Math.min(start + perTest, from + count); seed++) {
			const end = await playWorld(worldOf(seed));
			if (end.breaches.length > 0) throw new Error(await tellOf(seed, end));
		}
	});
}

export function describeKept(): void {
	it.each(keptWorlds)("kept: $found", { timeout }, async ({ plan, found }) => {
		const { breaches } = await playWorld(plan);
		if (breaches.length > 0) throw new Error(await tellWorld(plan, found));
		expect(breaches).toEqual([]);
	});
}
