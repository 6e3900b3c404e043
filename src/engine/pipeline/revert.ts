// Reverts a deploy that went live, once: where every conclusive edge is unhealthy, or nobody confirmed it in time (contract sections 8, 12).
import { DeploymillError } from "../../errors.ts";
import type { AutoRollback, Deployment } from "../../model/deployment.ts";
import type { Health } from "../../model/health.ts";
import type { Engine } from "../engine.ts";
import { changedSince, digestsNow } from "../history/changed-since.ts";
import { readHistory } from "../history/history.ts";
import { migrationGap, shownGap } from "../history/migration-gap.ts";
import { factsOfTarget } from "../history/target-facts.ts";
import { autoRollbackTargets, type Candidate } from "../history/targets.ts";
import { usableNow } from "../history/usable-image.ts";
import { isTransient, patienceTold, waitOut } from "../patience.ts";
import { isAsJudged } from "../probation/tasks.ts";
import { fateOf } from "../rollout/late-change.ts";
import { planSwap, type SwapPlan } from "../rollout/swap.ts";
import { chooseGate } from "../service/container-check.ts";
import { isSameRevision, type Revision, replicasOf, revisionOf } from "../service/revision.ts";
import { endAs, type RunEnd } from "./end.ts";
import { NotSwapped } from "./not-swapped.ts";
import { type ReleaseEnd, release, resumeRelease, resumeUndoing } from "./release.ts";
import { revertNote } from "./revert-note.ts";
import { concludeRollback } from "./rollback.ts";
import type { Run } from "./run.ts";
import { enterRelease } from "./stages.ts";

/** What a deploy found out before its swap, as far as its end depends on it. */
export interface Deployed {
	/** `sha256:…` of the image. */
	digest: string;
	migrationFiles: string[] | undefined;
}

/** Why it was taken up again after its end; undefined in its gate. */
type Distrust = Deployment["distrusted"];

/** Undefined when auto-rollback has nothing to say: not armed, not a deploy, or the edges are healthy. */
export async function revertIfDue(
	engine: Engine,
	run: Run,
	deployed: Deployed,
	health: Health,
	distrust?: Distrust,
): Promise<RunEnd | undefined> {
	const { kind, application } = run.values;
	if (kind !== "deploy" || !application.config.rollback.auto || health.verdict === null || health.verdict === "healthy") return undefined;
	const tasksEnded = distrust?.because === "bake" && distrust.tasksEnded;
	if (isFailed(health, tasksEnded)) return revert(engine, run, deployed, health, distrust);
	if (health.edges.some(({ verdict }) => verdict === "healthy")) return stay(health, "partial_outage", partialNote, distrust);
	return stay(health, "inconclusive", inconclusiveNote, distrust);
}

/** Every edge that can be judged failed, and one at the least. @param tasksEnded tasks that do not stay count as an edge that failed */
export function isFailed({ edges }: Health, tasksEnded: boolean): boolean {
	const conclusive = edges.filter(({ verdict }) => verdict !== "inconclusive");
	return (conclusive.length > 0 || tasksEnded) && conclusive.every(({ verdict }) => verdict === "unhealthy");
}

const inconclusiveNote = "No edge could be judged, so nothing was reverted. Check DNS and the ingress, then call get_app_health.";
const partialNote =
	"Some edges are healthy, so nothing was reverted. Report the unhealthy ones in health.edges; roll back only if you are asked to, or your user agrees.";

/** Whatever its health, and whether or not auto-rollback is armed: whoever deployed it asked for this. */
export function revertUnconfirmed(engine: Engine, run: Run, deployed: Deployed, health: Health): Promise<RunEnd> {
	return revert(engine, run, deployed, health, { because: "not_confirmed" });
}

