import { existsSync, mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { removeOldCompiled } from "../../../src/adapters/compile-cache.ts";

const dayMs = 24 * 60 * 60 * 1000;

test("what was compiled more than 30 days ago is removed, and nothing else", async () => {
	const dataFolder = mkdtempSync(join(tmpdir(), "deploymill-compiled-"));
	onTestFinished(() => rmSync(dataFolder, { recursive: true }));
	const cache = join(dataFolder, "compile-cache", "v24");
	mkdirSync(cache, { recursive: true });
	const now = Date.now();
	for (const [name, days] of Object.entries({ old: 31, new: 29 })) {
		writeFileSync(join(cache, name), "");
		utimesSync(join(cache, name), (now - days * dayMs) / 1000, (now - days * dayMs) / 1000);
	}
	writeFileSync(join(dataFolder, "key"), "");
	utimesSync(join(dataFolder, "key"), 0, 0);
	expect(await removeOldCompiled(dataFolder, now)).toBe(1);
	expect([existsSync(join(cache, "old")), existsSync(join(cache, "new")), existsSync(join(dataFolder, "key"))]).toEqual([
		false,
		true,
		true,
	]);
});

test("a data folder without a cache is fine", async () => {
	const dataFolder = mkdtempSync(join(tmpdir(), "deploymill-compiled-"));
	onTestFinished(() => rmSync(dataFolder, { recursive: true }));
	expect(await removeOldCompiled(dataFolder, 0)).toBe(0);
});
