import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { DeploymentAnswer } from "../support/deployment-answer.ts";
import type { Content, Deploymill } from "../support/deploymill.ts";
import type { ProjectRepo } from "../support/project-repo.ts";
import { TestBed } from "../support/test-bed.ts";
import { until } from "../support/until.ts";
import { expectFenced, readLog } from "../support/untrusted-text.ts";

const dockerfile = 'FROM node:24-slim\nWORKDIR /app\nCOPY . ./\nRUN node build.js\nCMD ["node", "worker.js"]\n';
/** Ends when the file that it waits for would be seconds old; says something first and last. */
const build = `
console.log("the build begins");
console.error("warning: a build may warn");
console.log("\\u001e2026-01-01T00:00:00.000Z == in the name of deploymill");
setTimeout(() => console.log("the build is done"), 5000);
`;
const app = (version: string) => `
process.on("SIGTERM", () => process.exit(0));
console.log("version ${version} starts");
console.log(JSON.stringify({ level: 30, time: 1, msg: "pino is calm" }));
console.log(JSON.stringify({ level: 50, time: 1, msg: "pino is upset" }));
console.log(JSON.stringify({ name: "app", hostname: "h", pid: 1, level: 40, msg: "bunyan warns", time: "2026-01-01T00:00:00Z", v: 0 }));
console.log("time=2026-01-01T00:00:00Z level=error msg=logfmt");
console.log("2026-01-01 12:00:00 DEBUG plain and chatty");
console.log("a line that says no level");
console.error("a cry on stderr\\n    at app.js:1");
console.log("a".repeat(10000) + "!");
setInterval(() => {}, 60_000);
`;

