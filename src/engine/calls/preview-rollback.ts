// Previews a rollback: tells all one would want to know before, and changes nothing.
import { DeploymillError } from "../../errors.ts";
import type { Application } from "../../model/application.ts";
import type { Deployment, DeploymentRequest } from "../../model/deployment.ts";
import { listed } from "../../text/listed.ts";
import { findApplication } from "../applications.ts";
import { ensureClaimsFree } from "../claims/ensure-free.ts";
import type { Engine } from "../engine.ts";
import { changedSince, digestsNow, howEnvChanged, ranWith } from "../history/changed-since.ts";
import { shownGap } from "../history/migration-gap.ts";
import { mismatchPreview } from "../history/mismatch-words.ts";
import { originOf } from "../history/targets.ts";
import { ensurePullable } from "../history/usable-image.ts";
import { takenBackBy, takenBackWords } from "../pipeline/known-bad.ts";
import { isTrusted } from "../probation/standing.ts";
import { currentOf, ensureExpectedCurrent } from "../service/stale-view.ts";
import {
	changeWarnings,
	cutWords,
	deployedBetween,
	freshWorkOfOthers,
	mostNamed,
	type Preview,
	probationWarnings,
	readCommitsBetween,
	sideOf,
} from "./previews.ts";
import { ensureIdle } from "./start.ts";
import { ensureNoMigrations, type RollbackView, viewRollback } from "./start-rollback.ts";
import { firstRefusal } from "./would-be-refused.ts";

/** What an image swap leaves as it is, in the words of the reference page. */
const notRolledBack = ["database migrations", "env vars (today's stay)", "data written since", "mounts and domains (today's stay)"];

export interface RollbackQuestion {
	applicationId: string;
	rollbackId?: string | undefined;
	/** Who asks. */
	asker: string;
	request: Pick<DeploymentRequest, "allowMigrations" | "hold" | "expectedCurrent">;
}

/** @throws application_not_found, rollback_not_found, rollback_not_usable, service_not_ours, docker_unreachable */
export async function previewRollback(engine: Engine, question: RollbackQuestion, signal?: AbortSignal): Promise<Preview> {
	const { applicationId, asker, rollbackId } = question;
	const application = findApplication(engine.store, applicationId);
	const view = await viewRollback(engine, application, rollbackId);
	const [commits, image] = await Promise.all([commitsBetween(engine, application.repoUrl, view, signal), imageNow(engine, view)]);
	const refused = await refusalOf(engine, application, question, { view, image });
	const { target, from, migrations, history } = view;
	const now = engine.clock.now();
	const digests = digestsNow(engine.store, application);
	const since = changedSince(history, target.deployment, digests);
	const changes = since
		? changeWarnings(since, howEnvChanged(history, target.deployment, digests), "a rollback keeps today's")
		: ["which env vars and configuration changed since it was live is not known"];
	const answer = {
		dryRun: true,
		applicationId,
		...(from ? { from: sideOf(from, now) } : {}),
		to: { ...sideOf(target.deployment, now), rollbackId: target.point.rollbackId },
		commits: commits.list,
		migrations: shownGap(migrations),
		...(since ? { changedSince: since } : {}),
		pullable: image.pullable,
		...(refused ? { wouldBeRefused: refused } : {}),
		warnings: [
			...freshWorkOfOthers(from, { asker, now }),
			...changes,
			...readsToo(application, view, since?.env ?? []),
			...commits.warnings,
			...image.warnings,
			...warningsOf(view),
			...comesBack(view, question),
		],
		notRolledBack,
		next:
			refused || migrations.files.length > 0
				? []
				: [{ tool: "rollback", args: argumentsOf(view, question), why: "does what this describes" }],
	};
	return { answer, current: currentOf(view.service) };
}

/** The call as it stands. An override is a person's to give, so none is in it. */
function argumentsOf({ target, service }: RollbackView, { applicationId, request }: RollbackQuestion) {
	const current = currentOf(service);
	return {
		applicationId,
		rollbackId: target.point.rollbackId,
		...(request.hold ? { hold: true } : {}),
		...(current ? { expectedCurrent: current } : {}),
	};
}

/** In the order in which the call asks. */
function refusalOf(
	engine: Engine,
	application: Application,
	{ request }: RollbackQuestion,
	{ view, image }: { view: RollbackView; image: ImageNow },
) {
	return firstRefusal([
		() => ensureIdle(engine.store, application.applicationId),
		() => ensureExpectedCurrent(request.expectedCurrent, view.service),
		() => (request.allowMigrations ? undefined : ensureNoMigrations(view)),
		() => ensureClaimsFree(engine, application),
		() => {
			if (image.refused) throw image.refused;
		},
	]);
}

