// Lists the well-known places of database migrations, for projects that do not name their own.

/** Globs over a repository's paths. Files in any other format (a README) in these folders are no migrations. */
export const wellKnownMigrations: readonly string[] = Object.freeze([
	// Prisma, Django, Flask-Migrate, Laravel, Doctrine, Knex, Sequelize, TypeORM, Supabase, Ecto, Diesel, sqlx, goose, dbmate, Entity Framework
	"**/{migrations,Migrations}/**/*.{sql,py,js,cjs,mjs,ts,cts,mts,rb,php,go,ex,exs,rs,cs,java,kt,xml,yml,yaml,toml}",
	// TypeORM's older default, Sea-ORM
	"**/migration/**/*.{sql,js,ts,rs}",
	// Alembic
	"**/alembic/versions/**/*.py",
	// Rails, also with several databases
	"**/db/{migrate,*_migrate}/**/*.{rb,sql}",
	// Flyway
	"**/db/migration/**/*.{sql,java,kt}",
	// Liquibase
	"**/db/changelog/**/*.{sql,xml,yml,yaml,json}",
	// Drizzle
	"**/drizzle/**/*.sql",
	// Sqitch
	"**/sqitch.plan",
]);
