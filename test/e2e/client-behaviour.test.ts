import type { CallToolResult } from "@modelcontextprotocol/sdk/types.js";
import { AjvJsonSchemaValidator } from "@modelcontextprotocol/sdk/validation/ajv";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Content, Deploymill, ProgressNote } from "../support/deploymill.ts";
import type { ProjectRepo } from "../support/project-repo.ts";
import { TestBed } from "../support/test-bed.ts";

const slow = (seconds: number) => `FROM node:24-slim\nWORKDIR /app\nCOPY . ./\nRUN sleep ${seconds}\nCMD ["node", "worker.js"]\n`;
const worker = { fixture: "worker", project: { rollback: false } } as const;

describe("Clients lose patience, leave and come back", () => {
	let bed: TestBed;
	let server: Deploymill;
	beforeAll(async () => {
		bed = await TestBed.open();
		server = await bed.server();
	});
	afterAll(() => bed.close());

	async function slowApp(label: string, seconds: number): Promise<string> {
		const repo = await bed.project(label, { ...worker, files: { Dockerfile: slow(seconds) } });
		return server.reconcile(repo.repoUrl);
	}

	/** A deploy as a client of the SDK makes it, with a time-out of its own. */
	function deploy(applicationId: string, options: object): Promise<CallToolResult> {
		const call = { name: "deploy", arguments: { applicationId, wait: 600 } };
		return server.client.callTool(call, undefined, options) as Promise<CallToolResult>;
	}

	it("a client's time-out ends its call alone; the history has the deployment, and its end", async () => {
		const applicationId = await slowApp("timed-out", 4);
		await expect(deploy(applicationId, { timeout: 2500 })).rejects.toThrow(/timed out/i);
		const [running] = await server.history(applicationId);
		expect(running).toMatchObject({ status: "running" });
		const ended = await server.deployment("get_deployment", { deploymentId: running?.deploymentId });
		expect(ended).toMatchObject({ outcome: "live", deploymentId: running?.deploymentId });
		expect(await server.history(applicationId)).toMatchObject([{ deploymentId: ended.deploymentId, outcome: "live", current: true }]);
	});

	it("progress keeps a call alive for a client that resets its time-out by it", async () => {
		const applicationId = await slowApp("kept-alive", 12);
		const notes: ProgressNote[] = [];
		const startedAt = Date.now();
		const options = { timeout: 8000, resetTimeoutOnProgress: true, onprogress: (note: ProgressNote) => notes.push(note) };
		const result = await deploy(applicationId, options);
		expect(Date.now() - startedAt).toBeGreaterThan(8000);
		expect(result.structuredContent).toMatchObject({ outcome: "live" });
		expect(notes.length).toBeGreaterThan(5);
	});

	it("a cancelled call is answered no more, and the server and the deployment go on", async () => {
		const applicationId = await slowApp("cancelled-call", 3);
		const hurry = new AbortController();
		const call = deploy(applicationId, { signal: hurry.signal, onprogress: () => hurry.abort("no time") });
		await expect(call).rejects.toThrow("no time");
		const [running] = await server.history(applicationId);
		expect(running?.status).toBe("running");
		expect(await server.deployment("get_deployment", { deploymentId: running?.deploymentId })).toMatchObject({ outcome: "live" });
	});

	it("a client that closes finds the deployment with its next server, and others found it meanwhile", async () => {
		const applicationId = await slowApp("reconnected", 3);
		const [leaver, other] = [await bed.server(), await bed.server()];
		const { deploymentId } = await leaver.deployment("deploy", { applicationId, wait: 0 });
		const leftAt = Date.now();
		await leaver.close();
		expect(Date.now() - leftAt).toBeLessThan(2000);
		expect((await other.refusal("deploy", { applicationId })).code).toBe("deploy_in_progress");
		const back = await bed.server();
		const ends = await Promise.all([server, other, back].map((item) => item.deployment("get_deployment", { deploymentId })));
		expect(ends.map(({ outcome }) => outcome)).toEqual(["live", "live", "live"]);
	});
});

