import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { createInterface } from "node:readline";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Secrets } from "../support/answer-rules.ts";
import { holds, inputCount } from "../support/attack-part.ts";
import { program } from "../support/deploymill.ts";
import { hostileString } from "../support/hostile-strings.ts";
import { TestBed } from "../support/test-bed.ts";

/** Enough for the largest message on a busy machine; only a hang takes longer. */
const deadlineMs = 120_000;
const internalError = -32603;
const linesPerBatch = 20;

describe("A client that does not keep to the protocol", () => {
	let bed: TestBed;
	let server: ChildProcessWithoutNullStreams;
	let stderr: string;
	let count = 0;
	/** Questions that wait, by id. */
	const waiting = new Map<string, () => void>();
	const faults: string[] = [];
	const gitToken = `gtoken${randomBytes(12).toString("hex")}`;
	const secrets = new Secrets({ "git token": gitToken });

	beforeAll(async () => {
		bed = await TestBed.open();
		await start();
	});
	afterAll(async () => {
		const ended = once(server, "exit");
		server.stdin.end();
		await ended;
		await bed.close();
	});

	it("is answered or passed over, and everything after it is answered", async () => {
		const batches = fc.array(
			fc.oneof({ weight: 60, arbitrary: garbage }, { weight: 120, arbitrary: message }, { weight: 1, arbitrary: huge }),
			{ minLength: 1, maxLength: 2 * linesPerBatch - 1, size: "max" },
		);
		const runs = Math.ceil(inputCount({ quick: 200, whole: 5000 }) / linesPerBatch);
		await holds("lines on stdin", batches, checkLines, runs);
		expect(secrets.findIn(stderr)).toEqual([]);
		expect(stderr).not.toMatch(/uncaught|unhandled rejection/);
	});

	async function checkLines(lines: Buffer[]): Promise<void> {
		faults.length = 0;
		for (const line of lines) server.stdin.write(Buffer.concat([line, Buffer.from("\n")]));
		const ended = once(server, "exit").then(() => faults.push(`the server ended: ${stderr.slice(-1000)}`));
		const late = new Promise((resolve) => setTimeout(resolve, deadlineMs, "late").unref());
		if ((await Promise.race([ask("ping"), ended, late])) === "late") faults.push("no answer to ping");
		const found = [...faults];
		if (server.exitCode !== null) await start();
		expect(found).toEqual([]);
	}

	async function start(): Promise<void> {
		const env = bed.env({ DEPLOYMILL_GIT_TOKEN: gitToken, DEPLOYMILL_LOG_LEVEL: "debug", DEPLOYMILL_GIT_PROTOCOLS: "file" });
		server = spawn(program.command, [program.file], { env: { PATH: process.env.PATH, HOME: process.env.HOME, ...env } });
		server.setMaxListeners(0);
		stderr = "";
		server.stdin.on("error", () => undefined);
		server.stderr.setEncoding("utf8").on("data", (text: string) => {
			stderr += text;
		});
		createInterface(server.stdout).on("line", hear);
		const hello = { protocolVersion: "2025-11-25", capabilities: {}, clientInfo: { name: "raw", version: "1" } };
		await ask("initialize", hello);
		server.stdin.write(`${JSON.stringify({ jsonrpc: "2.0", method: "notifications/initialized" })}\n`);
	}

	/** Resolves when it is answered, with whatever. Ids of our own: what is attacked with has others. */
	function ask(method: string, params: object = {}): Promise<void> {
		const id = `own-${count++}`;
		const answered = new Promise<void>((resolve) => waiting.set(id, resolve));
		server.stdin.write(`${JSON.stringify({ jsonrpc: "2.0", id, method, params })}\n`);
		return answered;
	}

	/** Every line on stdout is a message, whatever was asked. */
	function hear(line: string): void {
		const message = parse(line);
		if (message?.jsonrpc !== "2.0") faults.push(`not JSON-RPC: ${line.slice(0, 300)}`);
		if (message?.error?.code === internalError) faults.push(`an internal error: ${line.slice(0, 500)}`);
		// An id comes back as it was, however long the client made it.
		const idLength = JSON.stringify(message?.id ?? null).length;
		if (line.length - idLength > 200_000) faults.push(`a message of ${line.length} characters`);
		faults.push(...secrets.findIn(line));
		if (typeof message?.id !== "string") return;
		waiting.get(message.id)?.();
		waiting.delete(message.id);
	}
});

