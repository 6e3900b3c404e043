import { describe, expect, it } from "vitest";
import { describeKept, describeSeeds } from "../../simulation/worlds/describe-worlds.ts";
import { playWorld } from "../../simulation/worlds/play.ts";
import { worldOf } from "../../simulation/worlds/seeds.ts";

describe("what must hold always holds in worlds", () => {
	describeKept();
	// The rest of a thousand is played by `npm run simulation`.
	describeSeeds(1, 100);
});

describe("a seed", () => {
	it("always tells the same story", async () => {
		for (const seed of [7, 25, 110]) {
			const [first, second] = [await playWorld(worldOf(seed), { isTold: true }), await playWorld(worldOf(seed), { isTold: true })];
			expect(second).toEqual(first);
		}
	});
});
