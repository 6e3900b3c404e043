import { expect, test } from "vitest";
import { migrationFilesIn, migrationGap } from "../../../../src/engine/history/migration-gap.ts";

test("only files that a glob names count, hidden folders too, sorted", () => {
	const files = ["migrations/2.sql", "migrations/1.sql", "app/.db/migrations/3.sql", "README.md", "migrations-old/1.sql"];
	const found = migrationFilesIn(
		files.map((path, index) => ({ path, blob: `b${index}` })),
		["migrations/**", "**/.db/**"],
	);
	expect(found).toEqual(["app/.db/migrations/3.sql b2", "migrations/1.sql b1", "migrations/2.sql b0"]);
	expect(migrationFilesIn([{ path: "migrations/1.sql", blob: "b" }], [])).toEqual([]);
});

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

test("what is live is not known at all", () => {
	expect(migrationGap({ migrationFiles: ["m/1 a"] }, undefined)).toEqual({ files: [], known: false });
});
