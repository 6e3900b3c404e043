import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Deploymill } from "../support/deploymill.ts";
import { TestBed } from "../support/test-bed.ts";

/** What the pattern languages of a repository can do to a server and its workers. The rest is at the level of git and the engine. */
describe("A repository is hostile", () => {
	let bed: TestBed;
	let server: Deploymill;
	beforeAll(async () => {
		bed = await TestBed.open();
		server = await bed.server();
	});
	afterAll(() => bed.close());

	it("in its ignore file: its deploys end all the same, and 1,500 migrations are told by their folder", async () => {
		const patterns = ["(a+)+b", "c++/", "*a*a*a*a*a*a*a*ab", "**/**/**/**/x", "!**/keep"];
		const migrations = Object.fromEntries(Array.from({ length: 1500 }, (_, index) => [`db/${index}.sql`, ""]));
		const repo = await bed.project("ignore", {
			project: { migrations: ["**"] },
			files: { ".dockerignore": patterns.join("\n"), [`${"a".repeat(200)}`]: "", ...migrations },
		});
		const applicationId = await server.reconcile(repo.repoUrl);
		const first = await server.deployment("deploy", { applicationId });
		expect(first).toMatchObject({ status: "done", outcome: "live" });
		await repo.commit("Second version", { behaviour: { version: "two" }, files: { "db/new.sql": "" } });
		expect(await server.deployment("deploy", { applicationId })).toMatchObject({ status: "done", outcome: "live" });
		const refused = await server.refusal("rollback", { applicationId, rollbackId: first.rollbackId });
		expect(refused).toMatchObject({ code: "migrations_in_gap", details: { files: ["./", "db/"], known: true } });
		expect(refused.message).toContain("migration files in 2 folder(s) differ");
	});

	it("in its ignore file, beyond what is one: the deploy fails, and says in which line", async () => {
		const repo = await bed.project("broken", { files: { ".dockerignore": "ok\n[z-a]\n" } });
		const applicationId = await server.reconcile(repo.repoUrl);
		expect(await server.deployment("deploy", { applicationId })).toMatchObject({
			status: "error",
			outcome: "failed",
			error: { code: "build_failed", message: expect.stringContaining('line 2: got "[z-a]", a range in [ ] that runs backwards') },
		});
	});

	it("in its project file: the answer stays small, and no build argument's value is in it", async () => {
		const long = "l".repeat(60);
		const custom = Array.from({ length: 100 }, (_, index) => `${long}.${long}.${long}.h${index}.test`);
		const args = Object.fromEntries(Array.from({ length: 90 }, (_, index) => [`${"A".repeat(200)}${index}`, "s3cret-of-a-build"]));
		const repo = await bed.project("large");
		const { repoUrl } = repo;
		await server.reconcile(repoUrl);
		await repo.commit("Large", {
			project: {
				domains: { prod: repo.host, custom },
				build: { args },
				migrations: Array.from({ length: 50 }, (_, index) => `${"m".repeat(190)}${index}`),
			},
		});
		const { isError, content } = await server.call("reconcile_project", { repoUrl, dryRun: true });
		expect(isError).toBe(false);
		expect(content).toMatchObject({ plan: { steps: expect.arrayContaining([expect.objectContaining({ target: "build" })]) } });
		expect(JSON.stringify(content).length).toBeLessThan(17_000);
		expect(JSON.stringify(content)).not.toContain("s3cret");
		await repo.commit("Wrong", {
			project: Object.fromEntries(Array.from({ length: 2500 }, (_, index) => [`${"odd".repeat(10)}${index}`, 1])),
		});
		const refused = await server.refusal("reconcile_project", { repoUrl });
		expect(refused).toMatchObject({ code: "project_file_invalid", message: expect.stringMatching(/and 24\d\d more$/) });
		expect(JSON.stringify(refused).length).toBeLessThan(5000);
	});

	it("in its globs: they are refused, and the server answers on", async () => {
		const repo = await bed.project("globs", { project: { migrations: ["{a,a}".repeat(30), "*a".repeat(8), "[z-a]"] } });
		const refused = await server.refusal("reconcile_project", { repoUrl: repo.repoUrl });
		expect(refused.message).toContain("expected at most 100 alternatives in braces");
		expect(refused.message).toContain("expected ranges in [ ] that run forwards");
		await server.client.ping();
	});
});
