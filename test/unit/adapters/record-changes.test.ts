import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "vitest";
import { recordChangesOf } from "../../../src/adapters/sqlite/record-changes.ts";
import { openStore } from "../../../src/adapters/sqlite/store.ts";
import { systemClock } from "../../../src/adapters/system-clock.ts";
import { config } from "../engine/records.ts";

/** Longer than any test may take: what ends a wait is never its time. */
const never = 600_000;

async function openFolder() {
	const folder = await mkdtemp(join(tmpdir(), "deploymill-changes-"));
	const databaseFile = join(folder, "deploymill.db");
	const store = openStore(databaseFile, join(folder, "key"), () => undefined, systemClock);
	return {
		databaseFile,
		register: (name: string) => store.registerApplication(`https://git.example.com/${name}.git`, [name], config(), "c"),
		async [Symbol.asyncDispose]() {
			store.close();
			await rm(folder, { recursive: true });
		},
	};
}

test("a wait ends when another connection records something", async () => {
	await using folder = await openFolder();
	using watch = recordChangesOf(folder.databaseFile).watch();
	const waited = watch.next(never);
	folder.register("one");
	await waited;
});

test("what was recorded before the wait, and since the watch began, ends it too", async () => {
	await using folder = await openFolder();
	using watch = recordChangesOf(folder.databaseFile).watch();
	folder.register("one");
	await watch.next(never);
});

test("after that it ends again soon, for a commit is seen later than it is written", async () => {
	await using folder = await openFolder();
	using watch = recordChangesOf(folder.databaseFile).watch();
	folder.register("one");
	for (let looks = 0; looks < 8; looks++) await watch.next(never);
});

test("an abort ends it, before and meanwhile", async () => {
	await using folder = await openFolder();
	using watch = recordChangesOf(folder.databaseFile).watch();
	const stop = new AbortController();
	const waited = watch.next(never, stop.signal);
	stop.abort();
	await waited;
	await watch.next(never, stop.signal);
});

test("where nothing can be watched, it ends by time", async () => {
	using watch = recordChangesOf("/nowhere/deploymill.db").watch();
	await watch.next(never);
});
