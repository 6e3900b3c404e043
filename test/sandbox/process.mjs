// Runs child processes: one to its end, one that outlives us; recognises and ends what we started.
import { execFile, spawn } from "node:child_process";
import { closeSync, openSync, readdirSync, readFileSync } from "node:fs";
import { constants } from "node:os";
import { processMark } from "./checkout.mjs";
import { waitUntil } from "./wait.mjs";

/** What detached processes get to see: no proxy, no token, no Docker setting of whoever ran `up`. */
const cleanEnvironment = {
	PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
	HOME: "/root",
	LANG: "C.UTF-8",
	[processMark.name]: processMark.value,
};

/**
 * Runs a command to its end and returns its stdout.
 * @param {string} command @param {string[]} args
 * @param {{input?: string, env?: NodeJS.ProcessEnv}} [options] input goes to stdin
 * @returns {Promise<string>} rejects with the command line and its stderr
 */
export function run(command, args, { input = "", env = process.env } = {}) {
	return new Promise((resolve, reject) => {
		const child = execFile(command, args, { env, maxBuffer: 64 * 1024 * 1024 }, (error, stdout, stderr) => {
			if (!error) return resolve(stdout);
			const said = stderr.trim() || error.message;
			reject(new Error(`${command} ${args.join(" ")}: ${said}`, { cause: error }));
		});
		child.stdin?.on("error", () => {}); // a command that never reads its input may close it
		child.stdin?.end(input);
	});
}

/**
 * Runs a long command, its output going to our stderr.
 * @param {string} command @param {string[]} args @param {{env?: NodeJS.ProcessEnv}} [options]
 * @returns {Promise<void>}
 */
export function runAloud(command, args, { env = process.env } = {}) {
	return new Promise((resolve, reject) => {
		const child = spawn(command, args, { env, stdio: ["ignore", process.stderr, process.stderr] });
		child.once("error", reject);
		child.once("close", (code, signal) => {
			if (code === 0) return resolve();
			reject(new Error(`${command} ended with ${signal ?? `exit code ${code}`}`));
		});
	});
}

/**
 * Starts a process that outlives us.
 * @param {string} command @param {string[]} args @param {string} logFile stdout and stderr are appended to it
 * @returns {Promise<ProcessRecord>}
 */
export async function startDetached(command, args, logFile) {
	const log = openSync(logFile, "a", 0o600);
	try {
		const child = spawn(command, args, { detached: true, stdio: ["ignore", log, log], env: cleanEnvironment, cwd: "/" });
		await new Promise((resolve, reject) => child.once("spawn", resolve).once("error", reject));
		child.unref();
		return { pid: child.pid, startTime: startTimeOf(child.pid), bootId: bootId() };
	} finally {
		closeSync(log);
	}
}

/**
 * A pid alone may be another process's by now: the start time (clock ticks since boot) and the boot tell.
 * @typedef {{pid: number, startTime: string, bootId: string}} ProcessRecord
 * @param {ProcessRecord | undefined} record
 */
export function isAlive(record) {
	if (!record?.pid || record.bootId !== bootId()) return false;
	const stat = readStat(record.pid);
	return stat !== undefined && stat.startTime === record.startTime && stat.state !== "Z";
}

/** @returns {number[]} pids of every process that carries this checkout's mark */
export function markedPids() {
	const wanted = `${processMark.name}=${processMark.value}`;
	return allPids().filter((pid) => readProc(pid, "environ")?.split("\0").includes(wanted));
}

/** @param {number[]} pids ends them at once and resolves when all are gone @returns {Promise<void>} */
export async function kill(pids) {
	const records = pids.map((pid) => ({ pid, startTime: startTimeOf(pid), bootId: bootId() })).filter(isAlive);
	for (const { pid } of records) sendKill(pid);
	await waitUntil("processes of the sandbox to end", () => !records.some(isAlive), { withinMs: 20_000, everyMs: 20 });
}

function sendKill(pid) {
	try {
		process.kill(pid, constants.signals.SIGKILL);
	} catch (error) {
		if (error.code !== "ESRCH") throw error;
	}
}

const allPids = () =>
	readdirSync("/proc")
		.filter((name) => /^\d+$/.test(name))
		.map(Number);
const startTimeOf = (pid) => readStat(pid)?.startTime ?? "";
const bootId = () => readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();

/** The command name in `stat` may hold spaces and brackets, so fields count from the last bracket: state is 3rd, start time 22nd. */
function readStat(pid) {
	const stat = readProc(pid, "stat");
	if (stat === undefined) return undefined;
	const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
	return { state: fields[0], startTime: fields[19] };
}

function readProc(pid, file) {
	try {
		return readFileSync(`/proc/${pid}/${file}`, "utf8");
	} catch {
		return undefined; // ended while we looked
	}
}