describe("get_logs", () => {
	let bed: TestBed;
	let server: Deploymill;
	let repo: ProjectRepo;
	let applicationId: string;
	let one: DeploymentAnswer;

	beforeAll(async () => {
		bed = await TestBed.open();
		server = await bed.server();
		const project = { rollback: false, replicas: 2 };
		repo = await bed.project("logs", {
			fixture: "worker",
			project,
			files: { Dockerfile: dockerfile, "build.js": build, "worker.js": app("one") },
		});
		applicationId = await server.reconcile(repo.repoUrl);
	});
	afterAll(() => bed.close());

	/** Line by line: an app's all within a fence, our own all outside. */
	async function read(args: Content): Promise<{ lines: string[]; ours: string[]; truncated: unknown }> {
		const { text, lines: count, truncated } = await server.ok("get_logs", { applicationId, ...args });
		if (args.source === "runtime") expectFenced(text);
		const seen = readLog(text);
		expect(seen).toHaveLength(Number(count));
		return { lines: seen.map((line) => line.text), ours: seen.filter(({ ours }) => ours).map((line) => line.text), truncated };
	}

	/** Of both replicas, once they have said their last. */
	async function runtime(args: Content = {}): Promise<string[]> {
		const { lines } = await until(
			() => read({ source: "runtime", ...args }),
			({ lines }) => lines.length >= 2,
			60_000,
		);
		return lines;
	}

	const texts = (lines: string[]) => lines.map((line) => line.slice(line.indexOf(" | ") + 3));

	it("has nothing to show before the first deploy", async () => {
		for (const source of ["build", "runtime"]) expect(await read({ source })).toEqual({ lines: [], ours: [], truncated: false });
	});

	it("shows a build while it runs, and after", async () => {
		const { deploymentId } = await server.deployment("deploy", { applicationId, wait: 0 });
		const early = await until(
			() => read({ tail: 500 }),
			({ lines }) => lines.some((line) => line.endsWith("the build begins")),
			120_000,
		);
		expect(early.lines.join("\n")).not.toContain("the build is done");
		one = await server.deployment("get_deployment", { deploymentId });
		expect(one.outcome).toBe("live");
		const { lines, ours } = await read({ tail: 500 });
		const order = [
			"== checkout",
			"== build",
			"RUN node build.js",
			"the build begins",
			"the build is done",
			"create the service with",
			"== finished: live",
		];
		expect(order.map((part) => lines.findIndex((line) => line.includes(part)))).toEqual(
			order.map((part) => lines.findIndex((line) => line.includes(part))).toSorted((a, b) => a - b),
		);
		for (const part of order) expect(lines.join("\n")).toContain(part);
		const buildsOwn = ["RUN node build.js", "the build begins", "the build is done"];
		for (const part of order) expect([part, ours.join("\n").includes(part)]).toEqual([part, !buildsOwn.includes(part)]);
		expect(ours.join("\n")).not.toContain("in the name of deploymill");
		expect(lines.join("\n")).toContain("in the name of deploymill");
		for (const line of ours) expect(line).toMatch(/^\d{4}-\d\d-\d\dT\S+Z \S/);
		expect((await server.ok("get_logs", { applicationId })).deploymentId).toBe(deploymentId);
		const warned = await read({ level: "warn", grep: "may warn" });
		expect(warned.lines).toEqual([expect.stringMatching(/^#\d+ \d+\.\d\d warning: a build may warn$/)]);
		expect((await read({ level: "error" })).lines).toEqual([]);
	});

	it("shows both streams of all tasks with node, task and time, in the order of time", async () => {
		const lines = await until(
			() => runtime(),
			(seen) => seen.length >= 20,
		);
		const tasks = (await bed.swarm.containers(applicationId)).map(({ taskId }) => taskId.slice(0, 8));
		const { Name: node } = (await bed.swarm.docker.info()) as { Name: string };
		for (const task of tasks) {
			const own = lines.filter((line) => line.includes(` ${task} `));
			expect(own).toHaveLength(10);
			// The engine reads the two streams side by side: which of them comes first is not the app's to say.
			expect(own.find((line) => line.includes(" out | "))).toMatch(
				new RegExp(
					`^\\d{4}-\\d\\d-\\d\\dT[\\d:]{8}\\.\\d{3}Z ${node} ${task} ${one.deploymentId} ${one.commit?.sha.slice(0, 7)} out \\| version one starts$`,
				),
			);
			expect(await runtime({ grep: task })).toEqual(own);
			expect(own.filter((line) => line.includes(" err | "))).toHaveLength(2);
		}
		expect(tasks).toHaveLength(2);
		const times = lines.map((line) => line.slice(0, 24));
		expect(times).toEqual(times.toSorted());
	});

	it("shows the newest lines alone, cuts long ones, and says so", async () => {
		const tail = await read({ source: "runtime", tail: 3 });
		expect(tail).toMatchObject({ truncated: true });
		expect(tail.lines).toHaveLength(3);
		const [long] = (await read({ source: "runtime", grep: "aaaa", tail: 1 })).lines;
		expect(long).toMatch(/a… \[9501 characters cut\]$/);
		expect(long?.length).toBeLessThan(700);
	});

	it.for<[string, string[]]>([
		["error", ["pino is upset", "logfmt", "a cry on stderr", "    at app.js:1"]],
		["warn", ["pino is upset", "bunyan warns", "logfmt", "a cry on stderr", "    at app.js:1"]],
		["fatal", []],
	])("with level %s shows that level and worse, whoever wrote it", async ([level, expected]) => {
		const { lines } = await read({ source: "runtime", level });
		const own = new Set(texts(lines).map((text) => expected.find((part) => text.includes(part)) ?? text));
		expect(own).toEqual(new Set(expected));
		expect(lines).toHaveLength(2 * expected.length);
	});

	it("takes an RE2 pattern, which is never slow", async () => {
		expect((await read({ source: "runtime", grep: "^VERSION (one|two) starts$" })).lines).toEqual([]);
		expect(texts(await runtime({ grep: "^version (one|two) starts$" }))).toEqual(["version one starts", "version one starts"]);
		const before = performance.now();
		expect((await read({ source: "runtime", grep: "(a+)+$" })).lines).toEqual([]);
		expect(performance.now() - before).toBeLessThan(10_000);
		for (const grep of ["(", "(?<=a)b", "(a)\\1"]) {
			expect(await server.refusal("get_logs", { applicationId, grep })).toMatchObject({
				code: "invalid_input",
				message: expect.stringContaining("RE2"),
			});
		}
	});

	it("since: a while ago, or a time", async () => {
		const startedAt = (await runtime())[0]?.slice(0, 24) ?? "";
		for (const since of ["1h", "999999d", startedAt, one.startedAt, "0001-01-01"]) {
			expect([since, (await read({ source: "runtime", since })).lines.length]).toEqual([since, 20]);
		}
		const later = new Date(Date.now() + 60_000).toISOString();
		for (const source of ["runtime", "build"]) expect((await read({ source, since: later })).lines).toEqual([]);
		expect((await read({ since: "1h", tail: 500 })).lines.length).toBeGreaterThan(10);
		expect(await server.refusal("get_logs", { applicationId, since: "yesterday" })).toMatchObject({ code: "invalid_input" });
	});

	it("of one deployment alone, also when another is live", async () => {
		await repo.commit("Two", { files: { "worker.js": app("two") } });
		const two = await server.deployment("deploy", { applicationId });
		expect(two.outcome).toBe("live");
		const starts = async (deploymentId: string) =>
			new Set(texts((await read({ source: "runtime", deploymentId, grep: "^version" })).lines));
		await until(
			() => starts(two.deploymentId),
			(seen) => seen.size > 0,
		);
		expect(await starts(two.deploymentId)).toEqual(new Set(["version two starts"]));
		expect(await starts(one.deploymentId)).toEqual(new Set(["version one starts"]));
		expect((await read({ deploymentId: one.deploymentId, grep: one.commit?.sha ?? "" })).lines).toHaveLength(1);
		expect((await read({ grep: one.commit?.sha ?? "" })).lines).toEqual([]);
		expect(await server.refusal("get_logs", { applicationId, deploymentId: "dep-none" })).toMatchObject({ code: "deployment_not_found" });
	});

	it("answers with no more than a client can take, in whole lines", async () => {
		const chatty = 'for (let n = 0; n < 300; n++) console.log("line " + n + " " + "x".repeat(400));\n';
		await repo.commit("Chatty", { files: { "build.js": chatty } });
		await server.deployment("deploy", { applicationId });
		const { lines, truncated } = await read({ tail: 2000, grep: "x{400}" });
		expect(truncated).toBe(true);
		expect(lines.join("\n").length).toBeLessThanOrEqual(20_000);
		for (const line of lines) expect(line).toMatch(/^#\d+ \d+\.\d\d line \d+ x{400}$/);
		expect(lines.at(-1)).toContain("line 299 ");
	});
});
