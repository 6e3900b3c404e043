import { expect, test } from "vitest";
import { systemClock } from "../../../../src/adapters/system-clock.ts";
import { recordMigrations } from "../../../../src/engine/history/migration-files.ts";

test("only files that a glob names count, hidden folders too, sorted", async () => {
	const files = ["migrations/2.sql", "migrations/1.sql", "app/.db/migrations/3.sql", "README.md", "migrations-old/1.sql"];
	const found = await recordMigrations(
		systemClock,
		files.map((path, index) => ({ path, blob: `b${index}` })),
		["migrations/**", "**/.db/**"],
	);
	expect(found).toEqual(["app/.db/migrations/3.sql b2", "migrations/1.sql b1", "migrations/2.sql b0"]);
	expect(await recordMigrations(systemClock, [{ path: "migrations/1.sql", blob: "b" }], [])).toEqual([]);
});

test("names that hide or break lines are written out", async () => {
	const found = await recordMigrations(systemClock, [{ path: "m/1\n2\u202e.sql", blob: "b" }], ["m/**"]);
	expect(found).toEqual(["m/1\\u{a}2\\u{202e}.sql b"]);
});

test.each([
	["50,000 files in one folder", (index: number) => `db/${index}.sql`],
	["50,000 files in 50,000 folders", (index: number) => `app${index}/db/1.sql`],
	["long paths", (index: number) => `${`${"folder".repeat(20)}/`.repeat(3)}${index}.sql`],
])(
	"the record of %s is small, and the loop has its turns meanwhile",
	async (_name, pathOf) => {
		const files = Array.from({ length: 50_000 }, (_, index) => ({ path: pathOf(index), blob: index.toString(16).padStart(40, "0") }));
		let turns = 0;
		const timer = setInterval(() => turns++, 1);
		const record = await recordMigrations(systemClock, files, ["**"]);
		clearInterval(timer);
		expect(record.join("\n").length).toBeLessThan(70_000);
		expect(turns).toBeGreaterThan(0);
	},
	60_000,
);
