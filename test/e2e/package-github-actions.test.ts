// The GitHub Actions example: its script, taken out of the workflow and run by sh, passes on `live` and `unchanged` and fails on all else.
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { run } from "../support/command.ts";
import { program } from "../support/deploymill.ts";
import { devPath } from "../support/dev-tool.ts";
import { TestBed } from "../support/test-bed.ts";

const root = join(import.meta.dirname, "../..");

let folder: string;
let script: string;

beforeAll(async () => {
	folder = await mkdtemp(join(tmpdir(), "deploymill-actions-"));
	script = await takeScript();
});

afterAll(async () => {
	await rm(folder, { recursive: true });
});

/** As a runner starts it: `sh -e` with the job's env. */
function job(env: Record<string, string>) {
	const runner = { GITHUB_SHA: "main", GITHUB_RUN_ID: "1", GITHUB_RUN_ATTEMPT: "1", APPLICATION_ID: "hello" };
	return run("sh", ["-e", "-c", script], { PATH: devPath, HOME: folder, ...runner, ...env });
}

/** Answers in turn, and exits as `deploymill call` does. */
async function pretend(...answers: { code: number; says: object | string }[]): Promise<string> {
	const file = join(folder, `${answers.length}-${Math.random().toString(36).slice(2)}.mjs`);
	const program = `
import { appendFileSync, readFileSync } from "node:fs";
appendFileSync(${JSON.stringify(`${file}.calls`)}, JSON.stringify(process.argv.slice(2)) + "\\n");
const turn = readFileSync(${JSON.stringify(`${file}.calls`)}, "utf8").trim().split("\\n").length - 1;
const { code, says } = ${JSON.stringify(answers)}[turn];
console.log(typeof says === "string" ? says : JSON.stringify(says, null, 2));
process.exitCode = code;
`;
	await writeFile(file, program);
	return file;
}

describe("with answers made up", () => {
	const done = { deploymentId: "dep-1", status: "done" };

	it.each(["live", "unchanged"])("passes on %s", async (outcome) => {
		const { code, stdout } = await job({ DEPLOYMILL: `node ${await pretend({ code: 0, says: { ...done, outcome } })}` });
		expect(code).toBe(0);
		expect(stdout).toContain(`::notice::${outcome}`);
	});

	it.each([
		["live_unhealthy", 0],
		["rolled_back", 1],
		["degraded", 1],
		["orchestrator_rolled_back", 1],
		["failed", 1],
		["cancelled", 0],
	])("fails on %s", async (outcome, code) => {
		const result = await job({ DEPLOYMILL: `node ${await pretend({ code, says: { ...done, outcome } })}` });
		expect(result.code).toBe(1);
		expect(result.stdout).toContain(`::error::not live: ${outcome}`);
	});

	it("waits for the end of a deployment that goes on, however often that takes", async () => {
		const running = { code: 0, says: { deploymentId: "dep-1", status: "running" } };
		const file = await pretend(running, running, { code: 0, says: { ...done, outcome: "live" } });
		expect((await job({ DEPLOYMILL: `node ${file}` })).code).toBe(0);
		const calls = (await readFile(`${file}.calls`, "utf8"))
			.trim()
			.split("\n")
			.map((line) => JSON.parse(line));
		expect(calls.map(([, tool]) => tool)).toEqual(["deploy", "get_deployment", "get_deployment"]);
		expect(JSON.parse(calls[0][2])).toEqual({ applicationId: "hello", ref: "main", requestId: "1-1", wait: 600 });
		expect(JSON.parse(calls[1][2])).toEqual({ deploymentId: "dep-1", wait: 600 });
	});

	it("fails where the call is refused, or answers no JSON", async () => {
		const refused = { code: 1, says: { error: { code: "application_not_found", message: "There is none." } } };
		for (const answer of [refused, { code: 2, says: "deploymill: DEPLOYMILL_FOO: unknown setting" }]) {
			const { code, stdout } = await job({ DEPLOYMILL: `node ${await pretend(answer)}` });
			expect(code).toBe(1);
			expect(stdout).toContain("::error::not live: the call was refused");
		}
	});
});

describe("with deploymill itself", () => {
	let bed: TestBed;

	beforeAll(async () => {
		bed = await TestBed.open();
	});

	afterAll(() => bed.close());

	it("deploys, sees that a second run changes nothing, and fails where there is no such ref", async () => {
		const repo = await bed.project("ci");
		const server = await bed.server();
		const applicationId = await server.reconcile(repo.repoUrl);
		const env = { ...bed.env(), APPLICATION_ID: applicationId, DEPLOYMILL: `${program.command} ${program.file}` };
		const first = await job(env);
		expect(first.stdout).toContain("::notice::live");
		expect(first.code).toBe(0);
		const again = await job({ ...env, GITHUB_RUN_ATTEMPT: "2" });
		expect(again.stdout).toContain("::notice::unchanged");
		const refused = await job({ ...env, GITHUB_RUN_ATTEMPT: "3", GITHUB_SHA: "no-such-branch" });
		expect(refused.code).toBe(1);
		expect(refused.stdout).toContain("::error::not live");
	});
});

/** The block under the last `run: |`. */
async function takeScript(): Promise<string> {
	const workflow = await readFile(join(root, "packaging/github-actions/deploy.yml"), "utf8");
	const [, block = ""] = /\n +run: \|\n([\s\S]+)$/.exec(workflow) ?? [];
	const indent = /^ */.exec(block)?.[0] ?? "";
	return block.replaceAll(new RegExp(`^${indent}`, "gm"), "");
}
