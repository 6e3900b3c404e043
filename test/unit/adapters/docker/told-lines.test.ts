import { expect, test } from "vitest";
import { ToldLines } from "../../../../src/adapters/docker/told-lines.ts";
import { Redactor } from "../../../../src/redact.ts";
import { Untrusted } from "../../../../src/untrusted.ts";

async function tell(lines: Iterable<string>, value = "nothing-secret") {
	const redactor = new Redactor();
	redactor.addEnvValue(value);
	const told: string[] = [];
	const log = new ToldLines(new Untrusted(redactor), { line: (text) => told.push(text), step: () => undefined });
	await log.tell(lines);
	return { told, tail: log.tail };
}

test("a long line is cut after it is masked, so that no half of a secret stays", async () => {
	const value = "hunter2-is-a-long-password-of-48-characters-abcd";
	for (const before of [1960, 1990, 16_350, 16_380]) {
		const { told } = await tell([`#1 ${"x".repeat(before)}${value}${"y".repeat(20_000)}`], value);
		expect(told).toEqual([expect.stringMatching(/^#1 x+(?:\*{0,3}y*)… \[cut\]$/)]);
	}
	// What is masked takes less room: the end of what was read comes into what is shown.
	const { told } = await tell([`#1 ${value.repeat(341)}${value}`], value);
	expect(told[0]).toMatch(/^#1 \*{3,}… \[cut\]$/);
});

test("the last thirty lines are kept", async () => {
	const lines = Array.from({ length: 100 }, (_, n) => `#1 line ${n}`);
	const { told, tail } = await tell(lines);
	expect(told).toEqual(lines);
	expect(tail).toEqual(lines.slice(-30));
});

test("others have their turn while many lines are told", async () => {
	let turns = 0;
	const count = setInterval(() => turns++, 0);
	function* endless() {
		while (turns < 3) yield "#1 y";
	}
	await tell(endless());
	clearInterval(count);
	expect(turns).toBe(3);
});
