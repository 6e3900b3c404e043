// Plays a thousand seeded worlds, in which everything happens at once.
import { describe } from "vitest";
import { describeSeeds } from "./describe-worlds.ts";

describe("what must hold always holds in", () => {
	describeSeeds(1, 1_000);
});
