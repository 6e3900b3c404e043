// The guide's own programs, which check a signature: run as they stand there, on what is really sent.
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Webhook } from "../../src/adapters/http/webhook.ts";
import { Redactor } from "../../src/redact.ts";
import { serve } from "../support/server.ts";

const run = promisify(execFile);
const secret = "a secret of some length";
let folder: string;
let guide: string;

beforeAll(async () => {
	folder = await mkdtemp(join(tmpdir(), "deploymill-signatures-"));
	guide = await readFile(new URL("../../guides/events.md", import.meta.url), "utf8");
});
afterAll(() => rm(folder, { recursive: true }));

function programOf(language: string): string {
	const [, program = ""] = new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``).exec(guide) ?? [];
	return program;
}

/** What a receiver gets. */
async function receive(): Promise<{ body: Buffer; header: string }> {
	const got = Promise.withResolvers<{ body: Buffer; header: string }>();
	const port = await serve(async (request, response) => {
		got.resolve({ body: await buffer(request), header: String(request.headers["x-deploymill-signature"]) });
		response.end();
	});
	const target = { url: new URL(`http://127.0.0.1:${port}/`), secret };
	const webhook = new Webhook({ target: async () => target, version: "0", redactor: new Redactor() });
	await webhook.post(
		{
			deliveryId: "dep-1:failed",
			event: "failed",
			applicationId: "hello",
			deploymentId: "dep-1",
			kind: "deploy",
			outcome: "failed",
			verdict: null,
			commit: { sha: "4f5e7e3", message: "Zählen ✓", author: "Ada" },
			note: null,
			requestedBy: "a test",
			at: "2026-01-31T12:00:00.000Z",
			text: "hello: failed",
		},
		new AbortController().signal,
	);
	return got.promise;
}

const node = { file: "check.mjs", command: process.execPath };
const python = { file: "check.py", command: "python3" };

test.each([
	[
		"js",
		node,
		'\nimport { readFileSync } from "node:fs";\nconst [header, secret] = process.argv.slice(2);\nconsole.log(readEvent(readFileSync(new URL("body", import.meta.url)), header, secret).commit.message);\n',
	],
	[
		"python",
		python,
		'\nimport os, sys\nbody = open(os.path.join(os.path.dirname(__file__), "body"), "rb").read()\nsys.stdout.reconfigure(encoding="utf-8")\nprint(read_event(body, *sys.argv[1:])["commit"]["message"])\n',
	],
])("the one in %s, of ten lines, takes what is signed and refuses all else", async (language, { file, command }, use) => {
	const program = programOf(language);
	expect(program.trim().split("\n").length).toBeLessThanOrEqual(10);
	await writeFile(join(folder, file), program + use);
	const { body, header } = await receive();
	const check = async (sent: Buffer, ...args: string[]) => {
		await writeFile(join(folder, "body"), sent);
		return run(command, [join(folder, file), ...args]);
	};
	expect((await check(body, header, secret)).stdout.trim()).toBe("Zählen ✓");
	const altered = Buffer.from(body.toString("utf8").replace("failed", "live"));
	const wrong = [
		[altered, header, secret],
		[body, header, "another secret"],
		[body, "", secret],
	] as const;
	for (const [sent, ...args] of wrong) {
		await expect(check(sent, ...args)).rejects.toMatchObject({ stderr: expect.stringContaining("not from deploymill") });
	}
});
