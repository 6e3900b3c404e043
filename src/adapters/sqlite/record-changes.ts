// Tells when any process has written to the database: every commit changes SQLite's journal file.
import { type FSWatcher, watch } from "node:fs";
import { basename, dirname } from "node:path";
import type { RecordChanges, RecordWatch } from "../../engine/ports/record-changes.ts";

/** How often one looks where the folder cannot be watched: the system's watches are used up, or the file system has none. */
const unwatchedMs = 100;

/** SQLite shows a commit only once the disk has what was written, so one looks again soon: after so long, then twice that, and so on. */
const firstAgainMs = 8;
const lastAgainMs = 512;

export function recordChangesOf(databaseFile: string): RecordChanges {
	return { watch: () => new JournalWatch(databaseFile) };
}

class JournalWatch implements RecordWatch {
	#watcher: FSWatcher | undefined;
	/** Something was written that no wait has told of. */
	#hasChanged = false;
	/** It may not have been visible yet. Undefined: nothing was written lately. */
	#againMs: number | undefined;
	#wake: (() => void) | undefined;

	constructor(databaseFile: string) {
		const journal = `${basename(databaseFile)}-wal`;
		try {
			// The folder and not the file, which SQLite removes with the last connection and makes anew.
			this.#watcher = watch(dirname(databaseFile), { persistent: false }, (_event, name) => {
				if (name === journal) this.#change();
			});
			this.#watcher.once("error", () => this.#unwatch());
		} catch {
			this.#watcher = undefined;
		}
	}

	async next(timeoutMs: number, signal?: AbortSignal): Promise<void> {
		const againMs = this.#againMs ?? timeoutMs;
		if (!this.#hasChanged && !signal?.aborted) await this.#changeWithin(Math.min(timeoutMs, againMs), signal);
		if (this.#hasChanged) this.#againMs = firstAgainMs;
		else if (this.#againMs !== undefined) this.#againMs = this.#againMs < lastAgainMs ? this.#againMs * 2 : undefined;
		this.#hasChanged = false;
	}

	async #changeWithin(timeoutMs: number, signal: AbortSignal | undefined): Promise<void> {
		const { promise, resolve } = Promise.withResolvers<void>();
		const timer = setTimeout(resolve, this.#watcher ? timeoutMs : Math.min(timeoutMs, unwatchedMs));
		const wake = () => resolve();
		this.#wake = wake;
		signal?.addEventListener("abort", wake, { once: true });
		await promise;
		this.#wake = undefined;
		signal?.removeEventListener("abort", wake);
		clearTimeout(timer);
	}

	#change(): void {
		this.#hasChanged = true;
		this.#wake?.();
	}

	#unwatch(): void {
		this.#watcher?.close();
		this.#watcher = undefined;
		this.#change();
	}

	[Symbol.dispose](): void {
		this.#watcher?.close();
	}
}