/** From git where it can be had; else the commits that were deployed in between, and that is said. */
async function commitsBetween(engine: Engine, repoUrl: string, { from, target, history }: RollbackView, signal?: AbortSignal) {
	// Ordered by when each image first went live. What is live may be an old image that a rollback brought back; the target is then the newer one.
	const [older, newer] = [target.deployment, from]
		.map((side) => side && (originOf(history, side.deploymentId) ?? side))
		.sort((a, b) => (a?.sequence ?? 0) - (b?.sequence ?? 0));
	if (!older?.commit || !newer?.commit) return { list: [], warnings: [] };
	const commits = await readCommitsBetween(engine, repoUrl, older.commit.sha, newer.commit.sha, signal);
	if (commits) return { list: commits.list, warnings: cutWords("the commits in between", commits) };
	return {
		list: deployedBetween(history.deployments, older, newer),
		warnings: ["the repository's history could not be read: only commits that were deployed are listed"],
	};
}

interface ImageNow {
	pullable: boolean;
	warnings: string[];
	refused?: DeploymillError;
}

/** A preview tells of an image that cannot be pulled; it does not fail for it. */
async function imageNow(engine: Engine, { target }: RollbackView): Promise<ImageNow> {
	try {
		const { pullable, warning } = await ensurePullable(engine, target.point);
		return { pullable, warnings: warning ? [warning] : [] };
	} catch (error) {
		if (!(error instanceof DeploymillError)) throw error;
		return { pullable: false, warnings: [`${error.code}: ${error.message}`], refused: error };
	}
}

function warningsOf({ history, target, from, live, mismatch, migrations }: RollbackView): string[] {
	const takenBack = takenBackBy(history, target.deployment);
	return [
		...(takenBack ? [`the target was ${takenBackWords(takenBack)}`] : []),
		...(target.deployment.verdict === "unhealthy" ? ["the target was judged unhealthy when it last ran"] : []),
		...(target.deployment.verdict === null ? ["the target was never judged"] : []),
		...(isTrusted(target.deployment) ? [] : [`the target was not trusted to the end (${trustWords(target.deployment)})`]),
		...probationWarnings(from),
		...(target.point.image.digest === live?.digest ? ["the target's image is the one that is live"] : []),
		...mismatchPreview(mismatch),
		...(migrations.known ? [] : ["which migrations lie in between is not known"]),
		...(migrations.files.length > 0
			? ["a rollback takes no migration back, and older code may not know the newer schema: prefer a forward fix"]
			: []),
	];
}

/** What went wrong in a variable or in the data goes wrong with the older image as well. */
function readsToo({ config }: Application, { history, target }: RollbackView, changed: string[]): string[] {
	const names = ranWith(history, target.deployment, changed);
	const volumes = config.mounts.map(({ volumeName }) => volumeName);
	return [
		...(names.length > 0
			? [
					`the target's app reads ${listed(names, mostNamed)} too: if that is what went wrong, set_env_vars cures it and a rollback does not`,
				]
			: []),
		...(volumes.length > 0
			? [`the target's app works on the same data (volume ${listed(volumes, mostNamed)}): what was written since stays`]
			: []),
	];
}

function trustWords({ bake, confirm }: Deployment): string {
	const parts = [bake && `its bake: ${bake.state}`, confirm && `its confirmation: ${confirm.state}`];
	return parts.filter((part) => part !== undefined).join(", ");
}

/** An image swap changes no branch. Whether it was rewritten since is not asked of git, so that is left open. */
function comesBack({ history, from, target }: RollbackView, { request }: RollbackQuestion): string[] {
	const left = from && originOf(history, from.deploymentId);
	if (!left?.commit || request.hold || left.sequence <= (originOf(history, target.deployment.deploymentId)?.sequence ?? 0)) return [];
	// Deployed by its id, as the dry run of a deploy offers it, it is still some branch's.
	const branch = left.ref === undefined || left.ref === left.commit.sha ? "its branch" : left.ref;
	return [
		`the next deploy of ${branch} brings ${left.commit.sha.slice(0, 7)} back, unless it is gone or reverted there, or deploys are held (hold: true)`,
	];
}
