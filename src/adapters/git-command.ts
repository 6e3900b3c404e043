// Owns the running of one git command: its output, its time, and its end with everything it started.
import { spawn } from "node:child_process";
import { once } from "node:events";

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

/** Nothing that a repository brings may run, whatever the user's own configuration says. */
const safeSettings = [
	"core.hooksPath=/dev/null",
	"core.fsmonitor=false",
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
	command.signal?.throwIfAborted();
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
	command.signal?.addEventListener("abort", abort, { once: true });

	const output: Buffer[] = [];
	let outputBytes = 0;
	child.stdout.on("data", (chunk: Buffer) => {
		outputBytes += chunk.length;
		if (outputBytes > mostOutputBytes) end("too_much_output");
		else output.push(chunk);
	});
	let stderr = "";
	child.stderr.setEncoding("utf8").on("data", (text: string) => {
		stderr = (stderr + text).slice(-mostErrorChars);
	});

	try {
		const [exitCode] = await once(child, "close");
		command.signal?.throwIfAborted();
		if (exitCode !== 0 || reason !== "exit") throw new GitFailed(reason, stderr);
		return Buffer.concat(output).toString("utf8");
	} catch (error) {
		if (isMissing(error)) throw new GitFailed("not_installed", "", error);
		throw error;
	} finally {
		clearTimeout(timer);
		clearTimeout(forced);
		command.signal?.removeEventListener("abort", abort);
	}
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
