import { createHash } from "node:crypto";
import { chmodSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect, test } from "vitest";
import { Database } from "../../../src/adapters/sqlite/database.ts";
import { migrations } from "../../../src/adapters/sqlite/migrations.ts";
import { systemClock } from "../../../src/adapters/system-clock.ts";
import { begin, DataFolder, end, inProcesses, register } from "./data-folder.ts";

const mode = (file: string) => (statSync(file).mode & 0o777).toString(8);
const hash = (file: string) => createHash("sha256").update(readFileSync(file)).digest("hex");

test("the folder is 0700 and every file in it 0600, whatever the umask", () => {
	const before = process.umask(0o000);
	try {
		using data = new DataFolder();
		const store = data.open();
		register(store);
		store.changeEnv("hello", { set: { A: "hunter22" }, unset: [], replace: false });
		expect(readdirSync(data.folder).sort()).toEqual(["deploymill.db", "deploymill.db-shm", "deploymill.db-wal", "key"]);
		expect(mode(data.folder)).toBe("700");
		for (const file of readdirSync(data.folder)) expect([file, mode(join(data.folder, file))]).toEqual([file, "600"]);
	} finally {
		process.umask(before);
	}
});

test("WAL is on, and lost power loses nothing that was committed", () => {
	using data = new DataFolder();
	data.open();
	const sqlite = new DatabaseSync(data.databaseFile);
	expect(sqlite.prepare("PRAGMA journal_mode").get()).toEqual({ journal_mode: "wal" });
	expect(sqlite.prepare("PRAGMA user_version").get()).toEqual({ user_version: migrations.length });
	sqlite.close();
});

const application = `INSERT INTO applications (application_id, repo_url, config, config_commit, created_at) VALUES ('hello', 'https://git.example.com/hello.git', '{"name":"Hello"}', 'c0ffee', '2026-01-01T00:00:00.000Z')`;
const deployment = `INSERT INTO deployments (deployment_id, application_id, kind, status, phase, outcome, verdict, request, requested_by, started_at, phases, phase_started_at, facts)
	VALUES ('dep-1', 'hello', 'deploy', 'done', 'finished', 'live', 'healthy', '{}', 'me', '2026-01-01T00:00:00.000Z', '[]', '2026-01-01T00:00:00.000Z', '{"rollbackId":"rb-1"}')`;
const point = `INSERT INTO rollback_points (rollback_id, application_id, deployment_id, reference, digest, created_at, unusable_because) VALUES ('rb-1', 'hello', 'dep-1', 'r/hello@sha256:1', 'sha256:1', '2026-01-01T00:00:00.000Z', NULL)`;
const cancelledDeployment = deployment
	.replace("'dep-1'", "'dep-2'")
	.replace("'done', 'finished', 'live', 'healthy'", "'cancelled', 'finished', 'cancelled', NULL");
const cancelledPoint = point.replace("'rb-1', 'hello', 'dep-1'", "'rb-2', 'hello', 'dep-2'");
const lock = `INSERT INTO locks VALUES ('hello', 'dep-1', NULL, 'me', '2026-01-01T00:00:00.000Z', 1)`;

test("what was put on a service before its order was recorded counts as put there earlier, in the order in which it began", () => {
	using data = new DataFolder();
	const old = new Database(data.databaseFile, systemClock, migrations.slice(0, 10));
	old.run(application);
	const insert = (deploymentId: string, facts: object, over: { outcome?: string } = {}) =>
		old.run(
			`INSERT INTO deployments (deployment_id, application_id, kind, status, phase, outcome, request, requested_by, started_at, phases, phase_started_at, facts)
			VALUES (?, 'hello', 'deploy', 'done', 'finished', ?, '{}', 'me', '2026-01-01T00:00:00.000Z', '[]', '2026-01-01T00:00:00.000Z', ?)`,
			deploymentId,
			over.outcome ?? "live",
			JSON.stringify({ image: { digest: "sha256:a", reference: "r@sha256:a" }, ...facts }),
		);
	insert("dep-a", { rolledOver: true });
	insert("dep-b", { rolledOver: false, runsOn: "dep-a" }, { outcome: "unchanged" });
	insert("dep-c", { rolledOver: false }, { outcome: "failed" });
	old.close();
	const store = data.open();
	const orders = ["dep-a", "dep-b", "dep-c"].map((id) => store.findDeployment(id)?.putOrder);
	expect(orders).toEqual([-3, -2, undefined]);
	expect(store.findLastPut("hello")?.deploymentId).toBe("dep-b");
	end(store, begin(store, "dep-d").deploymentId);
	expect(store.findLastPut("hello")?.deploymentId).toBe("dep-b");
	store.finishDeployments(begin(store, "dep-e"), [
		{ deploymentId: "dep-e", end: { status: "done", outcome: "live", facts: { rolledOver: true } } },
	]);
	expect(store.findLastPut("hello")).toMatchObject({ deploymentId: "dep-e", putOrder: -1 });
});

