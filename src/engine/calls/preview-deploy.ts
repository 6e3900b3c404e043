// Previews a deploy: which commit it would put live, what that adds and drops, and why it would be refused. Nothing is built or changed.
import { quote } from "../../config/quote.ts";
import type { Application } from "../../model/application.ts";
import type { ChangedSince, Commit, Deployment, DeploymentRequest, Mismatch } from "../../model/deployment.ts";
import { listed } from "../../text/listed.ts";
import { findApplication } from "../applications.ts";
import { ensureClaimsFree } from "../claims/ensure-free.ts";
import type { Engine } from "../engine.ts";
import { changedSince, digestsNow, howEnvChanged } from "../history/changed-since.ts";
import { ensureReturnable } from "../history/ensure-returnable.ts";
import { readHistory } from "../history/history.ts";
import { type MigrationsOfDeploy, migrationsOfDeploy, shownGap } from "../history/migration-gap.ts";
import { findMismatch } from "../history/mismatch.ts";
import { mismatchPreview } from "../history/mismatch-words.ts";
import { requireRegistry } from "../history/require-registry.ts";
import type { History } from "../history/targets.ts";
import { readCommit } from "../pipeline/commit-facts.ts";
import { ensureCommitNotKnownBad } from "../pipeline/known-bad.ts";
import { observeOwnService } from "../service/observe.ts";
import { releaseOf } from "../service/spec.ts";
import { currentOf, ensureExpectedCurrent } from "../service/stale-view.ts";
import { ensureDeployable } from "./ensure-deployable.ts";
import { inProgressOf } from "./in-progress.ts";
import {
	type CommitsBetween,
	changeWarnings,
	cutWords,
	freshWorkOfOthers,
	mostNamed,
	type Preview,
	probationWarnings,
	readCommitsBetween,
	shortOf,
	sideOf,
} from "./previews.ts";
import { firstRefusal } from "./would-be-refused.ts";

export interface DeployQuestion {
	applicationId: string;
	/** Who asks. */
	asker: string;
	request: Pick<DeploymentRequest, "ref" | "noCache" | "force" | "expectedCurrent" | "confirmWithin">;
}

/** What would be put live, and what is. */
interface DeployView {
	history: History;
	/** The recorded deployment that is live; undefined where nothing is, or Swarm runs one that this server does not know. */
	from: Deployment | undefined;
	/** Id of the release that is live, or the reference of an image that deploymill did not put there. */
	current: string | undefined;
	mismatch: Mismatch | undefined;
	to: { ref: string; commit: Commit };
	migrations: MigrationsOfDeploy;
	changed: ChangedSince | undefined;
	digests: Required<Pick<Deployment, "envDigests" | "configDigests">>;
	warnings: string[];
}

/** @throws application_not_found, service_not_ours, docker_unreachable, repo_not_allowed, repo_unreachable, repo_auth_failed, ref_not_found */
export async function previewDeploy(engine: Engine, question: DeployQuestion, signal?: AbortSignal): Promise<Preview> {
	const { applicationId, asker, request } = question;
	const application = findApplication(engine.store, applicationId);
	const view = await viewDeploy(engine, application, request, signal);
	const [commits, refused] = await Promise.all([
		compareCommits(engine, application.repoUrl, view, signal),
		refusalOf(engine, application, request, view),
	]);
	const { from, to, migrations, changed } = view;
	const now = engine.clock.now();
	const { inProgress } = inProgressOf(engine.store, applicationId);
	const answer = {
		dryRun: true,
		applicationId,
		...(from ? { from: sideOf(from, now) } : {}),
		to: { ref: to.ref, commit: shortOf(to.commit) },
		commits: commits.added,
		dropped: commits.dropped,
		migrations: shownGap(migrations.ships),
		...(changed ? { changedSince: changed } : {}),
		...(refused ? { wouldBeRefused: refused } : {}),
		...(inProgress ? { inProgress } : {}),
		warnings: [...commits.warnings, ...freshWorkOfOthers(from, { asker, now }), ...warningsOf(view)],
		next: nextCalls(question, view, refused !== undefined, inProgress?.deploymentId),
	};
	return { answer, current: view.current };
}

/** The commit itself, not the branch: what was previewed is what goes live. An override is a person's to give. */
function nextCalls({ applicationId, request }: DeployQuestion, { to, current }: DeployView, refused: boolean, running: string | undefined) {
	if (refused) return [];
	if (running) return [{ tool: "get_deployment", args: { deploymentId: running, wait: 45 }, why: "a deploy has to wait for its end" }];
	const args = {
		applicationId,
		ref: to.commit.sha,
		...(request.noCache ? { noCache: true } : {}),
		...(request.confirmWithin === undefined ? {} : { confirmWithin: request.confirmWithin }),
		...(current ? { expectedCurrent: current } : {}),
	};
	return request.force ? [] : [{ tool: "deploy", args, why: "does what this describes" }];
}

