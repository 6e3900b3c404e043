// Watches folders grow while something writes into them, and ends it when one is too large.
import { lstat, readdir } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { DeploymillError } from "../../errors.ts";
import { formatBytes } from "./limits.ts";

/** Between two looks at least; a look that takes long is followed by a longer pause. */
const leastPauseMs = 300;
const pausesPerLook = 4;

/**
 * Does `work`, whose signal is aborted as soon as one of `folders` holds more than `mostBytes`; looks once more when it has ended.
 * @throws repo_not_allowed then; whatever `work` throws
 */
export async function watchGrowth<T>(
	folders: readonly string[],
	mostBytes: number,
	signal: AbortSignal | undefined,
	work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
	const tooLarge = new AbortController();
	const done = new AbortController();
	const watching = watch(folders, mostBytes, done.signal).catch((error: unknown) => tooLarge.abort(error));
	try {
		return await work(signal ? AbortSignal.any([signal, tooLarge.signal]) : tooLarge.signal);
	} finally {
		done.abort();
		await watching;
		// Also where it failed: git does not tell what kept it from writing a file.
		await refuseLarge(folders, mostBytes);
	}
}

async function watch(folders: readonly string[], mostBytes: number, done: AbortSignal): Promise<void> {
	let lookMs = 0;
	while (await pauseUnless(done, Math.max(leastPauseMs, lookMs * pausesPerLook))) {
		const started = performance.now();
		await refuseLarge(folders, mostBytes);
		lookMs = performance.now() - started;
	}
}

/** False when there is nothing more to wait for. */
async function pauseUnless(done: AbortSignal, ms: number): Promise<boolean> {
	try {
		await pause(ms, undefined, { signal: done });
		return true;
	} catch (error) {
		if (done.aborted) return false;
		throw error;
	}
}

async function refuseLarge(folders: readonly string[], mostBytes: number): Promise<void> {
	for (const folder of folders) {
		if ((await sizeOf(folder, mostBytes)) <= mostBytes) continue;
		throw new DeploymillError("repo_not_allowed", `the commit's files take more than ${formatBytes(mostBytes)} when they are written`, {
			hint: "deploymill checks no larger work tree out. Keep large files elsewhere, and have the Dockerfile fetch what the image needs.",
		});
	}
}

/** Bytes of all files below; stops counting when it is more than `enough`. What goes away meanwhile counts nothing. */
async function sizeOf(folder: string, enough: number): Promise<number> {
	let bytes = 0;
	const open = [folder];
	for (let next = open.pop(); next !== undefined && bytes <= enough; next = open.pop()) {
		const entries = await readdir(next, { withFileTypes: true }).catch(ifGone);
		for (const entry of entries ?? []) {
			const path = join(next, entry.name);
			if (entry.isDirectory()) open.push(path);
			else bytes += (await lstat(path).catch(ifGone))?.size ?? 0;
			if (bytes > enough) break;
		}
	}
	return bytes;
}

function ifGone(error: NodeJS.ErrnoException): undefined {
	if (error.code !== "ENOENT" && error.code !== "ENOTDIR") throw error;
}
