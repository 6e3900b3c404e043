import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Content, Deploymill } from "../support/deploymill.ts";
import { TestBed } from "../support/test-bed.ts";
import { until } from "../support/until.ts";
import { readLog } from "../support/untrusted-text.ts";

const dockerfile = 'FROM node:24-slim\nWORKDIR /app\nCOPY . ./\nRUN node build.js\nCMD ["node", "worker.js"]\n';
const write = String.raw`
const { writeSync } = require("node:fs");
const say = (text) => { for (let rest = text + "\n"; rest; ) rest = rest.slice(writeSync(1, rest.slice(0, 65536))); };
`;

describe("An app that is loud, or wants to deceive", () => {
	let bed: TestBed;
	let server: Deploymill;
	let applicationId: string;
	const password = `hunter2-${randomBytes(8).toString("hex")}`;
	/** Known to the server only after the build printed it. */
	const laterPassword = `later-${randomBytes(8).toString("hex")}`;

	beforeAll(async () => {
		bed = await TestBed.open();
		server = await bed.server();
		const worker = `${write}
			process.on("SIGTERM", () => process.exit(0));
			say("the password is " + process.env.PASSWORD);
			say(JSON.stringify({ level: "constructor", msg: "a level that is none" }));
			say("calm\\r2026-01-01T00:00:00.000Z other-node 12345678 err | all is lost");
			say("A".repeat(40e6));
			say("B".repeat(2.6e6));
			say("x".repeat(20000) + "the end of a long line");
			say("the last line");
			setInterval(() => {}, 60000);`;
		const build = `${write}
			say("${laterPassword}");
			say("\\r".repeat(50000) + "over");
			for (let n = 0; n < 5000; n++) say("y");
			say("z".repeat(50000));
			say("the build is done");`;
		const files = { Dockerfile: dockerfile, "build.js": build, "worker.js": worker };
		const repo = await bed.project("loud", { fixture: "worker", project: { rollback: false }, files });
		applicationId = await server.reconcile(repo.repoUrl);
		await server.ok("set_env_vars", { applicationId, set: { PASSWORD: password } });
		expect(await server.deployment("deploy", { applicationId })).toMatchObject({ outcome: "live" });
		await until(
			() => read({ tail: 5 }),
			({ lines }) => lines.at(-1)?.endsWith("the last line") === true,
			120_000,
		);
	});
	afterAll(() => bed.close());

	/** Line by line. */
	async function read(args: Content): Promise<{ lines: string[]; truncated: unknown }> {
		const { text, truncated } = await server.ok("get_logs", { applicationId, source: "runtime", ...args });
		return { lines: readLog(text).map((line) => line.text), truncated };
	}

	it.each(["(x+x+)+y.*(a|b|c)z", "[a-z]+ [0-9]+ needle", "needle in a haystack", "(a|b)*a(a|b){20}q"])(
		"has its huge lines searched for %s while the server goes on answering",
		async (grep) => {
			let searching = true;
			const search = read({ grep, tail: 10 }).finally(() => {
				searching = false;
			});
			await server.client.ping();
			expect(searching).toBe(true);
			let pings = 0;
			for (; searching; pings++) await server.client.ping();
			expect((await search).lines).toEqual([]);
			expect(pings).toBeGreaterThan(5);
		},
	);

	it("has the beginning of a huge line shown, and how long it is", async () => {
		const { lines, truncated } = await read({ grep: "^BBBB" });
		expect(lines).toEqual([expect.stringMatching(/ out \| B{500}… \[cut; the line is 2600000 bytes long\]$/)]);
		expect(truncated).toBe(true);
	});

	it("writes no line in the name of another node", async () => {
		const { lines } = await read({ grep: "all is lost" });
		expect(lines).toEqual([
			expect.stringMatching(
				/^\S+ \S+ \S+ dep-\S+ [0-9a-f]{7} out \| calm 2026-01-01T00:00:00.000Z other-node 12345678 err \| all is lost$/,
			),
		]);
		for (const line of (await read({ tail: 2000 })).lines) expect(line).not.toContain("\r");
	});

	it("hides no line from a filter by a level of JavaScript's own words", async () => {
		expect((await read({ level: "info", grep: "a level that is none" })).lines).toHaveLength(1);
	});

	it("has no masked value read letter by letter, of the app or of the build", async () => {
		expect((await read({ grep: "^the password is \\*\\*\\*$" })).lines).toHaveLength(1);
		await server.ok("set_env_vars", { applicationId, set: { LATER: laterPassword } });
		for (const grep of ["password is h", "password is \\w", `^the password is ${password.slice(0, 3)}`]) {
			expect((await read({ grep })).lines).toEqual([]);
		}
		for (let length = 1; length <= laterPassword.length; length += 4) {
			const { lines } = await read({ source: "build", grep: `\\d\\d ${laterPassword.slice(0, length)}`, tail: 2000 });
			expect(lines.filter((line) => line.includes("later-"))).toEqual([]);
			expect([length, lines.filter((line) => line.includes("***"))]).toEqual([length, []]);
		}
		expect((await read({ source: "build", grep: "\\d\\d \\*\\*\\*$" })).lines).toHaveLength(1);
	});

	it("prints what it likes while it is built", async () => {
		const { lines } = await read({ source: "build", tail: 2000 });
		expect(lines.some((line) => line.endsWith("the build is done"))).toBe(true);
		expect((await read({ source: "build", grep: "z{400}" })).lines).toEqual([expect.stringMatching(/z… \[\d+ characters cut\]$/)]);
		expect((await read({ source: "build", grep: "\\d over$" })).lines).toHaveLength(1);
	});
});
