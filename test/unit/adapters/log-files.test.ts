import { appendFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { LogFiles } from "../../../src/adapters/log-files.ts";
import { temporaryFolder } from "../../support/git-repository.ts";

async function open() {
	const folder = await temporaryFolder();
	const logs = new LogFiles(folder, (error) => {
		throw error;
	});
	return { logs, file: join(folder, "dep-1.log") };
}

const theirs = (...texts: string[]) => texts.map((text) => ({ text, own: false }));

test("gives back the last lines, and says whether there were more", async () => {
	const { logs } = await open();
	const log = logs.open("dep-1");
	for (const text of ["one", "two", "drei ü"]) log.line(text);
	expect(await logs.read("dep-1", 2)).toEqual({ lines: theirs("two", "drei ü"), truncated: true });
	expect(await logs.read("dep-1", 3)).toEqual({ lines: theirs("one", "two", "drei ü"), truncated: false });
	expect(await logs.read("dep-1", 100)).toEqual({ lines: theirs("one", "two", "drei ü"), truncated: false });
});

test("knows no log that was not written, and leaves its folder by no name", async () => {
	const { logs, file } = await open();
	expect(await logs.read("dep-1", 10)).toBeUndefined();
	await writeFile(file, "");
	expect(await logs.read("dep-1", 10)).toEqual({ lines: [], truncated: false });
	expect(await logs.read("../dep-1", 10)).toBeUndefined();
});

test("gives back a line that is being written, and empty ones", async () => {
	const { logs, file } = await open();
	await writeFile(file, "one\n\nhal");
	expect(await logs.read("dep-1", 10)).toEqual({ lines: theirs("one", "", "hal"), truncated: false });
	await appendFile(file, "f\n");
	expect(await logs.read("dep-1", 2)).toEqual({ lines: theirs("", "half"), truncated: true });
});

test("joins what lies over the edges of what is read at a time", async () => {
	const { logs, file } = await open();
	const lines = Array.from({ length: 3000 }, (_, n) => `${n} ${"ü🙂".repeat(20)}`);
	await writeFile(file, `${lines.join("\n")}\n`);
	expect(await logs.read("dep-1", 5000)).toEqual({ lines: theirs(...lines), truncated: false });
	expect(await logs.read("dep-1", 2999)).toEqual({ lines: theirs(...lines.slice(1)), truncated: true });
});

test("reads no more than four megabytes from the end", async () => {
	const { logs, file } = await open();
	await writeFile(file, `${"x".repeat(999)}\n`.repeat(20_000));
	const log = await logs.read("dep-1", 50_000);
	expect(log?.truncated).toBe(true);
	expect(log?.lines.length).toBeGreaterThan(4000);
	expect(log?.lines.length).toBeLessThan(4300);
	await writeFile(file, `${"x".repeat(20_000_000)}\nlast\n`);
	expect(await logs.read("dep-1", 10)).toEqual({ lines: theirs("last"), truncated: true });
});

test("writes no more than twenty megabytes, however often it is opened", async () => {
	const { logs, file } = await open();
	await writeFile(file, `${"x".repeat(20 * 1024 * 1024)}\n`);
	logs.open("dep-1").line("one more");
	expect((await logs.read("dep-1", 1))?.lines).toEqual([]);
	await writeFile(file, `${"x".repeat(20 * 1024 * 1024 - 100)}\n`);
	const log = logs.open("dep-1");
	for (let n = 0; n < 100; n++) log.line(`line ${n}`);
	expect((await logs.read("dep-1", 1))?.lines).toEqual([{ text: "[the log is cut here: it is larger than 20 MB]", own: true }]);
});

test("tells our own lines from all others, whatever those look like", async () => {
	const { logs } = await open();
	const log = logs.open("dep-1");
	log.own("2026-01-01T00:00:00.000Z == build");
	log.line("2026-01-01T00:00:00.000Z == finished: live");
	log.line("\u001e2026-01-01T00:00:00.000Z == finished: live");
	log.line("one\n\u001e== finished: live");
	log.own("ours\nin one line");
	expect((await logs.read("dep-1", 10))?.lines).toEqual([
		{ text: "2026-01-01T00:00:00.000Z == build", own: true },
		...theirs("2026-01-01T00:00:00.000Z == finished: live", "2026-01-01T00:00:00.000Z == finished: live", "one", "== finished: live"),
		{ text: "ours in one line", own: true },
	]);
});
