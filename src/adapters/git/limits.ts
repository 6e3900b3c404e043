// Names what git may take of the machine: time, bytes on the disk, files, memory, words. guides/limits.md tells them to people.

export interface GitLimits {
	/** To ask a remote what it has. */
	lookUpMs: number;
	/** To fetch from a remote. */
	fetchMs: number;
	/** For work on the disk. Filters of the user's configuration (Git LFS) are part of it. */
	localMs: number;
	/** Of one fetch, which comes as one file. */
	packBytes: number;
	/** Of a fetch of history: without the files, where the remote can leave them out. */
	historyPackBytes: number;
	/** Of a fetch of one file that is read. */
	filePackBytes: number;
	/** Of the work tree, and again of what Git LFS keeps beside it. */
	treeBytes: number;
	/** Files, links and folders of a commit. */
	treeEntries: number;
	/** Of the path of a file in the commit: this machine and the engine each put the path of a folder of its own before it. */
	pathBytes: number;
	/** Of what one command prints for us to read. */
	outputBytes: number;
	/** Of each process that asks what a remote has; the list of its refs is held there. */
	lookUpMemoryBytes: number;
	/** Of each other process. */
	memoryBytes: number;
}

const MiB = 1024 ** 2;
const GiB = 1024 ** 3;

/** Far above what repositories that are deployed have, far below what would harm a machine. */
export const defaultLimits: GitLimits = {
	lookUpMs: 60_000,
	fetchMs: 600_000,
	localMs: 300_000,
	packBytes: 2 * GiB,
	historyPackBytes: 512 * MiB,
	filePackBytes: 64 * MiB,
	treeBytes: 4 * GiB,
	treeEntries: 200_000,
	pathBytes: 2048,
	outputBytes: 64 * MiB,
	lookUpMemoryBytes: 512 * MiB,
	memoryBytes: 2 * GiB,
};

/** For people: `2 GB`, `512 MB`. */
export function formatBytes(bytes: number): string {
	for (const [unit, name] of [
		[GiB, "GB"],
		[MiB, "MB"],
		[1024, "KB"],
	] as const) {
		if (bytes >= unit) return `${Math.round((bytes / unit) * 10) / 10} ${name}`;
	}
	return `${bytes} bytes`;
}
