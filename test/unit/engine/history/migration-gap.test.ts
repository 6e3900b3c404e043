import { expect, test } from "vitest";
import { systemClock } from "../../../../src/adapters/system-clock.ts";
import { recordMigrations } from "../../../../src/engine/history/migration-files.ts";
import { countGap, migrationGap, migrationsOfDeploy, shownGap } from "../../../../src/engine/history/migration-gap.ts";

test.each<[string, string[] | undefined, string[] | undefined, { files: string[]; known: boolean }]>([
	["none at all", [], [], { files: [], known: true }],
	["the same", ["m/1 a"], ["m/1 a"], { files: [], known: true }],
	["one more in what is live", ["m/1 a"], ["m/1 a", "m/2 b"], { files: ["m/2"], known: true }],
	["one more in the target: rolling forward", ["m/1 a", "m/2 b"], ["m/1 a"], { files: ["m/2"], known: true }],
	["edited in between", ["m/1 a"], ["m/1 b"], { files: ["m/1"], known: true }],
	["renamed", ["m/1 a"], ["m/one a"], { files: ["m/1", "m/one"], known: true }],
	["a path with spaces", [], ["m/add a table.sql b"], { files: ["m/add a table.sql"], known: true }],
	["sorted, each once", ["m/3 a", "m/1 a"], ["m/3 b", "m/2 a"], { files: ["m/1", "m/2", "m/3"], known: true }],
	["not recorded for the target", undefined, ["m/1 a"], { files: [], known: false }],
	["not recorded for what is live", ["m/1 a"], undefined, { files: [], known: false }],
])("%s", (_name, target, live, expected) => {
	const facts = (files: string[] | undefined) => (files ? { migrationFiles: files } : {});
	expect(migrationGap(facts(target), facts(live))).toEqual(expected);
});

test.each<[string, string[], string[], { ships: string[]; left: string[] }]>([
	["one more", ["m/1 a", "m/2 b"], ["m/1 a"], { ships: ["m/2"], left: [] }],
	["an older commit", ["m/1 a"], ["m/1 a", "m/2 b"], { ships: [], left: ["m/2"] }],
	["edited", ["m/1 b"], ["m/1 a"], { ships: ["m/1"], left: [] }],
	["another branch", ["m/1 a", "m/3 c"], ["m/1 a", "m/2 b"], { ships: ["m/3"], left: ["m/2"] }],
])("a deploy brings its own migrations, and leaves those behind that it does not have: %s", (_name, to, live, { ships, left }) => {
	expect(migrationsOfDeploy({ migrationFiles: to }, { migrationFiles: live })).toEqual({ ships: { files: ships, known: true }, left });
});

test("what is live is not known at all", () => {
	expect(migrationsOfDeploy({ migrationFiles: ["m/1 a"] }, undefined)).toEqual({ ships: { files: [], known: false }, left: [] });
	expect(migrationGap({ migrationFiles: ["m/1 a"] }, undefined)).toEqual({ files: [], known: false });
});

/** As many migrations in one folder, and one in each of as many folders. */
const inOneFolder = (count: number) => Array.from({ length: count }, (_, index) => ({ path: `db/${index}.sql`, blob: `${index}` }));
const inManyFolders = (count: number) => Array.from({ length: count }, (_, index) => ({ path: `app${index}/db/1.sql`, blob: `${index}` }));
const gapBetween = async (before: { path: string; blob: string }[], after: { path: string; blob: string }[]) => {
	const [target, live] = await Promise.all([recordMigrations(systemClock, before, ["**"]), recordMigrations(systemClock, after, ["**"])]);
	return migrationGap({ migrationFiles: target }, { migrationFiles: live });
};

test("of very many files, the folders are told that they differ in", async () => {
	const files = [...inOneFolder(2000), { path: "init.sql", blob: "a" }];
	expect(await gapBetween(files, files)).toEqual({ files: [], known: true });
	const gap = await gapBetween(files, [...files, { path: "db/new.sql", blob: "b" }]);
	expect(gap).toEqual({ files: ["db/"], known: true });
	expect(countGap(gap)).toBe("migration files in 1 folder(s)");
	expect(await gapBetween(files, files.with(-1, { path: "init.sql", blob: "b" }))).toEqual({ files: ["./"], known: true });
	expect(await gapBetween(inManyFolders(3000), inManyFolders(3000))).toEqual({ files: [], known: true });
	expect(await gapBetween(inManyFolders(3000), inManyFolders(3001))).toEqual({ files: ["/"], known: true });
});

test("few files and very many are compared as well as they can be", async () => {
	const few = [...inOneFolder(10), { path: "other/1.sql", blob: "a" }];
	expect(await gapBetween(few, [...inOneFolder(2000), { path: "other/1.sql", blob: "a" }])).toEqual({ files: ["db/"], known: true });
	expect(await gapBetween([], inOneFolder(2000))).toEqual({ files: ["db/"], known: true });
	expect(await gapBetween(inManyFolders(900), inManyFolders(3000))).toEqual({ files: ["/"], known: true });
	// One fewer than is recorded by file, and one more.
	expect(await gapBetween(inOneFolder(1000), inOneFolder(1001))).toEqual({ files: ["db/"], known: true });
});

test("a gap is shown cut", () => {
	const files = Array.from({ length: 120 }, (_, index) => `${String(index).padStart(3, "0")}${"x".repeat(300)}`);
	const shown = shownGap({ files, known: true });
	expect(shown).toMatchObject({ total: 120, known: true });
	expect(shown.files).toHaveLength(50);
	expect(Math.max(...shown.files.map((file) => file.length))).toBe(200);
	expect(countGap(shown)).toBe("120 migration file(s)");
});
