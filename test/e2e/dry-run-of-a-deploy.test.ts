// What a deploy would mean, asked before it: commits, migrations, env vars, and why it would be refused. Nothing is built or changed.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { AppStory, type Release } from "../support/app-story.ts";
import type { Content } from "../support/deploymill.ts";
import { TestRepository } from "../support/git-repository.ts";
import { TestBed } from "../support/test-bed.ts";

describe("The dry run of a deploy", () => {
	let bed: TestBed;
	let app: AppStory;
	let git: TestRepository;
	let hotfix: Release;
	let second: string;

	beforeAll(async () => {
		bed = await TestBed.open();
		app = await AppStory.begin(bed, await bed.server(), "dryrun", { project: { rollback: true } });
		git = new TestRepository(app.repo.repoUrl);
		await app.release({ version: "one" });
		await git.git("checkout", "--quiet", "-b", "hotfix");
		hotfix = await app.release({ version: "hotfix" }, {}, { ref: "hotfix" });
		expect(hotfix).toMatchObject({ outcome: "live" });
		await git.git("checkout", "--quiet", "main");
		second = await app.repo.commit("Second version", {
			behaviour: { version: "two" },
			files: { "migrations/2.sql": "create table t (x)" },
		});
		await app.server.ok("set_env_vars", { applicationId: app.applicationId, set: { GREETING: "hello" } });
	});
	afterAll(() => bed.close());

	const preview = (args: Content = {}) => app.server.ok("deploy", { applicationId: app.applicationId, dryRun: true, ...args });

	it("tells what is new, what is dropped, and what else changes; and changes nothing", async () => {
		const before = await app.server.history(app.applicationId);
		const seen = await preview();
		expect(seen).toMatchObject({
			dryRun: true,
			from: { deploymentId: hotfix.deploymentId, verdict: "healthy" },
			to: { ref: "main", commit: { sha: second, message: "Second version" } },
			commits: [{ sha: second, message: "Second version" }],
			dropped: [{ sha: hotfix.commit?.sha, message: "Version hotfix" }],
			migrations: { known: true, files: ["migrations/2.sql"] },
			changedSince: { env: ["GREETING"], config: [] },
			next: [{ tool: "deploy", args: { applicationId: app.applicationId, ref: second, expectedCurrent: hotfix.deploymentId } }],
		});
		const [first, ...rest] = seen.warnings as string[];
		expect(first).toMatch(/^live now and not in this commit, so it would be taken away: [0-9a-f]{7} "Version hotfix"\. Ask/);
		expect(rest).toContainEqual(expect.stringMatching(/^env vars changed since it was live: GREETING \(added after \S+Z, not live yet\)/));
		expect(rest).toContainEqual(expect.stringMatching(/^schema migrations ship with it/));
		expect(seen).not.toHaveProperty("wouldBeRefused");
		expect(await app.server.history(app.applicationId)).toEqual(before);
		await app.expectLive(hotfix, hotfix.deploymentId);
	});

	it("of the commit that is live: nothing is new", async () => {
		await app.server.ok("set_env_vars", { applicationId: app.applicationId, unset: ["GREETING"] });
		const seen = await preview({ ref: "hotfix" });
		expect(seen).toMatchObject({ commits: [], dropped: [], changedSince: { env: [], config: [] } });
		expect(seen.warnings).toContainEqual(expect.stringMatching(/^this commit is live already/));
	});

	it("of an older commit: what is dropped, and that the schema is ahead of its code", async () => {
		const { applicationId } = app;
		await git.git("checkout", "--quiet", "-b", "older", "hotfix");
		const third = await app.release({ version: "three" }, { files: { "migrations/3.sql": "create table u (x)" } }, { ref: "older" });
		const seen = await preview({ ref: "hotfix" });
		expect(seen).toMatchObject({ commits: [], dropped: [{ sha: third.commit?.sha }], migrations: { known: true, files: [] } });
		const warnings = (seen.warnings as string[]).filter((text) => text.includes("migration"));
		expect(warnings).toEqual([
			expect.stringMatching(/^what is live has schema migrations that this commit does not: "migrations\/3\.sql"/),
		]);
		await app.server.deployment("rollback", { applicationId, rollbackId: hotfix.rollbackId, allowMigrations: true });
		await git.git("checkout", "--quiet", "main");
	});

	it("of more commits than an answer has room for: says that there are more", async () => {
		await git.git("checkout", "--quiet", "-b", "long", "hotfix");
		for (const n of Array.from({ length: 21 }).keys()) await app.repo.commit(`Step ${n}`);
		await git.git("checkout", "--quiet", "main");
		const seen = await preview({ ref: "long" });
		expect(seen.commits).toHaveLength(20);
		expect(seen.warnings).toContain("of the new commits only the newest 20 are listed: there are more");
	});

	it("of a ref that is not there is refused as the deploy would be", async () => {
		const { applicationId } = app;
		expect(await app.server.refusal("deploy", { applicationId, dryRun: true, ref: "nowhere" })).toMatchObject({ code: "ref_not_found" });
	});

	it("tells of a view that is out of date", async () => {
		expect(await preview({ expectedCurrent: "dep_of_last_week" })).toMatchObject({ wouldBeRefused: { code: "stale_view" }, next: [] });
	});

	it("tells of a hold, and force does not pass it", async () => {
		await app.server.ok("set_hold", { applicationId: app.applicationId, hold: true, reason: "a sale is on" });
		for (const args of [{}, { force: true }]) {
			const { wouldBeRefused, next } = await preview(args);
			expect(wouldBeRefused).toEqual({
				code: "deployments_held",
				message: expect.stringContaining("a sale is on"),
				hint: expect.any(String),
			});
			expect(next).toEqual([]);
		}
		await app.server.ok("set_hold", { applicationId: app.applicationId, hold: false });
	});

	it("tells of a deployment that is under way", async () => {
		const { deploymentId } = await app.server.ok("deploy", { applicationId: app.applicationId, wait: 0 });
		expect(await preview()).toMatchObject({
			inProgress: { deploymentId, kind: "deploy", phase: expect.any(String), requestedBy: expect.any(String), since: expect.any(String) },
			next: [{ tool: "get_deployment", args: { deploymentId } }],
		});
		expect(await app.server.deployment("get_deployment", { deploymentId, wait: 300 })).toMatchObject({ outcome: "live" });
	});

	it("tells that a person took this commit back; a call with force would pass, and is offered to nobody", async () => {
		const { applicationId } = app;
		await app.server.deployment("rollback", {
			applicationId,
			allowMigrations: true,
			rollbackId: hotfix.rollbackId,
			reason: "prices are wrong",
		});
		const seen = await preview();
		expect(seen).toMatchObject({
			wouldBeRefused: { code: "known_bad_release", message: expect.stringContaining("prices are wrong") },
			next: [],
		});
		const forced = await preview({ force: true });
		expect(forced).not.toHaveProperty("wouldBeRefused");
		expect(forced.next).toEqual([]);
	});
});
