// A thousand worlds, in which everything happens at once. Like the stories they need no Docker: they are here for the time they take.
import { describe } from "vitest";
import { describeSeeds } from "../../../simulation/worlds/describe-worlds.ts";

describe("what must hold always holds in", () => {
	describeSeeds(1, 1_000);
});