async function revert(engine: Engine, run: Run, { digest, migrationFiles }: Deployed, health: Health, distrust: Distrust): Promise<RunEnd> {
	const history = readHistory(engine.store, run.application.applicationId, run.deploymentId);
	const sequence = history.deployments.find(({ deploymentId }) => deploymentId === run.deploymentId)?.sequence ?? 0;
	const { toLastHealthy, candidates } = autoRollbackTargets(history, { sequence, digest });
	const candidate = await firstUsable(engine, run, candidates);
	if (!candidate) return stay(health, "no_rollback_point", noPointNote(candidates.length, distrust), distrust);
	run.enter("auto_rollback");
	const { deployment: target, point } = candidate;
	const deploymentId = engine.ids.next("dep");
	const baseline = engine.store.findDeployment(run.deploymentId)?.baseline;
	const since = changedSince(history, target, digestsNow(engine.store, run.application));
	const migrations = shownGap(migrationGap(target, migrationFiles ? { migrationFiles } : undefined));
	engine.store.beginRevert(
		run.values.hold,
		{
			deploymentId,
			applicationId: run.application.applicationId,
			kind: "auto_rollback",
			request: {},
			requestedBy: "deploymill",
			reason: `${run.deploymentId} ${distrust?.because === "not_confirmed" ? "was not confirmed in time" : "was judged unhealthy"}`,
			// What was so before the bad release was put there is no fault of the one that is put back.
			facts: { ...factsOfTarget(target, point), causedBy: run.deploymentId, ...(baseline ? { baseline } : {}) },
		},
		{
			attempted: true,
			...causeOf(distrust),
			toLastHealthy,
			rollbackId: point.rollbackId,
			deploymentId,
			migrations,
			...(since ? { changedSince: since } : {}),
		},
	);
	run.say(`revert to ${target.deploymentId} as ${deploymentId}`);
	return carryOutRevert(engine, run, deploymentId);
}

/**
 * Carries a recorded revert out, from wherever it stands, and ends it. Also where a worker died after it was begun: the release
 * that was judged unhealthy is still live then, or the revert is, or somebody else put something there.
 */
export async function carryOutRevert(engine: Engine, run: Run, revertId: string): Promise<RunEnd> {
	const { store } = engine;
	const failed = found(store.findDeployment(run.deploymentId));
	const revert = found(store.findDeployment(revertId));
	const revertRun = run.of({
		deploymentId: revertId,
		kind: "auto_rollback",
		...(revert.rollbackId ? { rollbackId: revert.rollbackId } : {}),
	});
	const end = await swapBack(engine, revertRun, failed, revert);
	revertRun.say(`== finished: ${end.live ? `live, ${end.health.verdict}` : end.outcome}`);
	return { ...concludeRevert(failed, revert, end), revert: { deploymentId: revertId, end: concludeRollback(end) } };
}

async function swapBack(engine: Engine, run: Run, failed: Deployment, revert: Deployment): Promise<ReleaseEnd> {
	try {
		return await swapOrResume(engine, run, failed, revert);
	} catch (error) {
		run.signal.throwIfAborted();
		// Only what is an answer ends it: everything else was waited out, and is left to whoever looks next.
		const fault = error instanceof NotSwapped ? error.fault : error;
		if (!(fault instanceof DeploymillError) || isTransient(fault)) throw error;
		run.warn("the revert failed", fault);
		return { live: false, outcome: "failed", error: fault.toBody(), orchestrator: {}, rolloverNote: "The revert was not carried out." };
	}
}

