import { describe, expect, test } from "vitest";
import { type EdgeJudge, EdgeWatch, watchIntervalMs } from "../../../../src/engine/probation/edge-watch.ts";
import type { Edge, Verdict } from "../../../../src/model/health.ts";
import { VirtualClock } from "../../../simulation/virtual-clock.ts";

const [a, b] = ["https://a.example", "https://b.example"];
const edge = (url: string, over: Partial<Edge> = {}): Edge => ({
	url,
	path: "/healthz",
	verdict: "healthy",
	mode: "strict",
	status: 200,
	attempts: 3,
	latencyMs: 5,
	...over,
});
const intervalMs = 5_000;

/** What an edge answers so many milliseconds after the watch began. */
type Answers = Record<string, (ms: number) => number>;

/** As a gate does that wants three answers in a row, and bears thirty without. */
function gateOn(clock: VirtualClock, answers: Answers, asked: { url: string; ms: number }[]): EdgeJudge {
	return async (url, onRound, signal) => {
		const rounds: number[] = [];
		for (;;) {
			asked.push({ url, ms: clock.monotonic() });
			const status = answers[url]?.(clock.monotonic()) ?? 200;
			rounds.push(status);
			onRound(status === 200);
			const verdict = verdictOf(rounds);
			if (verdict) return edge(url, { status, verdict });
			await clock.sleep(intervalMs, signal);
			signal.throwIfAborted();
		}
	};
}

function verdictOf(rounds: number[]): Verdict | undefined {
	const last = new Set(rounds.slice(-3));
	if (rounds.length < 3 || last.size > 1) return rounds.length < 30 ? undefined : "unhealthy";
	return last.has(200) ? "healthy" : "unhealthy";
}

function watch(answers: Answers, edges: Edge[] = [edge(a)]) {
	const clock = new VirtualClock();
	const asked: { url: string; ms: number }[] = [];
	const stop = new AbortController();
	const watched = new EdgeWatch({ clock, edges, intervalMs, judge: gateOn(clock, answers, asked), signal: stop.signal });
	return { clock, asked, stop, watched };
}

const from = (ms: number, status: number) => (now: number) => (now >= ms ? status : 200);
const between = (begin: number, end: number) => (now: number) => (now >= begin && now < end ? 500 : 200);

describe("The edges of a release on probation", () => {
	test("are asked gate after gate, until the watch ends", async () => {
		const { clock, asked, watched } = watch({});
		await clock.pass(61_000);
		expect(asked.map(({ ms }) => ms).slice(0, 4)).toEqual([5_000, 10_000, 15_000, 20_000]);
		expect(asked).toHaveLength(12);
		watched[Symbol.dispose]();
		await clock.pass(60_000);
		expect(asked).toHaveLength(12);
	});

	test("fail when each fails as often in a row as the gate wants, and not before", async () => {
		const { clock, watched } = watch({ [a]: from(20_000, 500) });
		await clock.pass(28_000);
		expect(watched.isFailing(0)).toBe(false);
		await clock.pass(3_000);
		expect(watched.isFailing(0)).toBe(true);
		expect(watched.health).toMatchObject({ verdict: "unhealthy", edges: [{ url: a, verdict: "unhealthy", status: 500 }] });
	});

	test("do not fail while one of them is well", async () => {
		const { clock, watched } = watch({ [a]: from(0, 500) }, [edge(a), edge(b)]);
		await clock.pass(120_000);
		expect(watched.isFailing(0)).toBe(false);
		expect(watched.health.verdict).toBe("unhealthy");
	});

	test("do not fail any more where one of them answers again", async () => {
		const { clock, watched } = watch({ [a]: between(0, 31_000) });
		await clock.pass(31_000);
		expect(watched.isFailing(0)).toBe(true);
		await clock.pass(5_000);
		expect(watched.isFailing(0)).toBe(false);
		await clock.pass(15_000);
		expect(watched.health.verdict).toBe("healthy");
	});

	test("fail when they flap for as long as the gate bears it", async () => {
		const { clock, watched } = watch({ [a]: (ms) => (ms % 15_000 === 0 ? 500 : 200) });
		await clock.pass(100_000);
		expect(watched.health.verdict).toBe("healthy");
		await clock.pass(60_000);
		expect(watched.health).toMatchObject({ verdict: "unhealthy", edges: [{ url: a }] });
	});

	test("forgive failures now and then", async () => {
		const { clock, watched } = watch({ [a]: (ms) => (ms % 25_000 === 0 ? 500 : 200) });
		for (let round = 0; round < 40; round++) {
			await clock.pass(5_000);
			expect(watched.isFailing(0)).toBe(false);
		}
	});

	test("that nobody can judge say nothing; tasks that do not stay count as one that fails", async () => {
		const { watched } = watch({}, [edge(a, { verdict: "inconclusive" })]);
		expect(watched.isFailing(0)).toBe(false);
		expect(watched.isFailing(1)).toBe(true);
		watched[Symbol.dispose]();
		const none = watch({}, []).watched;
		expect([none.isFailing(0), none.isFailing(1)]).toEqual([false, true]);
		const well = watch({}, [edge(a)]).watched;
		expect(well.isFailing(1)).toBe(false);
		well[Symbol.dispose]();
	});

	test("are waited for at the end until each was judged in this watch, and where its last answers are others than before", async () => {
		const { clock, watched } = watch({ [a]: from(22_000, 500) });
		const first = await clock.run(watched.settled());
		expect([first.verdict, clock.monotonic()]).toEqual(["healthy", 15_000]);
		await clock.pass(12_000);
		const second = await clock.run(watched.settled());
		expect([second.verdict, clock.monotonic()]).toEqual(["unhealthy", 35_000]);
		await clock.pass(1_000);
		const third = await clock.run(watched.settled());
		expect([third.verdict, clock.monotonic()]).toEqual(["unhealthy", 36_000]);
		watched[Symbol.dispose]();
	});

	test("are asked no more often than every five seconds, whatever the gate's own interval", () => {
		const policy = { path: "/healthz", retries: 3, intervalMs: 1_000, timeoutMs: 1_000 };
		expect([100, 5_000, 60_000].map((ms) => watchIntervalMs({ ...policy, intervalMs: ms }))).toEqual([5_000, 5_000, 60_000]);
	});

	test("are not waited for any longer when the watch is over", async () => {
		const { clock, watched, stop } = watch({});
		const settled = watched.settled();
		settled.catch(() => undefined);
		stop.abort(new Error("the watch is over"));
		await expect(clock.run(settled)).rejects.toThrow("the watch is over");
	});

	test("tell of a fault that ended the watching", async () => {
		const clock = new VirtualClock();
		const judge = () => Promise.reject(new TypeError("a fault of ours"));
		const watched = new EdgeWatch({ clock, edges: [edge(a)], intervalMs, judge, signal: new AbortController().signal });
		await clock.pass(6_000);
		expect(() => watched.health).toThrow("a fault of ours");
	});
});
