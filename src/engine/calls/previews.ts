// Holds what the previews of a deploy and of a rollback share: how they show a release, the commits in between, and what was changed.
import { DeploymillError, errorMessage } from "../../errors.ts";
import type { ChangedSince, Commit, Deployment } from "../../model/deployment.ts";
import { firstLine } from "../../text/first-line.ts";
import { listed } from "../../text/listed.ts";
import type { Engine } from "../engine.ts";

const shownCommits = 20;
/** In a warning. */
export const mostNamed = 10;

/** The one who asks is not told of a release of their own. */
const freshMs = 3_600_000;

export interface Preview {
	/** Of the dry run. */
	answer: Record<string, unknown>;
	/** What `expectedCurrent` has to be for whoever goes on from it. Undefined where nothing is live. */
	current: string | undefined;
}

/** Of one that was adopted, nobody here knows when it was deployed. */
export function sideOf({ deploymentId, kind, commit, verdict, startedAt }: Deployment, now: number) {
	const age = kind === "adopted" ? {} : { deployedAt: startedAt, ageMs: now - Date.parse(startedAt) };
	return { deploymentId, ...(commit ? { commit: shortOf(commit) } : {}), verdict, ...age };
}

export function shortOf({ sha, message }: Commit) {
	return { sha, message: firstLine(message) };
}

export interface CommitsBetween {
	/** Newest first, at most 20. */
	list: { sha: string; message: string }[];
	/** There are more than that. */
	isCut: boolean;
}

/** Commits that `to` has and `from` does not. Undefined where the repository's history cannot be read or does not tell. */
export async function readCommitsBetween(
	engine: Engine,
	repoUrl: string,
	from: string,
	to: string,
	signal?: AbortSignal,
): Promise<CommitsBetween | undefined> {
	if (from === to) return { list: [], isCut: false };
	try {
		const commits = await engine.source.commitsBetween(repoUrl, from, to, shownCommits + 1, signal);
		return commits && { list: commits.slice(0, shownCommits).map(shortOf), isCut: commits.length > shownCommits };
	} catch (error) {
		if (!(error instanceof DeploymillError)) throw error;
		engine.log.info({ error: errorMessage(error) }, "the repository could not be asked for the commits in between");
		return undefined;
	}
}

/** A list that ends without a word is taken for whole. */
export function cutWords(what: string, { isCut }: CommitsBetween): string[] {
	return isCut ? [`of ${what} only the newest ${shownCommits} are listed: there are more`] : [];
}

/** How many a person is told of. */
export function countCommits({ length }: readonly unknown[]): string {
	return length < shownCommits ? String(length) : `${shownCommits} or more`;
}

/** Of the deployments between two, where the repository cannot be asked: only what was deployed is known. */
export function deployedBetween(newestFirst: readonly Deployment[], older: Deployment, newer: Deployment) {
	return newestFirst
		.filter(({ sequence, commit }) => commit && sequence > older.sequence && sequence <= newer.sequence)
		.flatMap(({ commit }) => (commit ? [shortOf(commit)] : []))
		.slice(0, shownCommits);
}

/** Somebody may be in the middle of something: they are asked before their release is replaced. */
export function freshWorkOfOthers(live: Deployment | undefined, { asker, now }: { asker: string; now: number }): string[] {
	if (!live || live.kind === "adopted" || live.requestedBy === asker) return [];
	const minutes = Math.floor((now - Date.parse(live.startedAt)) / 60_000);
	if (minutes * 60_000 >= freshMs) return [];
	const age = minutes < 1 ? "less than a minute" : `${minutes} minute(s)`;
	if (live.kind === "auto_rollback") return [`what is live was put back ${age} ago, in place of ${live.causedBy}: look at that one first`];
	return [`what is live was put there ${age} ago by ${live.requestedBy}: ask them, or your user, before you replace it`];
}

/** What is on probation is waited for no longer once another deployment begins. */
export function probationWarnings(live: Deployment | undefined): string[] {
	const { bake, confirm } = live ?? {};
	return [
		...(bake?.state === "running" ? [`what is live is in its bake until ${bake.until}: this cuts it short`] : []),
		...(confirm?.state === "awaiting" ? [`what is live waits to be confirmed until ${confirm.until}: this ends the waiting`] : []),
	];
}

/** @param kept what becomes of today's values, e.g. "a rollback keeps today's" */
export function changeWarnings({ env, config }: ChangedSince, when: (name: string) => string, kept: string): string[] {
	return [
		...(env.length > 0
			? [
					`env vars changed since it was live: ${listed(
						env.map((name) => `${name} (${when(name)})`),
						mostNamed,
					)}; ${kept}`,
				]
			: []),
		...(config.length > 0 ? [`configuration changed since it was live: ${config.join(", ")}; ${kept}`] : []),
	];
}
