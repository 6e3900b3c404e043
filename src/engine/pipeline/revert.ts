// Owns self-healing (contract section 8): after a deploy went live and every conclusive edge is unhealthy, one revert.
import { DeploymillError } from "../../errors.ts";
import type { AutoRollback, Deployment, OrchestratorReport } from "../../model/deployment.ts";
import type { Health } from "../../model/health.ts";
import { readHistory } from "../history/history.ts";
import { migrationGap, shownGap } from "../history/migration-gap.ts";
import { factsOfTarget } from "../history/target-facts.ts";
import { autoRollbackTargets, type Candidate } from "../history/targets.ts";
import { usableNow } from "../history/usable-image.ts";
import type { EndOfDeployment } from "../ports/store.ts";
import { type ReleaseEnd, release } from "../rollout/release.ts";
import { planSwap } from "../rollout/swap.ts";
import { chooseGate } from "../service/container-check.ts";
import { releaseOf } from "../service/spec.ts";
import { endOfRelease } from "./end-of-release.ts";
import type { Run } from "./run.ts";

/** Undefined when auto-rollback has nothing to say: not armed, not a deploy, or the edges are healthy. */
export async function revertIfDue(run: Run, health: Health): Promise<EndOfDeployment | undefined> {
	const { deployment, application } = run;
	if (deployment.kind !== "deploy" || !application.config.rollback.auto || health.verdict === null || health.verdict === "healthy")
		return undefined;
	const conclusive = health.edges.filter(({ verdict }) => verdict !== "inconclusive");
	if (conclusive.length === 0)
		return stay(
			health,
			"inconclusive",
			"No edge could be judged, so nothing was reverted. Check DNS and the ingress, then call get_app_health.",
		);
	if (conclusive.some(({ verdict }) => verdict === "healthy")) {
		return stay(
			health,
			"partial_outage",
			"Some edges are healthy, so nothing was reverted. Look at the unhealthy ones in health.edges; call rollback if the release is to blame.",
		);
	}
	return revert(run, health);
}

/** Swaps back by `swap`, and tells both deployments' ends. Also where the revert of a deploy whose worker died in it goes on. */
export async function carryOutRevert(run: Run, revertRun: Run, swap: () => Promise<ReleaseEnd>): Promise<EndOfDeployment> {
	try {
		return concludeRevert(run, revertRun, await swap());
	} catch (error) {
		run.signal.throwIfAborted();
		// What became of the swap is not known then: whoever reaches Docker next resumes the revert, and looks.
		if (error instanceof DeploymillError && error.code === "docker_unreachable") throw error;
		return concludeRevert(run, revertRun, failedSwap(revertRun, error));
	}
}

function concludeRevert(run: Run, revertRun: Run, end: ReleaseEnd): EndOfDeployment {
	run.engine.store.finishDeployment(revertRun.deploymentId, endOfRelease(revertRun, end));
	const begun = run.deployment.autoRollback ?? { attempted: true };
	const recovered = end.live && end.health.verdict === "healthy";
	const autoRollback: AutoRollback = {
		...begun,
		recovered,
		...(end.live ? { health: end.health } : { reason: "swap_failed" }),
	};
	const target = revertRun.deployment.target;
	return {
		status: "error",
		outcome: recovered ? "rolled_back" : "degraded",
		verdict: "unhealthy",
		facts: {
			autoRollback,
			autoRollbackNote: note(recovered, end, target?.deploymentId, autoRollback),
			rolloverNote: end.live
				? "Its tasks ran, were judged unhealthy, and were replaced by the revert."
				: "Its tasks ran and were judged unhealthy; the revert did not replace them for good.",
			...(end.live ? {} : { orchestrator: end.orchestrator }),
		},
	};
}

async function revert(run: Run, health: Health): Promise<EndOfDeployment> {
	const { toLastHealthy, candidates } = autoRollbackTargets(readHistory(run.engine.store, run.application.applicationId), run.deployment);
	const candidate = await firstUsable(run, candidates);
	if (!candidate) {
		return stay(
			health,
			"no_rollback_point",
			`${candidates.length > 0 ? "None of the earlier images can be pulled now (get_logs says why)" : "There is no earlier image to go back to"}. The bad image is still live: fix forward, or call list_deployments and choose one yourself.`,
		);
	}
	run.enter("auto_rollback");
	const revertRun = begin(run, candidate, toLastHealthy);
	return carryOutRevert(run, revertRun, () => swapBack(revertRun, candidate, run.deployment));
}

