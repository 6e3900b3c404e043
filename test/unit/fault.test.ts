import { expect, test } from "vitest";
import { describeFault, recordFault } from "../../src/fault.ts";

const unprintable = {
	toString() {
		throw new Error("no");
	},
};

test.each([
	["an error", new Error("why"), /^Error: why\n {4}at /],
	["text", "why", /^why$/],
	["nothing", undefined, /^undefined$/],
	["what cannot be printed", unprintable, /^\(an error that cannot be turned into text\)$/],
	["what has no prototype", Object.create(null), /^\(an error that cannot be turned into text\)$/],
])("%s that was thrown is described", (_name, error, words) => {
	expect(describeFault(error)).toMatch(words);
});

test("a fault stands in the log under the id that is given, with its facts", () => {
	const logged: unknown[] = [];
	const faultId = recordFault({ error: (...all) => logged.push(all) }, "why", "a thing failed", { tool: "deploy" });
	expect(logged).toEqual([[{ faultId, tool: "deploy", error: "why" }, "a thing failed"]]);
});

test("a log that fails takes nothing with it", () => {
	const log = {
		error() {
			throw new Error("the disk is full");
		},
	};
	expect(recordFault(log, "why", "a thing failed")).toMatch(/^[0-9a-f]{8}$/);
});
