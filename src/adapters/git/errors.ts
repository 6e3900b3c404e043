// Turns git's error messages into errors of ours, with git's own words fenced in the details.
import { DeploymillError, type ErrorCode } from "../../errors.ts";
import type { Untrusted } from "../../untrusted.ts";
import { type GitCommand, GitFailed } from "./command.ts";
import { formatBytes } from "./limits.ts";

interface Meaning {
	/** In what git, ssh, curl or a well-known host says. */
	pattern: RegExp;
	code: ErrorCode;
	message: string;
	hint?: string;
	retryable?: boolean;
}

/** The first that fits is meant. */
const meanings: Meaning[] = [
	{
		pattern: /transport '[^']*' not allowed/,
		code: "repo_not_allowed",
		message: "the repository's address leads to a protocol that is not allowed",
	},
	{
		pattern: /Host key verification failed/,
		code: "repo_unreachable",
		message: "the repository's ssh host is not known to the server's user",
		hint: "Add the host's key to ~/.ssh/known_hosts of the user that runs deploymill (ssh-keyscan), after comparing it with the one the host publishes.",
		retryable: false,
	},
	{
		pattern: /returned error: 30\d|unable to update url base from redirection/,
		code: "repo_unreachable",
		message: "the repository's address is redirected elsewhere, which is not followed",
		hint: "Give the address that the repository has now as repoUrl.",
		retryable: false,
	},
	{
		pattern:
			/Authentication failed|could not read (?:Username|Password)|Permission denied \(|returned error: 40[13]|HTTP Basic: Access denied|Invalid username or/i,
		code: "repo_auth_failed",
		message: "the repository refused the server's credentials, or asks for some",
	},
	{
		pattern: /couldn't find remote ref|not our ref|unadvertised object|no such remote ref/i,
		code: "ref_not_found",
		message: "the repository does not hand out this commit, branch or tag",
	},
	{
		pattern:
			/repository '[^']*' not found|Repository not found|does not appear to be a git repository|returned error: 404|project you were looking for/i,
		code: "repo_unreachable",
		message: "there is no such repository, or the server's credentials may not see it",
		hint: "Check the address. Hosts answer so for private repositories too: set DEPLOYMILL_GIT_TOKEN and DEPLOYMILL_GIT_TOKEN_HOST, or give the server's user an ssh key.",
		retryable: false,
	},
	{
		pattern: /No space left on device|Disk quota exceeded/,
		code: "repo_unreachable",
		message: "the disk of the machine that deploymill runs on is full",
		hint: "Make room where the data folder is (deploymill doctor says how much there is), then try again.",
	},
	{
		pattern:
			/^(?:error|fatal): (?:invalid path '|unable to create symlink .*: (?:File name too long|No such file or directory|Invalid argument)$|.*: File name too long$)/m,
		code: "repo_not_allowed",
		message: "the commit has a file whose name or link no disk takes",
		hint: "Rename or remove it in the repository; details.output names it.",
		retryable: false,
	},
	{
		pattern:
			/empty filename in tree entry|too-short tree|malformed mode in tree|unable to read [0-9a-f]{40}|[0-9a-f]{40} not a tree|bad tree object|loose object [0-9a-f]{40} .*is corrupt/,
		code: "repo_unreachable",
		message: "the repository is damaged: objects that the commit needs are missing or cannot be read",
		hint: "Run git fsck on the repository, mend it and push again; details.output says what git found.",
		retryable: false,
	},
	{
		pattern: /Could not resolve host/i,
		code: "repo_unreachable",
		message: "the repository's host name could not be resolved",
	},
	{
		pattern: /SSL|TLS|certificate/i,
		code: "repo_unreachable",
		message: "no trusted TLS connection to the repository's host could be made",
		hint: "Check the host's certificate, and that the machine deploymill runs on trusts its authority (GIT_SSL_CAINFO).",
		retryable: false,
	},
	{
		pattern: /Failed to connect|Connection (?:refused|reset|closed)|timed out|No route to host|Network is unreachable|early EOF/i,
		code: "repo_unreachable",
		message: "the repository's host could not be reached",
	},
];

const unknown: Omit<Meaning, "pattern"> = { code: "repo_unreachable", message: "the repository could not be read" };

/** The limits that a command ran under. */
type Limits = Pick<GitCommand, "fileBytes" | "memoryBytes" | "outputBytes">;

/** Passes on what is not a git failure. `doing` completes "git took too long to …". */
export function explainGitFailure(error: unknown, doing: string, limits: Limits, untrusted: Untrusted): unknown {
	if (!(error instanceof GitFailed)) return error;
	const { code, message, hint, retryable } = meaningOf(error, doing, limits);
	return new DeploymillError(code, message, {
		...(hint === undefined ? {} : { hint }),
		...(retryable === undefined ? {} : { retryable }),
		...(error.stderr.trim() ? { details: { output: untrusted.fence("git", error.stderr) } } : {}),
		cause: error,
	});
}

function meaningOf(error: GitFailed, doing: string, limits: Limits): Omit<Meaning, "pattern"> {
	switch (error.reason) {
		case "timeout":
			return { code: "repo_unreachable", message: `git took too long to ${doing}` };
		case "too_much_output":
			return tooLarge(`git told more than ${formatBytes(limits.outputBytes)} when it was to ${doing}`);
		case "not_installed":
			return {
				code: "repo_unreachable",
				message: "git is not installed on the machine that deploymill runs on",
				hint: "Install git, and see that it is on the PATH that the deploymill server is started with.",
				retryable: false,
			};
		case "exit":
			return limitReached(error.stderr, doing, limits) ?? meanings.find(({ pattern }) => pattern.test(error.stderr)) ?? unknown;
	}
}

/** In git's own lines alone: what a remote says begins with "remote:". */
function limitReached(stderr: string, doing: string, { fileBytes, memoryBytes }: Limits): Omit<Meaning, "pattern"> | undefined {
	if (/^(?:fatal|error): .*File too large$/m.test(stderr))
		return tooLarge(`git had to write more than ${formatBytes(fileBytes)} to ${doing}`);
	if (/^(?:fatal|error): .*(?:out of memory|Cannot allocate memory)/im.test(stderr)) {
		return tooLarge(`git needed more than ${formatBytes(memoryBytes)} of memory to ${doing}`);
	}
	return undefined;
}

function tooLarge(message: string): Omit<Meaning, "pattern"> {
	return {
		code: "repo_not_allowed",
		message: `${message}, which is more than deploymill gives it`,
		hint: "The repository is larger than deploymill takes, or its host misbehaves: the limits stand in deploymill://guides/limits. Use a smaller repository.",
		retryable: false,
	};
}
