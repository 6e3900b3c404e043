import { expect, test } from "vitest";
import { globMatcher } from "../../../src/config/glob.ts";
import { parseGlob } from "../../../src/config/repository-path.ts";
import { wellKnownMigrations } from "../../../src/config/schema-migrations.ts";

const isMigration = globMatcher(wellKnownMigrations);

test.each([
	"migrations/001_init.sql",
	"prisma/migrations/20240101_init/migration.sql",
	"shop/orders/migrations/0002_total.py",
	"migrations/versions/ab12_add.py",
	"backend/alembic/versions/ab12_add.py",
	"db/migrate/20240101000000_create_users.rb",
	"db/animals_migrate/20240101000000_create_cats.rb",
	"src/main/resources/db/migration/V1__init.sql",
	"src/main/resources/db/changelog/changes/1.xml",
	"drizzle/0000_init.sql",
	"supabase/migrations/20240101_init.sql",
	"database/migrations/2024_01_01_000000_create_users_table.php",
	"priv/repo/migrations/20240101_create.exs",
	"src/migration/1700000000-init.ts",
	"Data/Migrations/20240101_Init.cs",
	"sqitch.plan",
])("%s is a migration", (path) => {
	expect(isMigration(path)).toBe(true);
});

test.each(["migrations/README.md", "src/index.ts", "docs/migration.md", "alembic/env.py", "db/seeds.rb"])("%s is none", (path) => {
	expect(isMigration(path)).toBe(false);
});

test("a project file could name them itself", () => {
	expect(wellKnownMigrations.map(parseGlob)).toEqual(wellKnownMigrations);
});
