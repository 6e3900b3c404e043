import { expect, test } from "vitest";
import { judgeApplication } from "../../../../src/engine/health/verdict.ts";
import type { Verdict } from "../../../../src/model/health.ts";

const [good, bad, open] = ["healthy", "unhealthy", "inconclusive"] as const;

test.each<[Verdict[], Verdict | null]>([
	[[], null],
	[[good], good],
	[[bad], bad],
	[[open], open],
	[[good, good], good],
	[[good, bad], bad],
	[[bad, bad], bad],
	[[good, open], good],
	[[open, bad], bad],
	[[open, open], open],
	[[open, good, bad], bad],
])("%j -> %s", (verdicts, expected) => {
	expect(judgeApplication(verdicts.map((verdict) => ({ verdict })))).toBe(expected);
});
