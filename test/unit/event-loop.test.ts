import { expect, test } from "vitest";
import { WorkSlices } from "../../src/event-loop.ts";

test("long work lets the loop turn", async () => {
	let turns = 0;
	const count = setInterval(() => turns++, 0);
	const slices = new WorkSlices();
	// Ends by the loop's turns alone.
	while (turns < 3) await slices.pause();
	clearInterval(count);
	expect(turns).toBe(3);
});
