// Decides which words may name a branch, a tag or a commit, and which full names a word may stand for.
import { DeploymillError } from "../../errors.ts";

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
 * Looks for the commit id that an abbreviated one stands for, where a remote's branches and tags point at exactly one such commit. A
 * remote tells of no others.
 */
export class CommitIdSearch {
	readonly #start: string;
	readonly #matches = new Set<string>();

	constructor(ref: string) {
		this.#start = ref.toLowerCase();
	}

	/** Whether `ref` can be a commit id that was cut. */
	static isFor(ref: string): boolean {
		return shortCommitId.test(ref);
	}

	/** @returns false once it is clear that none is meant alone */
	add(oid: string): boolean {
		if (oid.startsWith(this.#start)) this.#matches.add(oid);
		return this.#matches.size < 2;
	}

	get found(): string | undefined {
		return this.#matches.size === 1 ? [...this.#matches][0] : undefined;
	}
}

/** @param empty whether the remote has no branch at all */
export function refNotFound(ref: string | undefined, empty: boolean): DeploymillError {
	if (empty) {
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
