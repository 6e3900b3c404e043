// Holds the shell script that git runs under: it sets the kernel's limits, and ends git when deploymill is gone.

/**
 * Arguments: the largest file in blocks of 512 bytes, the most memory of a process in KiB, then git's own. Its stdin is a pipe that
 * nothing is written to. When the other end is gone, closed or killed with its process, all of the group is killed: git works through
 * helpers (git-remote-https, index-pack, ssh) that outlive it otherwise, and what the kernel offers for this (PR_SET_PDEATHSIG) reaches
 * one process alone, on Linux alone.
 *
 * SIGXFSZ is ignored, so that git says "File too large" in place of dying without a word. A limit that is lower already stays. The watcher
 * survives a SIGTERM to the group, and the shell waits for it: an orphan would be a zombie where nobody reaps them, as in containers.
 * What git leaves behind when it ends, a filter that still writes, is ended by that signal too.
 */
const script = `
trap '' XFSZ
ulimit -c 0
ulimit -f "$1" 2>/dev/null || :
ulimit -d "$2" 2>/dev/null || :
shift 2
exec 3<&0 </dev/null
(trap '' TERM; read -r _; kill -s KILL 0) <&3 3<&- >/dev/null 2>&1 &
watcher=$!
trap : TERM
git "$@" 3<&-
status=$?
trap '' TERM
kill -s TERM 0
kill -s KILL "$watcher"
wait "$watcher" 2>/dev/null
exit "$status"
`;

/** What the shell exits with where there is no git. */
export const notFoundStatus = 127;

export interface GuardLimits {
	/** Of any file that git or a helper writes. */
	fileBytes: number;
	/** Of each process: what it may write to (RLIMIT_DATA). macOS knows the limit and does not enforce it. */
	memoryBytes: number;
}

/** Program and arguments that run git under the guard; on Windows, which has no such shell, git alone. */
export function guarded({ fileBytes, memoryBytes }: GuardLimits, gitArguments: readonly string[]): [program: string, args: string[]] {
	if (process.platform === "win32") return ["git", [...gitArguments]];
	const blocks = Math.ceil(fileBytes / 512);
	const kibibytes = Math.ceil(memoryBytes / 1024);
	return ["/bin/sh", ["-c", script, "deploymill-git", `${blocks}`, `${kibibytes}`, ...gitArguments]];
}
