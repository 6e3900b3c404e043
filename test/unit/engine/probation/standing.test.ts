import { describe, expect, test } from "vitest";
import { type Happening, happenings, isOpen, isTrusted, nextStanding, type Standing } from "../../../../src/engine/probation/standing.ts";

const inGate: Standing = { gate: "running", bake: "asked", confirm: "asked" };
const baking: Standing = { gate: "passed", bake: "running", confirm: "none" };
const awaited: Standing = { gate: "passed", bake: "none", confirm: "awaiting" };
const both: Standing = { gate: "passed", bake: "running", confirm: "awaiting" };

/** `gate bake confirm`, or a refusal. */
function words(standing: Standing, happening: Happening): string {
	const then = nextStanding(standing, happening);
	return then ? `${then.gate} ${then.bake} ${then.confirm}` : "refused";
}

/** What each event makes of a release in its gate, in its bake, waiting for its confirmation, and in both. */
const expected: Record<Happening, [gate: string, bake: string, confirm: string, both: string]> = {
	"the gate finds it healthy": ["passed running awaiting", "passed running none", "passed none awaiting", "passed running awaiting"],
	"the gate has nothing to probe": ["passed running awaiting", "passed running none", "passed none awaiting", "passed running awaiting"],
	"the gate cannot tell": ["passed none awaiting", "passed none none", "passed none awaiting", "passed none awaiting"],
	"the gate finds it unhealthy": ["failed none none", "passed none none", "passed none none", "passed none none"],
	"a deploy begins": ["refused", "passed cut_short none", "refused", "refused"],
	"a rollback begins": ["refused", "passed cut_short none", "passed none superseded", "passed cut_short superseded"],
	"a cancel is asked for": ["refused", "refused", "refused", "refused"],
	"a hand changes the service": ["failed none none", "passed cut_short none", "passed none superseded", "passed cut_short superseded"],
	"it fails its bake and is reverted": ["running asked asked", "passed failed none", "passed none superseded", "passed failed superseded"],
	"it fails its bake and stays": ["running asked asked", "passed failed none", "passed none awaiting", "passed failed awaiting"],
	"its bake is over, watched": ["running asked asked", "passed passed none", "passed none awaiting", "passed passed awaiting"],
	"its bake is over, unwatched": ["running asked asked", "passed unobserved none", "passed none awaiting", "passed unobserved awaiting"],
	"it is confirmed": ["refused", "passed running none", "passed none confirmed", "passed running confirmed"],
	"its time to be confirmed is over": ["running asked asked", "passed cut_short none", "passed none expired", "passed cut_short expired"],
	"its worker dies": ["running asked asked", "passed running none", "passed none awaiting", "passed running awaiting"],
	"the server dies": ["running asked asked", "passed running none", "passed none awaiting", "passed running awaiting"],
	"the clock is set back": ["running asked asked", "passed running none", "passed none awaiting", "passed running awaiting"],
};

describe("A release that is live and not yet trusted", () => {
	test.each(happenings)("when %s", (happening) => {
		expect([inGate, baking, awaited, both].map((standing) => words(standing, happening))).toEqual(expected[happening]);
	});

	test("begins only what was asked for", () => {
		const plain: Standing = { gate: "running", bake: "none", confirm: "none" };
		expect(words(plain, "the gate finds it healthy")).toBe("passed none none");
		expect(words({ ...plain, confirm: "asked" }, "the gate finds it healthy")).toBe("passed none awaiting");
	});

	test("is changed by nothing once all of it is over", () => {
		const bakes = ["none", "passed", "failed", "cut_short", "unobserved"] as const;
		const confirms = ["none", "confirmed", "expired", "superseded"] as const;
		const over = bakes.flatMap((bake) => confirms.map((confirm): Standing => ({ gate: "passed", bake, confirm })));
		for (const standing of over) {
			expect(isOpen(standing)).toBe(false);
			for (const happening of happenings) expect(nextStanding(standing, happening), happening).toEqual(standing);
		}
	});

	test("never gets back what it has lost while the rest goes on", () => {
		const then = (standing: Standing) => happenings.flatMap((happening) => nextStanding(standing, happening) ?? []);
		for (const bake of ["passed", "failed", "cut_short", "unobserved"] as const) {
			expect(new Set(then({ ...both, bake }).map((standing) => standing.bake))).toEqual(new Set([bake]));
		}
		for (const confirm of ["confirmed", "expired", "superseded"] as const) {
			expect(new Set(then({ ...both, confirm }).map((standing) => standing.confirm))).toEqual(new Set([confirm]));
		}
	});

	test("is trusted when its bake passed and it was confirmed, as far as either was asked for", () => {
		const until = "2026-01-01T00:00:00.000Z";
		expect(isTrusted({})).toBe(true);
		expect(isTrusted({ bake: { state: "passed", until } })).toBe(true);
		expect(isTrusted({ confirm: { state: "confirmed", until } })).toBe(true);
		expect(isTrusted({ bake: { state: "passed", until }, confirm: { state: "confirmed", until } })).toBe(true);
		for (const state of ["running", "failed", "cut_short", "unobserved"] as const) {
			expect(isTrusted({ bake: { state, until } }), state).toBe(false);
			expect(isTrusted({ bake: { state, until }, confirm: { state: "confirmed", until } }), state).toBe(false);
		}
		for (const state of ["awaiting", "expired", "superseded"] as const) expect(isTrusted({ confirm: { state, until } }), state).toBe(false);
	});
});