/** The revert is a deployment of its own in the history; each of the two names the other. */
function begin(run: Run, { deployment: target, point }: Candidate, toLastHealthy: boolean): Run {
	const { store } = run.engine;
	const deploymentId = run.engine.ids.next("dep");
	const migrations = shownGap(migrationGap(target, run.deployment));
	const autoRollback: AutoRollback = { attempted: true, toLastHealthy, rollbackId: point.rollbackId, deploymentId, migrations };
	// First, so that no revert is ever begun that its deploy does not know of.
	run.record({ autoRollback });
	store.createDeployment(
		{
			deploymentId,
			applicationId: run.application.applicationId,
			kind: "auto_rollback",
			request: {},
			requestedBy: "deploymill",
			reason: `${run.deploymentId} was judged unhealthy`,
			facts: { ...factsOfTarget(target, point), causedBy: run.deploymentId },
		},
		run.deploymentId,
	);
	run.say(`revert to ${target.deploymentId} as ${deploymentId}`);
	return run.as(deploymentId);
}

async function swapBack(run: Run, { deployment: target, point }: Candidate, failed: Deployment): Promise<ReleaseEnd> {
	const plan = await planSwap(run, point.image, chooseGate(run.application.config, target.probePrograms ?? []));
	// Whoever changed the service since this deploy went live knows more than we do.
	if (releaseOf(plan.observed)?.deploymentId !== failed.deploymentId) {
		throw new DeploymillError("stale_view", "Somebody else changed the service before the revert.");
	}
	run.record({
		fingerprint: plan.fingerprint,
		envDigests: run.engine.store.digestEnv(run.application.applicationId),
		replaced: failed.deploymentId,
	});
	run.engine.store.enterPhase(run.deploymentId, "release");
	return release(run, plan, failed.baseline ?? {});
}

async function firstUsable(run: Run, candidates: Candidate[]): Promise<Candidate | undefined> {
	for (const candidate of candidates) {
		if (await usableNow(run, candidate.point)) return candidate;
	}
	return undefined;
}

function stay(health: Health, reason: NonNullable<AutoRollback["reason"]>, autoRollbackNote: string): EndOfDeployment {
	const outcome = health.verdict === "unhealthy" ? "live_unhealthy" : "live";
	return { status: "done", outcome, verdict: health.verdict, facts: { autoRollback: { attempted: false, reason }, autoRollbackNote } };
}

function failedSwap(run: Run, error: unknown): ReleaseEnd {
	run.warn("the revert failed", error);
	const fault = run.faultOf(error);
	const orchestrator: OrchestratorReport = {};
	const swapped = run.deployment.phase !== "queued";
	const rolloverNote = swapped ? "The revert ended by a fault, before it was judged." : "The revert was not carried out.";
	return { live: false, outcome: "failed", error: fault.toBody(), orchestrator, rolloverNote };
}

function note(recovered: boolean, end: ReleaseEnd, targetId: string | undefined, { toLastHealthy, migrations }: AutoRollback): string {
	const what = toLastHealthy === false ? "the most recent earlier image (none was ever judged)" : "the last deploy recorded healthy";
	const schema = migrations?.files.length ? ` ${migrations.files.length} migration file(s) lie in between and were not taken back.` : "";
	if (recovered)
		return `Every edge was unhealthy, so ${what} (${targetId}) was put back; it is healthy. Fix forward and deploy again.${schema}`;
	if (!end.live)
		return `Every edge was unhealthy, and the revert to ${targetId} failed: ${end.rolloverNote} Call get_app_health now.${schema}`;
	return `Reverted to ${targetId}, and it is ${end.health.verdict} too: something broader is wrong (database, dependency, ingress). Look at get_logs and get_app_health; nothing more is reverted by itself.${schema}`;
}
