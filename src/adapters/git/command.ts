// Owns the running of one git command: its output, its time, and its end with everything it started.
import { spawn } from "node:child_process";
import { once } from "node:events";
import type { Readable } from "node:stream";

export interface GitCommand {
	args: readonly string[];
	cwd: string;
	env: NodeJS.ProcessEnv;
	timeoutMs: number;
	signal?: AbortSignal | undefined;
}

/** Thrown when git did not do it. `stderr` is untrusted: a remote writes into it. */
export class GitFailed extends Error {
	override name = "GitFailed";
	readonly reason: "exit" | "timeout" | "not_installed" | "too_much_output";
	readonly stderr: string;

	constructor(reason: GitFailed["reason"], stderr: string, cause?: unknown) {
		super(`git failed: ${reason}`, { cause });
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
];
const mostOutputBytes = 64 * 1024 * 1024;
const mostErrorChars = 16_384;
/** Between asking and forcing a command to end. */
const killDelayMs = 2000;

/**
 * Runs git without a shell, in a process group of its own that is ended as a whole on abort or time-out: git works through
 * helpers (git-remote-https, ssh) that outlive it otherwise.
 *
 * @returns stdout as UTF-8
 * @throws GitFailed; the signal's reason when aborted
 */
export async function runGit(command: GitCommand): Promise<string> {
	const { signal } = command;
	signal?.throwIfAborted();
	const args = [...safeSettings.flatMap((setting) => ["-c", setting]), ...command.args];
	const child = spawn("git", args, { cwd: command.cwd, env: command.env, detached: true, stdio: ["ignore", "pipe", "pipe"] });
	let reason: GitFailed["reason"] = "exit";
	let forced: NodeJS.Timeout | undefined;
	const end = (why: GitFailed["reason"]) => {
		if (forced) return;
		reason = why;
		signalGroup(child.pid, "SIGTERM");
		forced = setTimeout(() => signalGroup(child.pid, "SIGKILL"), killDelayMs);
	};
	const timer = setTimeout(() => end("timeout"), command.timeoutMs);
	const abort = () => end("exit");
	signal?.addEventListener("abort", abort, { once: true });
	const output = collect(child.stdout, () => end("too_much_output"));
	const errors = collectTail(child.stderr);
	try {
		const [exitCode] = await once(child, "close");
		signal?.throwIfAborted();
		if (exitCode !== 0 || reason !== "exit") throw new GitFailed(reason, errors());
		return output();
	} catch (error) {
		throw isMissing(error) ? new GitFailed("not_installed", "", error) : error;
	} finally {
		clearTimeout(timer);
		clearTimeout(forced);
		signal?.removeEventListener("abort", abort);
	}
}

/** Keeps all that a stream says, up to a size beyond which it is given up. */
function collect(stream: Readable, tooMuch: () => void): () => string {
	const chunks: Buffer[] = [];
	let bytes = 0;
	stream.on("data", (chunk: Buffer) => {
		bytes += chunk.length;
		if (bytes > mostOutputBytes) tooMuch();
		else chunks.push(chunk);
	});
	return () => Buffer.concat(chunks).toString("utf8");
}

/** Keeps the end of what a stream says. */
function collectTail(stream: Readable): () => string {
	let tail = "";
	stream.setEncoding("utf8").on("data", (text: string) => {
		tail = (tail + text).slice(-mostErrorChars);
	});
	return () => tail;
}

function signalGroup(pid: number | undefined, signal: NodeJS.Signals): void {
	if (pid === undefined) return;
	try {
		process.kill(-pid, signal);
	} catch {
		// The group is gone, which is what was wanted.
	}
}

function isMissing(error: unknown): boolean {
	return error instanceof Error && "code" in error && error.code === "ENOENT" && "syscall" in error && error.syscall === "spawn git";
}