interface Message {
	jsonrpc?: unknown;
	id?: unknown;
	error?: { code?: unknown };
}

function parse(line: string): Message | undefined {
	try {
		return JSON.parse(line) as Message;
	} catch {
		return undefined;
	}
}

const oneLine = (text: string) => Buffer.from(text.replace(/\n/g, " "));

const garbage: fc.Arbitrary<Buffer> = fc.oneof(
	hostileString.map(oneLine),
	fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes.filter((byte) => byte !== 10))),
	fc.constantFrom(
		...[
			"",
			" ",
			"\r",
			"null",
			"[]",
			"{}",
			"1e999",
			'"x"',
			"[".repeat(50_000),
			'{"a":'.repeat(20_000),
			"Content-Length: 5\r",
			"GET / HTTP/1.1\r",
			"\0",
		].map(oneLine),
	),
);

const oddId = fc.oneof(hostileString, fc.constantFrom<unknown>(0, -1, 1.5, 2 ** 60, null, true, [], {}, ["own-0"], "x".repeat(100_000)));
const method = fc.oneof(
	{
		weight: 6,
		arbitrary: fc.constantFrom(
			...[
				"tools/call",
				"tools/list",
				"resources/read",
				"resources/list",
				"resources/templates/list",
				"prompts/get",
				"prompts/list",
				"ping",
			],
			...[
				"initialize",
				"completion/complete",
				"logging/setLevel",
				"notifications/cancelled",
				"notifications/progress",
				"tasks/get",
				"tasks/cancel",
			],
			...["notifications/initialized", "sampling/createMessage", "elicitation/create", "roots/list", "rpc.discover", "resources/subscribe"],
		),
	},
	{ weight: 1, arbitrary: hostileString },
);
const params = fc.oneof(
	fc.constantFrom<unknown>(
		undefined,
		null,
		[],
		"x",
		1,
		{},
		{ _meta: null },
		{ _meta: { progressToken: {} } },
		{ cursor: {} },
		{ cursor: "x" },
	),
	fc.record({
		uri: fc.oneof(hostileString, fc.constantFrom("deploymill://guides", "deploymill://guides/../../etc/passwd", "file:///etc/passwd")),
	}),
	fc.record({ name: hostileString, arguments: fc.oneof(hostileString, fc.dictionary(hostileString, hostileString, { maxKeys: 3 })) }),
	fc.record({
		name: fc.constantFrom("list_applications", "set_env_vars"),
		arguments: fc.constantFrom<unknown>([], "x", null, {}),
		task: fc.constantFrom<unknown>({}, { ttl: -1 }, 1),
	}),
	fc.record({ requestId: oddId, reason: hostileString }),
	fc.record({
		level: hostileString,
		ref: fc.record({ type: fc.constantFrom("ref/prompt", "ref/resource"), name: hostileString, uri: hostileString }),
	}),
);

/** What is JSON, and a message nearly or wholly. */
const message: fc.Arbitrary<Buffer> = fc
	.record(
		{ jsonrpc: fc.constantFrom<unknown>("2.0", "2.0", "2.0", "1.0", 2), id: oddId, method, params, result: oddId, error: oddId },
		{ requiredKeys: ["jsonrpc"] },
	)
	.map((value) => oneLine(JSON.stringify(value) ?? ""));

const huge: fc.Arbitrary<Buffer> = fc.constantFrom(11_000_000, 25_000_000).map((length) => Buffer.alloc(length, "x"));
