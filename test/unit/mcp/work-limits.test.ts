import { expect, test } from "vitest";
import { WorkLimits } from "../../../src/mcp/work-limits.ts";

/** Work that ends when it is told to. */
function gate() {
	const { promise, resolve } = Promise.withResolvers<void>();
	return { work: () => promise, open: resolve };
}

const patient = () => new AbortController().signal;

/** Lets everything run that can run now. */
const settled = () => new Promise((resolve) => setImmediate(resolve));

test("works a few at a time, in the order they came", async () => {
	const limits = new WorkLimits();
	const begun: number[] = [];
	const { work, open } = gate();
	const calls = Array.from({ length: 10 }, (_, n) =>
		limits.run("git", patient(), async () => {
			begun.push(n);
			await work();
			return n;
		}),
	);
	await settled();
	expect(begun).toEqual([0, 1, 2, 3]);
	open();
	expect(await Promise.all(calls)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
	expect(begun).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
});

test("a kind of work does not wait for another kind", async () => {
	const limits = new WorkLimits();
	const { work, open } = gate();
	const stuck = Array.from({ length: 50 }, () => limits.run("git", patient(), work));
	expect(await limits.run("start", patient(), async () => "begun")).toBe("begun");
	open();
	await Promise.all(stuck);
});

test("work that fails gives its place to the next", async () => {
	const limits = new WorkLimits();
	const fail = () => Promise.reject(new Error("no"));
	const calls = Array.from({ length: 20 }, () => limits.run("logs", patient(), fail));
	expect(await Promise.allSettled(calls)).toHaveLength(20);
	expect(await limits.run("logs", patient(), async () => "yes")).toBe("yes");
});

test("a line that is too long is refused, and nothing is begun", async () => {
	const limits = new WorkLimits();
	const { work, open } = gate();
	const calls = Array.from({ length: 204 }, () => limits.run("git", patient(), work));
	const late = limits.run("git", patient(), () => Promise.reject(new Error("begun")));
	await expect(late).rejects.toMatchObject({ code: "busy", retryable: true, message: expect.stringContaining("200 calls") });
	open();
	await Promise.all(calls);
});

test("a cancelled call leaves the line", async () => {
	const limits = new WorkLimits();
	const { work, open } = gate();
	const working = Array.from({ length: 4 }, () => limits.run("git", patient(), work));
	const cancel = new AbortController();
	let begun = 0;
	const waiting = Array.from({ length: 200 }, () => limits.run("git", cancel.signal, async () => begun++));
	const refused = Promise.allSettled(waiting);
	cancel.abort();
	for (const result of await refused) expect(result).toMatchObject({ status: "rejected", reason: { code: "busy" } });
	await expect(limits.run("git", AbortSignal.abort(), async () => begun++)).rejects.toMatchObject({ code: "busy" });
	const next = limits.run("git", patient(), async () => "after them");
	open();
	expect(await next).toBe("after them");
	expect(begun).toBe(0);
	await Promise.all(working);
});

test("a cancelled call that works already keeps its place until it has ended", async () => {
	const limits = new WorkLimits();
	const { work, open } = gate();
	const cancel = new AbortController();
	const working = Array.from({ length: 4 }, () => limits.run("git", cancel.signal, work));
	await settled();
	cancel.abort();
	let begun = false;
	const next = limits.run("git", patient(), async () => {
		begun = true;
	});
	await settled();
	expect(begun).toBe(false);
	open();
	await Promise.all([...working, next]);
	expect(begun).toBe(true);
});

test("work is told of a cancel by an error that may go out", async () => {
	const limits = new WorkLimits();
	const cancel = new AbortController();
	const call = limits.run(
		"git",
		cancel.signal,
		(signal) => new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason))),
	);
	await settled();
	cancel.abort("the client's words");
	await expect(call).rejects.toMatchObject({ code: "busy", message: "The call was cancelled before it was done." });
});