test.each(migrations.map((_, index) => [index] as const))("what version %i wrote survives", (version) => {
	using data = new DataFolder();
	const old = new Database(data.databaseFile, systemClock, migrations.slice(0, version));
	if (version >= 1) for (const sql of [application, deployment, point, lock]) old.run(sql);
	old.close();
	const store = data.open();
	expect(store.listApplications().map(({ applicationId }) => applicationId)).toEqual(version >= 1 ? ["hello"] : []);
	if (version === 0) return;
	expect(store.findDeployment("dep-1")).toMatchObject({ sequence: 1, status: "done", verdict: "healthy", rollbackId: "rb-1" });
	expect(store.findRollbackPoint("rb-1")).toMatchObject({ deploymentId: "dep-1", image: { reference: "r/hello@sha256:1" } });
	// A lease of before, in whatever time it was kept, is of a process that is gone.
	expect(store.lockHolder("hello")).toBeUndefined();
	expect(store.changeEnv("hello", { set: { A: "1" }, unset: [], replace: false }).set).toEqual(["A"]);
});

test("points that a cancelled rollback gave up by mistake are mended; a cancelled deploy's own is not", () => {
	using data = new DataFolder();
	const old = new Database(data.databaseFile, systemClock, migrations.slice(0, 2));
	for (const sql of [application, deployment, point, cancelledDeployment, cancelledPoint]) old.run(sql);
	old.run("UPDATE rollback_points SET unusable_because = 'its deployment was cancelled before it ran'");
	old.close();
	const points = data.open().listRollbackPoints("hello");
	expect(points.map(({ rollbackId, unusableBecause }) => [rollbackId, unusableBecause])).toEqual([
		["rb-2", "its deployment was cancelled before it ran"],
		["rb-1", undefined],
	]);
});

test("a step that fails leaves the version before it, whole", () => {
	using data = new DataFolder();
	new Database(data.databaseFile, systemClock).close();
	const broken = [...migrations, "CREATE TABLE half (a TEXT) STRICT; CREATE TABLE applications (a TEXT) STRICT;"];
	expect(() => new Database(data.databaseFile, systemClock, broken)).toThrow("already exists");
	const database = new Database(data.databaseFile, systemClock);
	expect(database.get("PRAGMA user_version")).toEqual({ user_version: migrations.length });
	expect(database.get("SELECT name FROM sqlite_schema WHERE name = 'half'")).toBeUndefined();
	database.close();
});

const future = [...migrations, "CREATE TABLE future (a TEXT) STRICT;"];

test("a database from a newer version is refused and left byte for byte", () => {
	using data = new DataFolder();
	new Database(data.databaseFile, systemClock, future).close();
	const before = { hash: hash(data.databaseFile), modified: statSync(data.databaseFile).mtimeMs };
	expect(() => data.open()).toThrow(
		expect.objectContaining({
			code: "internal",
			message: `The database is of version ${future.length}; this deploymill knows versions up to ${migrations.length}.`,
		}),
	);
	expect({ hash: hash(data.databaseFile), modified: statSync(data.databaseFile).mtimeMs }).toEqual(before);
});

