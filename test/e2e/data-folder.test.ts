import { chmod, mkdir, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { migrations } from "../../src/adapters/sqlite/migrations.ts";
import { runDeploymill } from "../support/command.ts";
import { Deploymill, program } from "../support/deploymill.ts";
import { TestBed } from "../support/test-bed.ts";

describe("The data folder", () => {
	let bed: TestBed;
	beforeAll(async () => {
		bed = await TestBed.open();
	});
	afterAll(() => bed.close());

	const modeOf = async (path: string) => ((await stat(path)).mode & 0o777).toString(8);
	const databaseIn = (folder: string) => join(folder, "deploymill.db");

	it("is for its owner's eyes alone, and holds no secret in the clear", async () => {
		await using server = await bed.server();
		const repo = await bed.project("kept", { fixture: "worker", project: { rollback: false } });
		const applicationId = await server.reconcile(repo.repoUrl);
		await server.ok("set_env_vars", { applicationId, set: { TOKEN: "a-secret-that-nobody-sees" } });
		await server.deployment("deploy", { applicationId });
		expect(await modeOf(bed.dataFolder)).toBe("700");
		for (const file of ["deploymill.db", "deploymill.db-wal", "key"]) expect(await modeOf(join(bed.dataFolder, file))).toBe("600");
		const stored = await Promise.all(["deploymill.db", "deploymill.db-wal"].map((file) => readFile(join(bed.dataFolder, file), "latin1")));
		expect(stored.join("")).toContain(applicationId);
		expect(stored.join("")).not.toContain("a-secret-that-nobody-sees");
		expect(stored.join("")).not.toContain(bed.sandbox.registryPassword);
		const database = new DatabaseSync(databaseIn(bed.dataFolder), { readOnly: true });
		expect(database.prepare("PRAGMA journal_mode").get()).toEqual({ journal_mode: "wal" });
		expect(database.prepare("PRAGMA user_version").get()).toEqual({ user_version: migrations.length });
		database.close();
	});

	it.for(migrations.map((_, index) => index))("of version %d is brought forward, with all that is in it", async (version) => {
		const folder = bed.path(`version-${version}`);
		await using before = await bed.server({ DEPLOYMILL_DATA_DIR: folder });
		await before.close();
		const repo = await bed.project(`older-${version}`);
		rebuildAsVersion(databaseIn(folder), version, repo.name, repo.repoUrl);
		await using server = await bed.server({ DEPLOYMILL_DATA_DIR: folder });
		const { applications } = await server.ok("list_applications");
		expect(applications).toMatchObject(version === 0 ? [] : [{ applicationId: repo.name, repoUrl: repo.repoUrl }]);
		const applicationId = await server.reconcile(repo.repoUrl);
		expect(applicationId).toBe(repo.name);
		await server.ok("set_env_vars", { applicationId, set: { NEW: "works" } });
		const database = new DatabaseSync(databaseIn(folder), { readOnly: true });
		expect(database.prepare("PRAGMA user_version").get()).toEqual({ user_version: migrations.length });
		database.close();
	});

	it("may be named from the server's own folder, as the files of secrets may: its workers find them too", async () => {
		const cwd = bed.path("somewhere");
		await mkdir(cwd);
		await writeFile(join(cwd, "password"), bed.sandbox.registryPassword);
		const env = bed.env({ DEPLOYMILL_DATA_DIR: "data", DEPLOYMILL_REGISTRY_PASSWORD: "", DEPLOYMILL_REGISTRY_PASSWORD_FILE: "password" });
		await using server = await Deploymill.connect({ command: program.command, args: [program.file], env, cwd });
		const repo = await bed.project("relative", { fixture: "worker", project: { rollback: true } });
		const applicationId = await server.reconcile(repo.repoUrl);
		expect(await server.deployment("deploy", { applicationId })).toMatchObject({ outcome: "live", rollbackId: expect.any(String) });
		expect(await readdir(join(cwd, "data"))).toContain("deploymill.db");
	});

	it("of a newer deploymill is refused and left as it is", async () => {
		const folder = bed.path("from-the-future");
		await using before = await bed.server({ DEPLOYMILL_DATA_DIR: folder });
		await before.close();
		const database = new DatabaseSync(databaseIn(folder));
		database.exec(`PRAGMA user_version = ${migrations.length + 1}; PRAGMA wal_checkpoint(TRUNCATE); PRAGMA journal_mode = DELETE;`);
		database.close();
		const bytes = await readFile(databaseIn(folder));
		await expect(Deploymill.start(bed.env({ DEPLOYMILL_DATA_DIR: folder }))).rejects.toThrow(
			`The database is of version ${migrations.length + 1}; this deploymill knows versions up to ${migrations.length}`,
		);
		expect((await readFile(databaseIn(folder))).equals(bytes)).toBe(true);
	});

	it("that others could change is refused by server, call and doctor alike, with the cure", async () => {
		const folder = bed.path("open-to-all");
		await mkdir(folder);
		await chmod(folder, 0o777);
		const env = bed.env({ DEPLOYMILL_DATA_DIR: folder });
		const refused = `DEPLOYMILL_DATA_DIR: ${folder} has mode 0777: every user of this machine could change it.`;
		await expect(Deploymill.start(env)).rejects.toThrow(refused);
		const call = await runDeploymill(["call", "list_applications"], env);
		expect(call.code).toBe(2);
		expect(call.stderr).toContain(refused);
		expect(call.stderr).toContain(`chmod go-w ${folder}`);
		const doctor = JSON.parse((await runDeploymill(["doctor", "--json"], env)).stdout) as { checks: { name: string; cure?: string }[] };
		expect(doctor.checks.find(({ name }) => name === "data folder")).toMatchObject({ status: "failed", cure: `chmod 700 ${folder}` });
		expect(await readdir(folder)).toEqual([]);
		await chmod(folder, 0o700);
		await using server = await bed.server({ DEPLOYMILL_DATA_DIR: folder });
		expect(await server.ok("list_applications")).toEqual({ applications: [] });
	});

	it("keeps what Node compiled for the next process, where nobody else could put it", async () => {
		const folder = bed.path("compiled");
		const env = bed.env({ DEPLOYMILL_DATA_DIR: folder });
		const cache = join(folder, "compile-cache");
		const filesAfterACall = async () => {
			const { code } = await runDeploymill(["call", "list_applications"], env);
			expect(code).toBe(0);
			return (await readdir(cache, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile()).length;
		};
		expect(await filesAfterACall()).toBe(0);
		expect(await modeOf(cache)).toBe("700");
		expect(await filesAfterACall()).toBeGreaterThan(3);
		for (const name of await readdir(cache)) await rm(join(cache, name), { recursive: true });
		await chmod(cache, 0o755);
		expect(await filesAfterACall()).toBe(0);
	});

	/** As a deploymill of that version would have left it: its own steps, with one application in it. */
	function rebuildAsVersion(file: string, version: number, applicationId: string, repoUrl: string): void {
		const database = new DatabaseSync(file);
		const tables = database.prepare("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'").all();
		database.exec("PRAGMA foreign_keys = OFF");
		for (const { name } of tables) database.exec(`DROP TABLE ${name}`);
		for (const step of migrations.slice(0, version)) database.exec(step);
		database.exec(`PRAGMA user_version = ${version}`);
		if (version > 0) {
			const config = {
				name: applicationId,
				workload: "worker",
				domains: [],
				rollback: { enabled: false, auto: false },
				health: { path: "/healthz", retries: 3, intervalMs: 3000, timeoutMs: 5000 },
				healthDeclared: false,
				mounts: [],
				resources: {},
				replicas: 1,
				build: { dockerfile: "Dockerfile", context: ".", args: {} },
				migrations: [],
			};
			database
				.prepare("INSERT INTO applications (application_id, repo_url, config, config_commit, created_at) VALUES (?, ?, ?, ?, ?)")
				.run(applicationId, repoUrl, JSON.stringify(config), "0".repeat(40), new Date().toISOString());
		}
		database.close();
	}
});
