// Owns which words may name a branch, a tag or a commit, and how a word becomes what is fetched.
import { DeploymillError } from "../../errors.ts";

/** One line of what a remote advertises. `^{}` names are the commits that annotated tags point at. */
export interface RemoteRef {
	name: string;
	oid: string;
}

export const fullCommitId = /^[0-9a-f]{40}$/i;
const shortCommitId = /^[0-9a-f]{7,39}$/i;
/** What git check-ref-format refuses anywhere in a name, and every invisible character. */
const unfit = /[\p{C}\p{Z}~^:?*[\\]|\.\.|@\{|\/\/|^[-/]|[/.]$|^@$/u;

/**
 * Follows the rules of git check-ref-format, and refuses what git could take for an option.
 * @throws ref_not_found; what was given is not echoed
 */
export function checkRef(ref: string): void {
	const parts = ref.split("/");
	const hidden = parts.some((part) => part.startsWith(".") || part.endsWith(".lock"));
	if (ref === "" || ref.length > 255 || unfit.test(ref) || hidden) {
		throw new DeploymillError("ref_not_found", "the ref given cannot be the name of a branch, a tag or a commit");
	}
}

/** Full names that `ref` may stand for, most wanted first: where a branch and a tag share a name, the branch is meant. */
export function candidateNames(ref: string): string[] {
	return ref.startsWith("refs/") ? [ref] : [`refs/heads/${ref}`, `refs/tags/${ref}`];
}

/**
 * The commit id that an abbreviated one stands for, where a branch or tag of the remote points at exactly one such commit.
 * A remote tells of no others.
 */
export function expandCommitId(ref: string, remoteRefs: readonly RemoteRef[]): string | undefined {
	if (!shortCommitId.test(ref)) return undefined;
	const matches = new Set(remoteRefs.map(({ oid }) => oid).filter((oid) => oid.startsWith(ref.toLowerCase())));
	return matches.size === 1 ? [...matches][0] : undefined;
}

/** @param branches how many branches the remote has at all */
export function refNotFound(ref: string | undefined, branches: number): DeploymillError {
	if (branches === 0) {
		return new DeploymillError("ref_not_found", "the repository is empty: it has no branch yet", {
			hint: "Push a first commit to the repository.",
		});
	}
	if (ref === undefined) {
		return new DeploymillError("ref_not_found", "the repository's default branch does not exist", {
			hint: "Name a branch with ref, or set the default branch where the repository is hosted.",
		});
	}
	const message = `the repository has no branch or tag "${ref}"`;
	if (!shortCommitId.test(ref)) return new DeploymillError("ref_not_found", message);
	return new DeploymillError("ref_not_found", `${message}, and a remote does not look up abbreviated commit ids`, {
		hint: "Give the full commit id of 40 characters, or a branch or tag.",
	});
}