describe("Every answer", () => {
	let bed: TestBed;
	let server: Deploymill;
	let repo: ProjectRepo;
	let applicationId: string;
	/** Of an ordinary answer, in bytes. */
	const sizes: Record<string, number> = {};
	const schemas = new Map<string, unknown>();
	const validator = new AjvJsonSchemaValidator();

	beforeAll(async () => {
		bed = await TestBed.open();
		server = await bed.server();
		for (const { name, outputSchema } of (await server.client.listTools()).tools) schemas.set(name, outputSchema);
		repo = await bed.project("answers");
	});
	afterAll(() => bed.close());

	/** One call, whose answer has to be whole. */
	async function call(tool: string, args: Content): Promise<Content> {
		const result = (await server.client.callTool({ name: tool, arguments: args }, undefined, { timeout: 600_000 })) as CallToolResult;
		const text = textOf(result);
		expect(result.structuredContent).toEqual(JSON.parse(text));
		expect(validator.getValidator(schemas.get(tool) as object)(result.structuredContent)).toMatchObject({ valid: true });
		sizes[tool] = Math.max(sizes[tool] ?? 0, Buffer.byteLength(text));
		return result.structuredContent as Content;
	}

	it("is the same as text and as structured content, fits its tool's schema, and is small", async () => {
		({ applicationId } = (await call("reconcile_project", { repoUrl: repo.repoUrl })) as { applicationId: string });
		const { deploymentId, rollbackId } = await call("deploy", { applicationId, wait: 300 });
		for (const version of ["two", "three"]) {
			await repo.commit(`Version ${version}`, { behaviour: { version }, project: { replicas: 1 } });
			await call("deploy", { applicationId, wait: 300, reason: "the next version" });
		}
		await repo.commit("Version to confirm", { behaviour: { version: "to confirm" } });
		const awaited = await call("deploy", { applicationId, wait: 300, confirmWithin: 600 });
		expect(await call("confirm_deployment", { deploymentId: awaited.deploymentId, reason: "looks good" })).toMatchObject({
			confirm: { state: "confirmed" },
		});
		await call("rollback", { applicationId, rollbackId, dryRun: true });
		await call("rollback", { applicationId, rollbackId, wait: 300, reason: "the last one is bad" });
		await call("get_deployment", { deploymentId });
		await call("list_deployments", { applicationId });
		await call("get_app_health", { applicationId });
		await call("list_applications", {});
		await call("set_env_vars", { applicationId, set: { A: "1", B: "2" }, unset: ["C"] });
		await call("list_env_vars", { applicationId });
		await call("set_hold", { applicationId, hold: true, reason: "a moment" });
		await call("set_hold", { applicationId, hold: false });
		await call("get_logs", { applicationId, tail: 10 });
		await call("get_logs", { applicationId, source: "runtime", tail: 10 });
		await repo.commit("Four", { behaviour: { version: "four" }, files: { Dockerfile: slow(60) } });
		const running = await call("deploy", { applicationId, wait: 0 });
		expect(await call("cancel_deployment", { deploymentId: running.deploymentId })).toMatchObject({ outcome: "cancelled" });
		console.info("bytes of an ordinary answer:", sizes);
		expect(Object.keys(sizes).sort()).toEqual([...schemas.keys()].sort());
		for (const [tool, size] of Object.entries(sizes)) expect([tool, size < 2048]).toEqual([tool, true]);
	});

	it("of a deployment that failed is an error, and fits as well", async () => {
		await repo.commit("Broken", { files: { Dockerfile: "FROM node:24-slim\nRUN exit 1\n" } });
		const failed = await call("deploy", { applicationId, wait: 300 });
		expect(failed).toMatchObject({ status: "error", error: { code: "build_failed" } });
		expect(await server.call("get_deployment", { deploymentId: failed.deploymentId })).toMatchObject({ isError: true });
	});

	it.for<[string, string, Content, string]>([
		["an unknown tool", "rm", {}, "There is no tool"],
		["an unknown argument", "list_applications", { all: true }, '"all": unknown argument'],
		["an argument misspelt", "deploy", { applicationId: "a", noCashe: true }, "did you mean noCache?"],
		["a wrong type", "deploy", { applicationId: 7 }, "applicationId: "],
		["a missing argument", "rollback", {}, "applicationId: "],
		["a number out of range", "get_logs", { applicationId: "a", tail: 0 }, "tail: "],
		["a word that is none of those allowed", "get_logs", { applicationId: "a", source: "stdout" }, "source: "],
		["a cursor that is none", "list_deployments", { applicationId: "answers", cursor: "1; drop table" }, ""],
	])("to %s is an error in text alone, in the contract's form", async ([, tool, args, part]) => {
		const result = (await server.client.callTool({ name: tool, arguments: args })) as CallToolResult;
		expect(result.isError).toBe(true);
		expect(result).not.toHaveProperty("structuredContent");
		const text = textOf(result);
		const { error } = JSON.parse(text) as { error: Content };
		expect(error).toEqual({
			code: expect.stringMatching(/^(?:invalid_input|application_not_found)$/),
			message: expect.stringContaining(part),
			hint: expect.any(String),
			retryable: false,
			guide: "deploymill://guides/troubleshooting",
		});
		expect(text.length).toBeLessThan(1000);
	});
});

/** The one block that an answer consists of. */
function textOf({ content }: CallToolResult): string {
	const [block] = content;
	if (content.length !== 1 || block?.type !== "text") throw new Error(`not one text: ${JSON.stringify(content)}`);
	return block.text;
}
