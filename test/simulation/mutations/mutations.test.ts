// Proves that the rules can be broken: each deliberate fault is noticed by one of a few worlds.
import { describe, expect, it } from "vitest";
import { catchMutation } from "./catch.ts";
import { mutations } from "./table.ts";

const most = 100;

describe("worlds notice when", () => {
	it.each(mutations)("$name", { timeout: 600_000 }, async (mutation) => {
		const caught = await catchMutation(mutation, most);
		expect(caught?.rule, `one of ${most} worlds breaks one of: ${mutation.rules.join("; ")}`).toBeOneOf(mutation.rules);
	});
});
