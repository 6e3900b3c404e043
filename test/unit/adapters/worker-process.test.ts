import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { WorkerProcesses } from "../../../src/adapters/worker-process.ts";
import { until } from "../../support/until.ts";

const source = (name: string) => JSON.stringify(new URL(`../../../src/adapters/${name}.ts`, import.meta.url).href);

/** Writes down who it is, and what it was started with; then which deployment it was told, and lives on with that. */
const worker = `
	import { deploymentFrom, standbyArgument } from ${source("standby-worker")};
	const [, , command, first, logName] = process.argv;
	console.log(JSON.stringify({ pid: process.pid, options: process.execArgv, command, secret: process.env.SECRET }));
	const told = first === standbyArgument ? await deploymentFrom(process.stdin, logName) : first;
	if (told === undefined) process.exit();
	console.log(JSON.stringify({ pid: process.pid, told }));
	setInterval(() => {}, 1000);`;

/** Prepares a worker, says so, and waits to be killed. */
const server = (program: string, folder: string) => `
	import { WorkerProcesses } from ${source("worker-process")};
	const options = { program: ${JSON.stringify(program)}, logFolder: ${JSON.stringify(folder)}, env: process.env, mayPrepare: true };
	new WorkerProcesses(options).prepare();
	setInterval(() => {}, 1000);`;

let folder: string;
let program: string;
const pids = new Set<number>();

beforeEach(async () => {
	folder = await mkdtemp(join(tmpdir(), "deploymill-workers-"));
	program = join(folder, "program.mjs");
	await writeFile(program, worker);
});
afterEach(async () => {
	for (const pid of pids) if (isAlive(pid)) process.kill(pid, "SIGKILL");
	pids.clear();
	await rm(folder, { recursive: true });
});

function open(mayPrepare = true): WorkerProcesses {
	return new WorkerProcesses({ program, logFolder: join(folder, "logs"), env: { ...process.env, SECRET: "s" }, mayPrepare });
}

async function logNames(): Promise<string[]> {
	return existsSync(join(folder, "logs")) ? readdir(join(folder, "logs")) : [];
}

interface Line {
	pid: number;
	options?: string[];
	command?: string;
	secret?: string;
	told?: string;
}

/** What the worker that has this log wrote so far. */
async function read(logName: string): Promise<Line[]> {
	const text = await readFile(join(folder, "logs", logName), "utf8").catch(() => "");
	const lines = text
		.split("\n")
		.filter(Boolean)
		.map((line) => JSON.parse(line) as Line);
	for (const { pid } of lines) pids.add(pid);
	return lines;
}

/** The one that waits for its deployment. */
async function standby(): Promise<{ pid: number; logName: string }> {
	const [logName = ""] = await until(logNames, (names) => names.length > 0);
	const [line] = await until(
		() => read(logName),
		(lines) => lines.length > 0,
	);
	return { pid: line!.pid, logName };
}

async function told(deploymentId: string): Promise<Line[]> {
	return until(
		() => read(`${deploymentId}.worker.log`),
		(lines) => lines.some((line) => line.told === deploymentId),
	);
}

function isAlive(pid: number): boolean {
	try {
		process.kill(pid, 0);
		return true;
	} catch {
		return false;
	}
}

async function hasEnded(pid: number): Promise<void> {
	await until(
		async () => isAlive(pid),
		(alive) => !alive,
	);
}

test("a worker that was prepared takes the deployment, and lives on without its server's hold", async () => {
	const workers = open();
	const { pid, logName } = await (async () => {
		using prepared = workers.prepare();
		const waiting = await standby();
		await prepared.start("dep-1");
		return waiting;
	})();
	const lines = await told("dep-1");
	expect(lines).toEqual([
		{ pid, options: [], command: "worker", secret: "s" },
		{ pid, told: "dep-1" },
	]);
	expect(logName).toMatch(/^standby-/);
	expect(await logNames()).toEqual(["dep-1.worker.log"]);
	expect(isAlive(pid)).toBe(true);
	// A session of its own: no signal to the server's group reaches it.
	expect((await readFile(`/proc/${pid}/stat`, "utf8")).replace(/^.*\) /, "").split(" ")[3]).toBe(String(pid));
});

test("one whose call is refused ends, and leaves nothing", async () => {
	const prepared = open().prepare();
	const { pid } = await standby();
	prepared[Symbol.dispose]();
	await hasEnded(pid);
	expect(await logNames()).toEqual([]);
});

test("one whose server is killed ends, and leaves nothing", async () => {
	await writeFile(join(folder, "server.mjs"), server(program, join(folder, "logs")));
	const parent = spawn(process.execPath, [join(folder, "server.mjs")], { stdio: "ignore" });
	const { pid } = await standby();
	parent.kill("SIGKILL");
	await once(parent, "exit");
	await hasEnded(pid);
	expect(await logNames()).toEqual([]);
});

test("a server has one at most; a call beside it starts its worker when it needs it", async () => {
	const workers = open();
	using first = workers.prepare();
	using second = workers.prepare();
	await standby();
	expect(await logNames()).toHaveLength(1);
	await second.start("dep-2");
	expect(await told("dep-2")).toHaveLength(2);
	await first.start("dep-1");
	expect(await told("dep-1")).toHaveLength(2);
	expect(await logNames()).toEqual(["dep-1.worker.log", "dep-2.worker.log"]);
});

test("another one is prepared once the first is given away", async () => {
	const workers = open();
	for (const deploymentId of ["dep-1", "dep-2"]) {
		using prepared = workers.prepare();
		await until(logNames, (names) => names.some((name) => name.startsWith("standby-")));
		await prepared.start(deploymentId);
		await told(deploymentId);
	}
});

test("one that died meanwhile was told nothing: another is started", async () => {
	using prepared = open().prepare();
	const { pid } = await standby();
	process.kill(pid, "SIGKILL");
	await hasEnded(pid);
	await prepared.start("dep-1");
	const lines = await told("dep-1");
	expect(lines.filter((line) => line.told !== undefined)).toHaveLength(1);
	expect(lines.at(-1)?.pid).not.toBe(pid);
});

test("a worker prepares none", async () => {
	using prepared = open(false).prepare();
	expect(await logNames()).toEqual([]);
	await prepared.start("dep-1");
	await told("dep-1");
});

test("one that cannot be prepared is told of when it is needed", async () => {
	await writeFile(join(folder, "logs"), "no folder");
	using prepared = open().prepare();
	await expect(prepared.start("dep-1")).rejects.toThrow("EEXIST");
	await rm(join(folder, "logs"));
});