async function viewDeploy(
	engine: Engine,
	application: Application,
	{ ref }: DeployQuestion["request"],
	signal: AbortSignal | undefined,
): Promise<DeployView> {
	const { applicationId, repoUrl, config } = application;
	const [service, read] = await Promise.all([
		observeOwnService(engine.swarm, application),
		readCommit(engine, { repoUrl, ref, config }, signal),
	]);
	const live = releaseOf(service);
	const history = readHistory(engine.store, applicationId, live?.deploymentId);
	const from = history.deployments.find(({ deploymentId }) => deploymentId === live?.deploymentId);
	const digests = digestsNow(engine.store, application);
	const changed = from && changedSince(history, from, digests);
	return {
		history,
		from,
		current: currentOf(service),
		mismatch: findMismatch(engine, { application, service }),
		to: { ref: read.ref, commit: read.commit },
		migrations: migrationsOfDeploy(read, from),
		changed,
		digests,
		warnings: [
			...(from && changed ? changeWarnings(changed, howEnvChanged(history, from, digests), "it takes effect with this deploy") : []),
			...read.warnings,
		],
	};
}

interface Compared {
	added: { sha: string; message: string }[];
	dropped: { sha: string; message: string }[];
	warnings: string[];
}

/** New with the deploy, and live now without being in it: a colleague's branch, a hotfix. */
async function compareCommits(engine: Engine, repoUrl: string, { from, to }: DeployView, signal?: AbortSignal): Promise<Compared> {
	if (!from?.commit) return { added: [], dropped: [], warnings: from ? ["which commit is live is not known"] : [] };
	const [live, asked] = [from.commit.sha, to.commit.sha];
	const [added, dropped] = await Promise.all([
		readCommitsBetween(engine, repoUrl, live, asked, signal),
		readCommitsBetween(engine, repoUrl, asked, live, signal),
	]);
	const warnings =
		added && dropped
			? [...droppedWords(dropped), ...cutWords("the new commits", added)]
			: ["how it differs from what is live is not known: the repository's history could not be read, or the two have no common past in it"];
	return { added: added?.list ?? [], dropped: dropped?.list ?? [], warnings };
}

function droppedWords({ list, isCut }: CommitsBetween): string[] {
	if (list.length === 0) return [];
	const shown = list.slice(0, 3).map(({ sha, message }) => `${sha.slice(0, 7)} ${quote(message)}`);
	const left = list.length - shown.length;
	const more = left > 0 ? `, and ${isCut ? "at least " : ""}${left} more` : "";
	return [`live now and not in this commit, so it would be taken away: ${shown.join(", ")}${more}. Ask whose it is first`];
}

/** In the order in which the call asks, and its worker after it. */
function refusalOf(engine: Engine, application: Application, request: DeployQuestion["request"], view: DeployView) {
	const { applicationId, config } = application;
	return firstRefusal([
		() => ensureDeployable(engine, applicationId, request),
		() => requireRegistry(engine.registry, config),
		() => (request.confirmWithin === undefined ? undefined : ensureReturnable(engine, applicationId)),
		() => engine.swarm.facts(),
		() => ensureClaimsFree(engine, application),
		async () => ensureExpectedCurrent(request.expectedCurrent, await observeOwnService(engine.swarm, application)),
		() => (request.force ? undefined : ensureCommitNotKnownBad(view.history, view.to.commit.sha, view.digests)),
	]);
}

/** An older commit, or another branch: the schema is ahead of its code. */
function leftBehindWords(left: string[]): string[] {
	if (left.length === 0) return [];
	const names = listed(left.map(quote), mostNamed);
	return [`what is live has schema migrations that this commit does not: ${names}. Its code may not know the newer schema`];
}

function warningsOf({ from, to, changed, migrations, mismatch, warnings }: DeployView): string[] {
	const isLive = mismatch === undefined && from?.commit?.sha === to.commit.sha && changed?.env.length === 0 && changed.config.length === 0;
	return [
		...(isLive ? ["this commit is live already: where its image is the same, nothing is swapped (outcome unchanged)"] : []),
		...mismatchPreview(mismatch),
		...probationWarnings(from),
		...(from && !migrations.ships.known ? ["which migrations ship with it is not known"] : []),
		...(migrations.ships.files.length > 0 ? ["schema migrations ship with it: going back past them later needs a person's consent"] : []),
		...leftBehindWords(migrations.left),
		...warnings,
	];
}
