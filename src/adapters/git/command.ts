// Runs one git command: within its limits, and to its end with everything it started.
import { spawn } from "node:child_process";
import { once } from "node:events";
import type { Readable } from "node:stream";
import { type GuardLimits, guarded, notFoundStatus } from "./guard.ts";

export interface GitCommand extends GuardLimits {
	args: readonly string[];
	cwd: string;
	env: NodeJS.ProcessEnv;
	timeoutMs: number;
	/** Of stdout. */
	outputBytes: number;
	signal?: AbortSignal | undefined;
	/** Given stdout as it comes; false: that is enough of it. */
	onOutput(chunk: Buffer): boolean;
}

/** Thrown when git did not do it. `stderr` is untrusted: a remote writes into it. */
export class GitFailed extends Error {
	override name = "GitFailed";
	readonly reason: "exit" | "timeout" | "not_installed" | "too_much_output";
	readonly stderr: string;

	constructor(reason: GitFailed["reason"], stderr: string) {
		super(`git failed: ${reason}`);
		this.reason = reason;
		this.stderr = stderr;
	}
}

/** Whatever the user's own configuration says: nothing that a repository brings runs, and its files come out as committed. */
const safeSettings = [
	"core.hooksPath=/dev/null",
	"core.fsmonitor=false",
	"core.autocrlf=false",
	"protocol.ext.allow=never",
	"submodule.recurse=false",
	"fetch.recurseSubmodules=false",
	"fetch.showForcedUpdates=false",
	"gc.auto=0",
	"maintenance.auto=false",
	"advice.detachedHead=false",
	"log.showSignature=false",
	"http.lowSpeedLimit=1000",
	"http.lowSpeedTime=30",
	// See redirect.ts.
	"http.followRedirects=false",
	// Nothing is told of what is here already: a remote would leave the one file out that is asked for.
	"fetch.negotiationAlgorithm=noop",
	// One file per fetch, however few objects: that is what its limit counts.
	"transfer.unpackLimit=1",
	"fetch.unpackLimit=1",
	// Larger files pass through in pieces, and few at once: both keep memory small.
	"core.bigFileThreshold=128m",
	"pack.threads=2",
];
const mostErrorChars = 16_384;
/** Between asking and forcing a command to end. */
const killDelayMs = 2000;

/**
 * Runs git with these very arguments (no shell reads them), in a process group of its own that is ended as a whole on abort, on a limit,
 * and when this process ends in whatever way (see guard.ts).
 *
 * @throws GitFailed; the signal's reason when aborted
 */
export async function runGit(command: GitCommand): Promise<void> {
	const { signal } = command;
	signal?.throwIfAborted();
	const [program, args] = guarded(command, [...safeSettings.flatMap((setting) => ["-c", setting]), ...command.args]);
	const child = spawn(program, args, { cwd: command.cwd, env: command.env, detached: true, stdio: ["pipe", "pipe", "pipe"] });
	let reason: GitFailed["reason"] = "exit";
	let forced: NodeJS.Timeout | undefined;
	const killLater = () => {
		forced ??= setTimeout(() => signalGroup(child.pid, "SIGKILL"), killDelayMs);
	};
	const end = (why: GitFailed["reason"]) => {
		if (forced) return;
		reason = why;
		signalGroup(child.pid, "SIGTERM");
		killLater();
	};
	// What is left of the group holds stderr open: without that there is nobody to end.
	child.once("exit", killLater);
	const timer = setTimeout(() => end("timeout"), command.timeoutMs);
	const abort = () => end("exit");
	signal?.addEventListener("abort", abort, { once: true });
	passOn(child.stdout, command, () => end("too_much_output"));
	const errors = collectTail(child.stderr);
	try {
		const [exitCode] = await once(child, "close");
		signal?.throwIfAborted();
		if (exitCode === notFoundStatus && reason === "exit") throw new GitFailed("not_installed", errors());
		if (exitCode !== 0 || reason !== "exit") throw new GitFailed(reason, errors());
	} catch (error) {
		throw (error as NodeJS.ErrnoException).syscall === "spawn git" ? new GitFailed("not_installed", "") : error;
	} finally {
		clearTimeout(timer);
		clearTimeout(forced);
		signal?.removeEventListener("abort", abort);
	}
}

/** Runs git and returns what it says on stdout, as UTF-8. @throws as runGit */
export async function readGit(command: Omit<GitCommand, "onOutput">): Promise<string> {
	const chunks: Buffer[] = [];
	await runGit({ ...command, onOutput: (chunk) => chunks.push(chunk) > 0 });
	return Buffer.concat(chunks).toString("utf8");
}

/** Hands on what a stream says, up to a size or a word beyond which the rest is dropped. */
function passOn(stream: Readable, { outputBytes, onOutput }: GitCommand, tooMuch: () => void): void {
	let bytes = 0;
	let over = false;
	stream.on("data", (chunk: Buffer) => {
		bytes += chunk.length;
		over ||= bytes > outputBytes || !onOutput(chunk);
		if (over) tooMuch();
	});
}

/** Keeps the end of what a stream says, in whole lines: what a cut leaves of a secret is not found by the masking. */
export function collectTail(stream: Readable): () => string {
	let tail = "";
	let isCut = false;
	stream.setEncoding("utf8").on("data", (text: string) => {
		const all = tail + text;
		tail = all.slice(-mostErrorChars);
		isCut ||= all.length > mostErrorChars;
	});
	return () => (isCut ? tail.slice(tail.indexOf("\n") + 1 || tail.length) : tail);
}

/** Windows has no groups: there it is git alone. */
function signalGroup(pid: number | undefined, signal: NodeJS.Signals): void {
	if (pid === undefined) return;
	try {
		process.kill(process.platform === "win32" ? pid : -pid, signal);
	} catch {
		// The group is gone, which is what was wanted.
	}
}