test("nor is anything lost that a newer version has in its journal alone", () => {
	using data = new DataFolder();
	const newer = new Database(data.databaseFile, systemClock, future);
	newer.run("INSERT INTO future VALUES ('in the journal')");
	const journal = `${data.databaseFile}-wal`;
	const before = [hash(data.databaseFile), hash(journal)];
	expect(() => data.open()).toThrow("knows versions up to");
	expect([hash(data.databaseFile), hash(journal)]).toEqual(before);
	// As after a crash: the files alone, without the process that wrote them.
	const crashed = new DataFolder();
	new Database(crashed.databaseFile, systemClock, future).close();
	for (const suffix of ["", "-wal"]) writeFileSync(`${crashed.databaseFile}${suffix}`, readFileSync(`${data.databaseFile}${suffix}`));
	newer.close();
	expect(() => crashed.open()).toThrow("knows versions up to");
	expect([hash(crashed.databaseFile), hash(`${crashed.databaseFile}-wal`)]).toEqual(before);
	const again = new Database(crashed.databaseFile, systemClock, future);
	expect(again.all("SELECT * FROM future")).toEqual([{ a: "in the journal" }]);
	again.close();
	crashed[Symbol.dispose]();
});

test("a transaction is all or nothing, and what threw is what is told", () => {
	using data = new DataFolder();
	const database = new Database(data.databaseFile, systemClock);
	database.run(application);
	expect(() =>
		database.transaction(() => {
			database.run("UPDATE applications SET config_commit = 'other'");
			throw new Error("half way");
		}),
	).toThrow("half way");
	expect(database.get("SELECT config_commit FROM applications")).toEqual({ config_commit: "c0ffee" });
	// A rollback that SQLite made by itself must not hide the reason.
	expect(() =>
		database.transaction(() => {
			database.run("ROLLBACK");
			throw new Error("disk full");
		}),
	).toThrow("disk full");
	database.close();
});

test("a disk that is full is said, and what was there stays", () => {
	using data = new DataFolder();
	const database = new Database(data.databaseFile, systemClock);
	database.run(application);
	const pages = Number(database.get("PRAGMA page_count")?.page_count);
	database.get(`PRAGMA max_page_count = ${pages + 1}`);
	const fill = () => database.run("UPDATE applications SET config = ?", "x".repeat(200_000));
	expect(fill).toThrow(
		expect.objectContaining({ code: "internal", retryable: true, message: expect.stringContaining("its disk is full") }),
	);
	expect(database.get("SELECT config_commit FROM applications")).toEqual({ config_commit: "c0ffee" });
	database.close();
});

test("a statement that is wrong is our own fault, and told as it is", () => {
	using data = new DataFolder();
	const database = new Database(data.databaseFile, systemClock);
	expect(() => database.all("SELECT word FROM nowhere")).toThrow("no such table");
	database.close();
});

test("processes that make, open and close a database at once never find it locked", async () => {
	using data = new DataFolder();
	// Whoever changes to the write-ahead log, and the last to leave, takes the file alone for a moment.
	const script = `
		for (let round = 0; round < 60; round++) {
			const again = openStore(databaseFile + round, keyFile, () => undefined, systemClock);
			again.listApplications();
			again.close();
		}
		answer("done");`;
	expect(await inProcesses(data, 6, script)).toEqual(Array(6).fill("done"));
});

test("processes that find no database make it together", async () => {
	using data = new DataFolder();
	const answers = await inProcesses(
		data,
		6,
		'answer(store.registerApplication("https://git.example.com/" + who, ["a", "b", "c", "d", "e", "f"], config, "c").applicationId);',
	);
	expect([...answers].sort()).toEqual(["a", "b", "c", "d", "e", "f"]);
});

test("a folder that cannot be written to is an error, not a wait", () => {
	if (process.getuid?.() === 0) return;
	using data = new DataFolder();
	chmodSync(data.root, 0o500);
	expect(() => data.open()).toThrow("EACCES");
});

test("a write of another process in between is seen at once", async () => {
	using data = new DataFolder();
	const store = data.open();
	register(store);
	begin(store, "dep-1");
	await inProcesses(
		data,
		1,
		'store.recordFacts({ applicationId: "hello", deploymentId: "dep-1", owner: "a test" }, "dep-1", { ref: "main" }); answer(null);',
	);
	expect(store.findDeployment("dep-1")?.ref).toBe("main");
});
