// DEPLOYMILL_APPROVE: a person agrees before production changes; what they were shown is what is done.
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import type { ElicitResult } from "@modelcontextprotocol/sdk/types.js";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { ErrorBody } from "../../src/errors.ts";
import { AppStory, atTheEdges, type Release } from "../support/app-story.ts";
import { type Deploymill, program } from "../support/deploymill.ts";
import { TestBed } from "../support/test-bed.ts";

const run = promisify(execFile);

describe("A server that needs a person's approval", () => {
	let bed: TestBed;
	let app: AppStory;
	let one: Release;
	/** Of a client that can ask no person. */
	let unable: Deploymill;
	let asked: string[] = [];
	let answer: () => Promise<ElicitResult>;
	const agree = async (): Promise<ElicitResult> => ({ action: "accept", content: {} });
	const decline = async (): Promise<ElicitResult> => ({ action: "decline" });

	beforeAll(async () => {
		bed = await TestBed.open();
		answer = agree;
		const server = await bed.server({ DEPLOYMILL_APPROVE: "all" }, async (question) => {
			asked.push(question);
			return answer();
		});
		app = await AppStory.begin(bed, server, "approve", { project: { rollback: "auto" } });
		unable = await bed.server({ DEPLOYMILL_APPROVE: "deploy, rollback" });
	});
	afterAll(() => bed.close());
	beforeEach(() => {
		asked = [];
		answer = agree;
	});

	const metaOf = async (server: Deploymill) =>
		Object.fromEntries(
			(await server.client.listTools()).tools.map(({ name, _meta }) => [name, _meta?.["anthropic/requiresUserInteraction"]]),
		);

	it("marks the tools that it names, and no other", async () => {
		const all = await metaOf(app.server);
		const marked = Object.keys(all).filter((name) => all[name] === true);
		expect(marked.sort()).toEqual(["deploy", "reconcile_project", "rollback", "set_env_vars"]);
		expect(await metaOf(unable)).toMatchObject({ deploy: true, rollback: true, reconcile_project: undefined, set_env_vars: undefined });
	});

	it("asks with what would change, and does it once the person agrees", async () => {
		one = await app.release({ version: "one" });
		expect(one).toMatchObject({ outcome: "live", commit: { sha: app.repo.sha } });
		expect(asked).toEqual([
			expect.stringMatching(
				new RegExp(
					`^Deploy ${app.applicationId}: commit ${app.repo.sha.slice(0, 7)} "Version one" of "main"\\.\nLive now: nothing[\\s\\S]*Asked for by e2e 1\\.0\\.0 `,
				),
			),
		]);
	});

	it("asks about env vars by name, and never shows a value", async () => {
		await app.server.ok("set_env_vars", { applicationId: app.applicationId, set: { TOKEN: "s3cret-value-of-it" }, unset: ["OTHER"] });
		expect(asked).toEqual([
			expect.stringMatching(/^Change env vars of \S+, from the next deploy or rollback on\.\nSet: TOKEN\nUnset: OTHER\n/),
		]);
		expect(asked.join()).not.toContain("s3cret");
	});

	it("asks about a project file's plan, step by step; a file that changes nothing is not asked about", async () => {
		await app.repo.commit("Two of them", { project: { replicas: 2 } });
		await app.server.reconcile(app.repo.repoUrl);
		expect(asked).toEqual([
			expect.stringMatching(/^Apply the project file of commit \w{7} "Two of them" to \S+:\n- \w+ replicas from "1" to "2"/),
		]);
		await app.server.reconcile(app.repo.repoUrl);
		expect(asked).toHaveLength(1);
	});

	it("asks nobody for a dry run, for a read, or for what would be refused all the same", async () => {
		const { applicationId, server } = app;
		await server.ok("deploy", { applicationId, dryRun: true });
		await server.ok("list_deployments", { applicationId });
		expect(await server.refusal("deploy", { applicationId, expectedCurrent: "dep_nothing" })).toMatchObject({ code: "stale_view" });
		expect(asked).toEqual([]);
	});

	it.each<[string, () => Promise<ElicitResult>, RegExp]>([
		["declines", decline, /did not agree\. Nothing was changed\.$/],
		["closes the question", async () => ({ action: "cancel" }), /closed the question without an answer/],
		["has a client that fails", () => Promise.reject(new Error("no window")), /did not answer/],
	])("changes nothing where the person %s", async (_name, how, words) => {
		answer = how;
		const { applicationId, server } = app;
		const before = await server.history(applicationId);
		expect(await server.refusal("deploy", { applicationId, force: true, reason: "I want it" })).toMatchObject({
			code: "approval_needed",
			message: expect.stringMatching(words),
			details: { wouldChange: expect.stringContaining('Reason given: "I want it"') },
		});
		expect(await server.history(applicationId)).toEqual(before);
	});

	it("reverts a bad release by itself: nobody is asked for that", async () => {
		const bad = await app.release({ version: "bad", ...atTheEdges(500) });
		expect(bad).toMatchObject({ outcome: "rolled_back" });
		expect(asked).toEqual([expect.stringMatching(/^Deploy /)]);
	});

	it("deploys the commit that was shown, though the branch moved while the person thought", async () => {
		const shown = await app.repo.commit("Shown", { behaviour: { version: "shown" } });
		answer = async () => {
			await app.repo.commit("Sneaked in", { behaviour: { version: "sneaked" } });
			return agree();
		};
		const release = await app.server.deployment("deploy", { applicationId: app.applicationId });
		expect(release).toMatchObject({ outcome: "live", commit: { sha: shown } });
		expect(await bed.see(app.repo)).toBe("shown");
	});

	it("refuses what was agreed to where something else went live meanwhile, also in place of somebody else's image", async () => {
		const { applicationId } = app;
		await app.byHand(({ TaskTemplate: { ContainerSpec } }) => {
			if (ContainerSpec && one.image) ContainerSpec.Image = one.image.reference;
		});
		await app.repo.commit("Urgent", { behaviour: { version: "urgent" } });
		answer = async () => {
			const colleague = await bed.server();
			expect(await colleague.deployment("deploy", { applicationId })).toMatchObject({ outcome: "live" });
			return agree();
		};
		const error = await app.server.refusal("rollback", { applicationId, rollbackId: one.rollbackId });
		expect(error).toMatchObject({ code: "stale_view", message: expect.stringMatching(/ is live\. Nothing was changed\.$/) });
		expect(asked).toEqual([expect.stringMatching(/\nLive now: nothing that this server put there\./)]);
		expect(await bed.see(app.repo)).toBe("urgent");
	});

	it("refuses a first deploy that was agreed to where something went live meanwhile", async () => {
		const first = await AppStory.begin(bed, app.server, "first", { behaviour: { version: "shown" } });
		asked = [];
		answer = async () => {
			await first.repo.commit("Urgent", { behaviour: { version: "urgent" } });
			const colleague = await bed.server();
			expect(await colleague.deployment("deploy", { applicationId: first.applicationId })).toMatchObject({ outcome: "live" });
			return agree();
		};
		const error = await first.server.refusal("deploy", { applicationId: first.applicationId });
		expect(error).toMatchObject({ code: "stale_view", message: expect.stringMatching(/^expectedCurrent: got "nothing", but dep-/) });
		expect(asked).toEqual([expect.stringMatching(/\nLive now: nothing\./)]);
		expect(await bed.see(first.repo)).toBe("urgent");
	});

	it("says that what is to be confirmed is taken back otherwise", async () => {
		answer = decline;
		const { applicationId, server } = app;
		await server.refusal("deploy", { applicationId, force: true, confirmWithin: 600 });
		expect(asked).toEqual([expect.stringContaining("\nTaken back again unless it is confirmed within 600 seconds.\n")]);
	});

	it("asks at the terminal, where there is one", async () => {
		const { applicationId } = app;
		const json = JSON.stringify({ applicationId, set: { TYPED: "1" } });
		const call = (word: string) =>
			run(
				"sh",
				[
					"-c",
					`echo ${word} | script -qec "${program.command} ${program.file} call set_env_vars '${json.replaceAll('"', '\\"')}'" /dev/null`,
				],
				{
					env: { ...process.env, ...bed.env({ DEPLOYMILL_APPROVE: "env" }) },
				},
			).catch((failure) => failure);
		expect((await call("no")).stdout).toMatch(/Set: TYPED[\s\S]*Type yes to go on: [\s\S]*approval_needed/);
		expect(await app.server.ok("list_env_vars", { applicationId })).not.toMatchObject({ names: expect.arrayContaining(["TYPED"]) });
		expect((await call("yes")).stdout).toMatch(/Type yes to go on: [\s\S]*"effective"/);
		expect(await app.server.ok("list_env_vars", { applicationId })).toMatchObject({ names: expect.arrayContaining(["TYPED"]) });
	});

	it("says where the client can ask nobody which command a person can run; run by them, it works", async () => {
		const { applicationId } = app;
		const error = (await unable.refusal("rollback", { applicationId, rollbackId: one.rollbackId, reason: "it's bad" })) as ErrorBody;
		expect(error).toMatchObject({ code: "approval_needed", details: { command: expect.stringMatching(/^deploymill call rollback '\{/) } });
		const command = String(error.details?.command).replace(/^deploymill/, `${program.command} ${program.file}`);
		// Without a terminal nobody can be asked there either.
		const refused = await run("sh", ["-c", command], { env: { ...process.env, ...bed.env({ DEPLOYMILL_APPROVE: "all" }) } }).catch(
			(failure) => failure,
		);
		expect(refused).toMatchObject({ code: 1, stdout: expect.stringContaining("approval_needed") });
		const { stdout } = await run("sh", ["-c", command], { env: { ...process.env, ...bed.env() } });
		expect(JSON.parse(stdout)).toMatchObject({ kind: "rollback", outcome: "live", reason: "it's bad" });
		expect(await bed.see(app.repo)).toBe("one");
	});
});
