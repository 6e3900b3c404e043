// Decides which redirect of a git host is followed: one that stays on the host, as hosts answer for a repository that was renamed.
import { DeploymillError } from "../../errors.ts";
import { GitFailed } from "./command.ts";

/** Git's smart protocol begins with this below the repository's address, and a redirect that keeps it tells the new address. */
const firstRequest = "/info/refs?service=git-upload-pack";

/** Makes git say on stderr which headers it got. */
export const traceVariables = { GIT_TRACE_CURL: "2", GIT_TRACE_CURL_NO_DATA: "1", GIT_TRACE_REDACT: "1" };

/** Whether git failed because it was redirected. */
export function isRedirect(error: unknown): boolean {
	return error instanceof GitFailed && error.reason === "exit" && /returned error: 30[12378]\b/.test(error.stderr);
}

/** The address that the last answer in git's trace leads to; undefined where it does not lead to a repository. */
export function readRedirect(trace: string, url: string): string | undefined {
	const location = [...trace.matchAll(/<= Recv header: location: (\S+)/gi)].at(-1)?.[1];
	const target = location === undefined ? undefined : URL.parse(location, `${withoutSlash(url)}${firstRequest}`)?.href;
	return target?.endsWith(firstRequest) ? target.slice(0, -firstRequest.length) : undefined;
}

/** The same scheme, host and port; or from http to https on the usual ports. */
export function staysOnHost(from: string, to: string): boolean {
	const [before, after] = [URL.parse(from), URL.parse(to)];
	if (before?.host !== after?.host) return false;
	return before?.protocol === after?.protocol || (before?.protocol === "http:" && after?.protocol === "https:");
}

/** @param target cleaned and cut: it is the host's word */
export function redirectRefused(target: string): DeploymillError {
	return new DeploymillError(
		"repo_unreachable",
		"the repository's address is redirected elsewhere, to another host, which is not followed",
		{
			hint: "Look at details.redirectedTo, and give the repository's present address as repoUrl if it is the right one.",
			retryable: false,
			details: { redirectedTo: target },
		},
	);
}

function withoutSlash(url: string): string {
	return url.replace(/\/+$/, "");
}
