import { expect, test } from "vitest";
import { containerIntervalOf, monitorMsOf, refusedWithinMs, startPeriodMs } from "../../../src/model/check-times.ts";

const policy = (times: object) => ({ path: "/healthz", retries: 3, intervalMs: 3000, timeoutMs: 5000, ...times });

test.each([
	[{}, { every: 3000, start: 10_000, refused: 10_000 + 3 * 8000 }],
	[{ intervalMs: 100 }, { every: 2000, start: 10_000, refused: 10_000 + 3 * 7000 }],
	[{ intervalMs: 60_000 }, { every: 60_000, start: 180_000, refused: 180_000 + 3 * 65_000 }],
	[{ containerIntervalMs: 100 }, { every: 100, start: 10_000, refused: 10_000 + 3 * 5100 }],
	[
		{ containerIntervalMs: 3_600_000, retries: 1 },
		{ every: 3_600_000, start: 10_000, refused: 10_000 + 3_605_000 },
	],
	[{ containerIntervalMs: undefined }, { every: 3000, start: 10_000, refused: 10_000 + 3 * 8000 }],
])("with %j: %j", (times, { every, start, refused }) => {
	expect(containerIntervalOf(policy(times))).toBe(every);
	expect(startPeriodMs(policy(times))).toBe(start);
	expect(refusedWithinMs(policy(times))).toBe(refused);
});

test.each([
	["as long as the shortest gate", {}, {}, 6000],
	["a second at the least", { intervalMs: 200 }, {}, 1000],
	["a second where one answer decides", { retries: 1, intervalMs: 60_000 }, {}, 1000],
	["half a minute at the most", { retries: 20 }, {}, 30_000],
	["as long as Swarm does by itself, without the block", { intervalMs: 200 }, { healthDeclared: false }, 5000],
	["likewise where no edge is there to be asked", { intervalMs: 200 }, { domains: [] }, 5000],
])("Swarm watches %s", (_name, times, config, ms) => {
	expect(monitorMsOf({ healthDeclared: true, domains: ["a.example.com"], health: policy(times), ...config })).toBe(ms);
});
