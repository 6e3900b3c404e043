import { randomBytes } from "node:crypto";
import { readdir, readFile, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { type CallToolResult, ErrorCode, McpError } from "@modelcontextprotocol/sdk/types.js";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { faultsOf, Secrets } from "../support/answer-rules.ts";
import { holds, inputCount } from "../support/attack-part.ts";
import type { Deploymill } from "../support/deploymill.ts";
import { hostileString, plantedSecret } from "../support/hostile-strings.ts";
import type { ProjectRepo } from "../support/project-repo.ts";
import { TestBed } from "../support/test-bed.ts";
import { callsOf, type GeneratedCall, type ListedTool, type Pools } from "../support/tool-arguments.ts";

/** A call that takes longer hangs. */
const callDeadlineMs = 120_000;
const batchSize = 24;
/** The refusal of a call that is no call of a tool at all is the protocol's, and says what was wrong with it. */
const mostErrorChars = 16_000;

describe("Generated calls of every tool", () => {
	let bed: TestBed;
	let server: Deploymill;
	let tools: ListedTool[];
	/** Live; no call of the attack may change what runs. */
	let live: ProjectRepo;
	/** Registered, and its repository is gone: its deployments begin, and fail. */
	let gone: ProjectRepo;
	let deploymentIds: string[];
	let rollbackIds: string[];
	let secrets: Secrets;
	const gitToken = `gtoken${randomBytes(12).toString("hex")}`;
	/** What a client that crashed with its server left. */
	const stderr: string[] = [];
	const misheard: string[] = [];

	beforeAll(async () => {
		bed = await TestBed.open();
		secrets = new Secrets({ "registry password": bed.sandbox.registryPassword, "git token": gitToken });
		await start();
		const health = { path: "/healthz", retries: 1, intervalMs: 100, timeoutMs: 3000 };
		live = await bed.project("live", { project: { health } });
		gone = await bed.project("gone", { project: { health } });
		await server.reconcile(live.repoUrl);
		await server.reconcile(gone.repoUrl);
		await rm(gone.repoUrl, { recursive: true });
		for (const version of ["one", "two"]) {
			await live.commit(version, { behaviour: { version } });
			expect(await server.deployment("deploy", { applicationId: live.name })).toMatchObject({ outcome: "live" });
		}
		const history = await server.history(live.name);
		deploymentIds = history.map(({ deploymentId }) => deploymentId);
		rollbackIds = history.map(({ rollbackId }) => rollbackId ?? "");
	});
	afterAll(() => bed.close());

	it("are answered by the rules, keep the server alive, tell no secret and change nothing", async () => {
		const before = await swarmNow();
		const inputs = inputCount({ quick: 400, whole: 20_000 });
		const runs = Math.ceil(inputs / batchSize);
		const counts = new Map<string, number>();
		const batches = fc.array(callsOf(tools, pools()).map(guarded), { minLength: 1, maxLength: 2 * batchSize - 1, size: "max" });
		await holds("calls of every tool", batches, (calls) => checkBatch(calls, counts), runs);
		console.log(
			`answered: ${[...counts]
				.map(([kind, count]) => `${kind} ${count}`)
				.sort()
				.join(", ")}`,
		);
		expect(await swarmNow()).toEqual(before);
		const { applications } = await server.ok("list_applications");
		// A legal call may register the same repository under another address of it, and nothing else.
		const ids = (applications as { applicationId: string }[]).map(({ applicationId }) => applicationId);
		expect(ids).toEqual(expect.arrayContaining([gone.name, live.name]));
		expect(ids.filter((id) => !id.startsWith(live.name))).toEqual([gone.name]);
		stderr.push(server.stderr);
		expect(misheard).toEqual([]);
		expect(secrets.findIn(stderr.join(""))).toEqual([]);
		expect(await leaksIn(bed.dataFolder)).toEqual([]);
		await expect(stat("/tmp/deploymill-pwned")).rejects.toThrow("ENOENT");
	});

	async function start(): Promise<void> {
		const changes = {
			DEPLOYMILL_LOG_LEVEL: "trace",
			DEPLOYMILL_GIT_TOKEN: gitToken,
			DEPLOYMILL_GIT_TOKEN_HOST: "127.0.0.1:1",
			// What a generated address may lead to is this machine alone.
			DEPLOYMILL_GIT_PROTOCOLS: "file,http",
		};
		server = await bed.server(changes);
		server.client.onerror = ({ message }) => {
			// The SDK's client looks at a note only after the answer that came with it in one piece.
			if (!message.startsWith("Received a progress notification for an unknown token")) misheard.push(message.slice(0, 500));
		};
		tools = (await server.client.listTools()).tools;
	}

	/** Shrinking needs a server for each try. */
	async function checkBatch(calls: GeneratedCall[], counts: Map<string, number>): Promise<void> {
		const answers = await Promise.all([...calls.map(faultsOfCall), pingFaults()]);
		for (const [index, { tool }] of calls.entries()) {
			const kind = `${tools.some(({ name }) => name === tool) ? tool : "unknown tools"} ${answers[index]?.refused ? "refused" : "answered"}`;
			counts.set(kind, (counts.get(kind) ?? 0) + 1);
		}
		const faults = [...answers.flatMap((answer) => answer.faults), ...(await pingFaults()).faults];
		if (!isAlive()) {
			faults.push(`the server ended: ${server.stderr.slice(-2000)}`);
			stderr.push(server.stderr);
			await start();
		}
		expect(faults).toEqual([]);
	}

	async function faultsOfCall({ tool, args, progress }: GeneratedCall): Promise<{ refused: boolean; faults: string[] }> {
		const heard: string[] = [];
		const onprogress = (note: { message?: string | undefined }) => void heard.push(note.message ?? "");
		try {
			const params = { name: tool, arguments: args as Record<string, unknown> };
			const options = { timeout: callDeadlineMs, ...(progress ? { onprogress } : {}) };
			const result = (await server.client.callTool(params, undefined, options)) as CallToolResult;
			const leaked = secrets.findIn(heard.join("\n")).map((form) => `a planted secret (${form}) in progress`);
			return {
				refused: result.isError ?? false,
				faults: [...faultsOf(tool, result, secrets), ...leaked].map((fault) => `${tool}: ${fault}`),
			};
		} catch (error) {
			return { refused: true, faults: rpcFaults(tool, args, error) };
		}
	}

	/** An error of the protocol answers what is no call of a tool at all, and nothing else. */
	function rpcFaults(tool: string, args: unknown, error: unknown): string[] {
		if (!(error instanceof McpError)) return [`${tool}: ${String(error).slice(0, 500)}`];
		const isCall = args === undefined || (args !== null && typeof args === "object" && !Array.isArray(args));
		if (isCall || error.code !== ErrorCode.InvalidParams) return [`${tool}: JSON-RPC error ${error.code}: ${error.message.slice(0, 500)}`];
		return [
			...(error.message.length > mostErrorChars ? [`${tool}: a refusal of ${error.message.length} characters`] : []),
			...secrets.findIn(error.message),
		];
	}

	async function pingFaults(): Promise<{ refused: boolean; faults: string[] }> {
		const faults = await server.client.ping({ timeout: callDeadlineMs }).then(
			() => [],
			(error: unknown) => [`ping: ${String(error).slice(0, 500)}`],
		);
		return { refused: false, faults };
	}

	function isAlive(): boolean {
		try {
			return server.client.transport !== undefined && process.kill(server.pid, 0);
		} catch {
			return false;
		}
	}

	function pools(): Pools {
		const applicationId = fc.oneof(
			{ weight: 5, arbitrary: fc.constant(live.name) },
			{ weight: 3, arbitrary: fc.constant(gone.name) },
			{ weight: 2, arbitrary: fc.constantFrom("nobody", `${live.name} `, live.name.toUpperCase(), "__proto__", "constructor") },
		);
		const address = fc.constantFrom(
			live.repoUrl,
			gone.repoUrl,
			`${live.repoUrl}/`,
			`file://${live.repoUrl}`,
			"/nowhere/at/all",
			"http://127.0.0.1:1/x.git",
		);
		return {
			applicationId,
			deploymentId: fc.oneof(
				fc.constantFrom(...deploymentIds, "dep-nobody"),
				hostileString.map((text) => text.slice(0, 80) || "x"),
			),
			rollbackId: fc.constantFrom(...rollbackIds, "rb-nobody", "latest"),
			repoUrl: fc.oneof(
				{ weight: 1, arbitrary: address },
				{ weight: 4, arbitrary: hostileString.map((text) => text.slice(0, 500) || "x") },
			),
			ref: fc.constantFrom(
				"main",
				"HEAD",
				"none",
				"refs/heads/main",
				"-x",
				"main^{tree}",
				"main:Dockerfile",
				"a..b",
				"@{-1}",
				"deadbeef",
				"0".repeat(40),
			),
			cursor: fc.constantFrom("before-1", "before-0", "before-999999999999999", "before--1", "before-1e3", ""),
			wait: fc.constantFrom(0, 0, 0, 1),
			set: fc.dictionary(fc.constantFrom(...envNames), plantedSecret, { maxKeys: 3, noNullPrototype: true }),
			unset: fc.subarray(envNames, { maxLength: 2 }),
			since: fc.constantFrom("10m", "1d", "999999d", "0s", "2026-01-01", "2026-01-01T00:00:00+99:99", "soon"),
			grep: fc.constantFrom("error", "(a+)+b", "(?i)X", "[", "a{1001}", "((a{100}){100}){100}", "\\bGET\\b", "(?=x)"),
			requestId: fc.oneof(
				fc.constantFrom("r1", "r2"),
				hostileString.map((text) => text.slice(0, 100) || "x"),
			),
		};
	}

	/** A deploy or rollback of what is live would be legal, and change what runs: these expect another release than there is. */
	function guarded(call: GeneratedCall): GeneratedCall {
		const { tool, args } = call;
		if ((tool !== "deploy" && tool !== "rollback") || args === null || typeof args !== "object" || Array.isArray(args)) return call;
		const given = args as Record<string, unknown>;
		if (given.applicationId !== live.name || given.dryRun === true) return call;
		if (given.expectedCurrent !== undefined && typeof given.expectedCurrent !== "string") return call;
		return { ...call, args: { ...given, expectedCurrent: "dep-of-nobody" } };
	}

	/** What the engine has that is ours or nobody's: a name that an attack chose does not begin as those of other tests do. */
	async function swarmNow() {
		const { docker } = bed.swarm;
		const isOfOthers = (name = "") => /^t[0-9a-f]{8}-/.test(name) && !name.startsWith(bed.prefix);
		const [services, { Volumes }, networks] = await Promise.all([docker.listServices(), docker.listVolumes(), docker.listNetworks()]);
		return {
			services: services
				.filter(({ Spec }) => !isOfOthers(Spec?.Name))
				.map(({ ID, Version, Spec }) => ({ id: ID, version: Version?.Index, spec: Spec }))
				.sort((a, b) => a.id.localeCompare(b.id)),
			volumes: Volumes.map(({ Name }) => Name)
				.filter((name) => !isOfOthers(name))
				.sort(),
			networks: networks
				.map(({ Name }) => Name)
				.filter((name) => !isOfOthers(name))
				.sort(),
		};
	}

	/** Files of the data folder that hold a planted secret. The key is one itself, of another kind. */
	async function leaksIn(folder: string): Promise<string[]> {
		const entries = await readdir(folder, { recursive: true, withFileTypes: true });
		const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
		const found = await Promise.all(
			paths.map(async (path) => secrets.findIn(await readFile(path, "latin1")).map((form) => `${form} in ${path}`)),
		);
		return found.flat();
	}
});

const envNames = ["A", "API_KEY", "DB_PASSWORD", "PEM", "URL", "__proto__", "constructor", "PATH"];