/** @throws stale_view: whoever changed the service since the failed deploy went live knows more than we do */
async function swapOrResume(engine: Engine, run: Run, failed: Deployment, revert: Deployment): Promise<ReleaseEnd> {
	const { application, deploymentId } = run;
	const patience = patienceTold(engine.clock, run, "the revert waits");
	const image = found(revert.image);
	const ours: Revision = { image: image.reference, deploymentId };
	const baseline = failed.baseline ?? {};
	const journal = engine.store.readSwapJournal(deploymentId);
	if (revert.undoing) return resumeUndoing(engine, run, ours, journal, revert.undoing);
	// A worker before this one may have sent its update, which may still be on its way.
	const sent = { serviceName: application.applicationId, deploymentId };
	const fate = await waitOut(patience, () => fateOf(engine.swarm, sent, journal));
	if (fate === "came true") return resumeRelease(engine, run, ours, journal, baseline);
	const gate = chooseGate(application.config, revert.probePrograms ?? []);
	const plan = await waitOut(patience, () => planSwap(engine, { application, deploymentId, image, commit: revert.commit?.sha, gate }));
	const bad: Revision = { image: found(failed.image).reference, deploymentId: failed.deploymentId };
	const judged = failed.distrusted && engine.store.findProbation(failed.deploymentId);
	const ensureAsLeft = ({ observed }: SwapPlan) => {
		const isAsLeft = judged ? isAsJudged(observed, bad, judged.tasksFingerprint) : isAsSwapped(observed, bad);
		if (!isAsLeft) throw new DeploymillError("stale_view", "Somebody else changed the service before the revert.");
	};
	ensureAsLeft(plan);
	await waitOut(patience, () => enterRelease(engine, run, plan));
	return release(engine, run, plan, baseline, ensureAsLeft);
}

/** Whoever scaled it to zero wants nothing to run. */
function isAsSwapped(observed: SwapPlan["observed"], bad: Revision): boolean {
	return observed !== undefined && isSameRevision(revisionOf(observed), bad) && replicasOf(observed) > 0;
}

function concludeRevert(failed: Deployment, revert: Deployment, end: ReleaseEnd): RunEnd {
	// Of a worker nobody can ask more than that its tasks run.
	const recovered = end.live && (end.health.verdict === "healthy" || end.health.verdict === null);
	const isUnconfirmed = failed.distrusted?.because === "not_confirmed";
	const why = isUnconfirmed ? "were not confirmed in time" : "were judged unhealthy";
	const autoRollback: AutoRollback = {
		...(failed.autoRollback ?? { attempted: true }),
		recovered,
		...(end.live ? { health: end.health } : { reason: "swap_failed" }),
	};
	return endAs(
		recovered ? "rolled_back" : "degraded",
		{
			autoRollback,
			autoRollbackNote: revertNote({
				end,
				targetId: revert.target?.deploymentId,
				autoRollback,
				failedAs: failed.health,
				distrusted: failed.distrusted,
			}),
			rolloverNote: end.live
				? `Its tasks ran, ${why}, and were replaced by the revert.`
				: `Its tasks ran and ${why}; the revert did not replace them for good.`,
			...(end.live ? {} : { orchestrator: end.orchestrator }),
		},
		isUnconfirmed ? failed.verdict : "unhealthy",
	);
}

/** Not known is not no: an image that nobody could be asked about is waited for, and only then passed over. */
async function firstUsable(engine: Engine, run: Run, candidates: Candidate[]): Promise<Candidate | undefined> {
	for (const candidate of candidates) {
		if (await usableNow(engine, run, candidate.point)) return candidate;
	}
	return undefined;
}

function noPointNote(candidates: number, distrust: Distrust): string {
	const why =
		candidates > 0 ? "None of the earlier images can be pulled now (get_logs says why)" : "There is no earlier image to go back to";
	const live = distrust?.because === "not_confirmed" ? "It was not confirmed in time, and is still live" : "The bad image is still live";
	return `${why}. ${live}: fix forward, or call list_deployments and choose one yourself.`;
}

function causeOf(distrust: Distrust): Pick<AutoRollback, "during" | "reason"> {
	if (!distrust) return {};
	return distrust.because === "bake" ? { during: "bake" } : { reason: "not_confirmed" };
}

function stay(health: Health, reason: NonNullable<AutoRollback["reason"]>, autoRollbackNote: string, distrust: Distrust): RunEnd {
	const outcome = health.verdict === "unhealthy" ? "live_unhealthy" : "live";
	return endAs(outcome, { health, autoRollback: { attempted: false, ...causeOf(distrust), reason }, autoRollbackNote }, health.verdict);
}

function found<T>(value: T | undefined): T {
	if (value === undefined) throw new Error("a revert is recorded without what it needs");
	return value;
}
