// Keeps processes from working at the same time, by the kernel's file lock, which a crashed holder cannot leave behind.
import { spawn } from "node:child_process";
import { say } from "./progress.mjs";

/** How long a lock may be held by somebody else before we say that we wait. */
const PATIENCE_MS = 500;

/**
 * Runs the work while holding an exclusive lock on a file or folder that exists.
 *
 * The lock is held by `flock FILE cat`: cat echoes our line once it has the lock, and ends, which frees the lock,
 * when its stdin closes. The kernel closes that when we end, in whatever way.
 * @template T
 * @param {string} path @param {string} waitingFor shown when somebody else holds it
 * @param {() => Promise<T>} work @returns {Promise<T>}
 */
export async function withLock(path, waitingFor, work) {
	const holder = spawn("flock", ["--exclusive", path, "cat"], { stdio: ["pipe", "pipe", process.stderr] });
	const notice = setTimeout(() => say(`waiting for ${waitingFor}`), PATIENCE_MS);
	try {
		await new Promise((resolve, reject) => {
			holder.once("error", reject);
			holder.once("exit", (code) => reject(new Error(`flock ${path} ended with ${code}`)));
			holder.stdout.once("data", resolve);
			holder.stdin.write("mine\n");
		});
		clearTimeout(notice);
		return await work();
	} finally {
		clearTimeout(notice);
		holder.stdin.end();
	}
}
