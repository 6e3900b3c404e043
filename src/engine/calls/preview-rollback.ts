// Previews a rollback: tells all one would want to know before, and changes nothing.
import { DeploymillError, errorMessage } from "../../errors.ts";
import type { ChangedSince, Commit, Deployment } from "../../model/deployment.ts";
import { firstLine } from "../../text/first-line.ts";
import { findApplication } from "../applications.ts";
import type { Engine } from "../engine.ts";
import { changedSince, digestsNow } from "../history/changed-since.ts";
import { shownGap } from "../history/migration-gap.ts";
import { mismatchPreview } from "../history/mismatch-words.ts";
import { ensurePullable } from "../history/usable-image.ts";
import { type RollbackView, viewRollback } from "./start-rollback.ts";

const shownCommits = 20;

/** What an image swap leaves as it is, in the words of the reference page. */
const notRolledBack = ["database migrations", "env vars (today's stay)", "data written since", "mounts and domains (today's stay)"];

/** @throws application_not_found, rollback_not_found, rollback_not_usable, service_not_ours, docker_unreachable */
export async function previewRollback(
	engine: Engine,
	applicationId: string,
	rollbackId: string | undefined,
	signal?: AbortSignal,
): Promise<Record<string, unknown>> {
	const application = findApplication(engine.store, applicationId);
	const view = await viewRollback(engine, application, rollbackId);
	const [commits, image] = await Promise.all([commitsBetween(engine, application.repoUrl, view, signal), imageNow(engine, view)]);
	const { target, from, live, service, migrations } = view;
	const since = changedSince(view.history, target.deployment, digestsNow(engine.store, application));
	const current = live?.deploymentId ?? service?.spec.TaskTemplate.ContainerSpec.Image;
	const args = { applicationId, rollbackId: target.point.rollbackId, ...(current ? { expectedCurrent: current } : {}) };
	return {
		dryRun: true,
		applicationId,
		...(from ? { from: side(from, engine.clock.now()) } : {}),
		to: { ...side(target.deployment, engine.clock.now()), rollbackId: target.point.rollbackId },
		commits: commits.list,
		migrations: shownGap(migrations),
		...(since ? { changedSince: since } : {}),
		pullable: image.pullable,
		warnings: [...commits.warnings, ...image.warnings, ...warningsOf(view, since)],
		notRolledBack,
		next: [
			{ tool: "rollback", args: migrations.files.length > 0 ? { ...args, allowMigrations: true } : args, why: "does what this describes" },
		],
	};
}

function side({ deploymentId, commit, verdict, startedAt }: Deployment, now: number) {
	const ageMs = now - Date.parse(startedAt);
	return { deploymentId, ...(commit ? { commit: short(commit) } : {}), verdict, deployedAt: startedAt, ageMs };
}

/** From git where it can be had; else the commits that were deployed in between, and that is said. */
async function commitsBetween(engine: Engine, repoUrl: string, { from, target, history }: RollbackView, signal?: AbortSignal) {
	const [older, newer] = [target.deployment, from].sort((a, b) => (a?.sequence ?? 0) - (b?.sequence ?? 0));
	if (!older?.commit || !newer?.commit || older.commit.sha === newer.commit.sha) return { list: [], warnings: [] };
	try {
		const commits = await engine.source.commitsBetween(repoUrl, older.commit.sha, newer.commit.sha, shownCommits, signal);
		if (commits) return { list: commits.map(short), warnings: [] };
	} catch (error) {
		if (!(error instanceof DeploymillError)) throw error;
		engine.log.info({ error: errorMessage(error) }, "the repository could not be asked for the commits in between");
	}
	const deployed = history.deployments
		.filter(({ sequence, commit }) => commit && sequence > older.sequence && sequence <= newer.sequence)
		.flatMap(({ commit }) => (commit ? [short(commit)] : []));
	return {
		list: deployed.slice(0, shownCommits),
		warnings: ["the repository's history could not be read: only commits that were deployed are listed"],
	};
}

/** A preview tells of an image that cannot be pulled; it does not fail for it. */
async function imageNow(engine: Engine, { target }: RollbackView): Promise<{ pullable: boolean; warnings: string[] }> {
	try {
		const { pullable, warning } = await ensurePullable(engine, target.point);
		return { pullable, warnings: warning ? [warning] : [] };
	} catch (error) {
		if (!(error instanceof DeploymillError)) throw error;
		return { pullable: false, warnings: [`${error.code}: ${error.message}`] };
	}
}

function warningsOf({ target, live, mismatch, migrations }: RollbackView, since: ChangedSince | undefined): string[] {
	return [
		...(target.deployment.verdict === "unhealthy" ? ["the target was judged unhealthy when it last ran"] : []),
		...(target.deployment.verdict === null ? ["the target was never judged"] : []),
		...(target.point.image.digest === live?.digest ? ["the target's image is the one that is live"] : []),
		...mismatchPreview(mismatch),
		...(since ? [] : ["which env vars and configuration changed since it was live is not known"]),
		...(migrations.known ? [] : ["which migrations lie in between is not known"]),
		...(migrations.files.length > 0 ? ["the code you go back to does not know the newer schema: prefer a forward fix"] : []),
	];
}

function short({ sha, message }: Commit) {
	return { sha, message: firstLine(message) };
}
