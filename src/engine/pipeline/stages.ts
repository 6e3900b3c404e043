// Runs the stages that a deploy and a rollback share: the baseline, the way into the release, and the two ends without a swap.
import { DeploymillError } from "../../errors.ts";
import type { Deployment } from "../../model/deployment.ts";
import type { Baseline } from "../../model/health.ts";
import type { Engine } from "../engine.ts";
import { judgeEdges, probeBaseline } from "../health/gate.ts";
import { edgeUrls, excusesOf } from "../health/known-edge.ts";
import { findMismatch } from "../history/mismatch.ts";
import type { EndOfDeployment, Store } from "../ports/store.ts";
import type { SwapPlan } from "../rollout/swap.ts";
import { digestsOf } from "../service/digests.ts";
import { observeOwnService } from "../service/observe.ts";
import { isSameRevision, replicasOf, revisionOf, runsAlone } from "../service/revision.ts";
import { releaseOf } from "../service/spec.ts";
import { endAs } from "./end.ts";
import type { Run } from "./run.ts";

type BaselinePorts = Parameters<typeof probeBaseline>[0] & { store: Pick<Store, "findDeployment"> };

/**
 * Before the swap, so that what was broken already is not blamed on the release. It may have been taken while the call was checked;
 * then no lock was held, and the domains may have been changed since.
 */
export async function takeBaseline(ports: BaselinePorts, run: Pick<Run, "application" | "deploymentId" | "signal">): Promise<Baseline> {
	const { application, deploymentId, signal } = run;
	const early = ports.store.findDeployment(deploymentId)?.baseline;
	const isOfAll = early && edgeUrls(application, ports.settings.ingress.edgeScheme).every((url) => url in early);
	return isOfAll ? early : probeBaseline(ports, application, signal);
}

/**
 * Locks are of one data folder. What another one put live while this deployment was on its way is not replaced unseen.
 * @throws stale_view
 */
export function ensureNotOvertaken({ store }: Pick<Engine, "store">, run: Run, { observed }: SwapPlan): void {
	const live = releaseOf(observed)?.deploymentId;
	const { begunOver } = store.findDeployment(run.deploymentId) ?? {};
	if (live === undefined || begunOver === undefined || live === begunOver || store.findDeployment(live)) return;
	throw new DeploymillError(
		"stale_view",
		`${live} was put live by a deploymill with another data folder while this deployment was on its way. Nothing was swapped.`,
		{ hint: `Ask whoever put it there, or your user. Then call again: what others set on the service is kept.`, details: { live } },
	);
}

/**
 * The point of no return. False when a cancel came first.
 * @param baseline for whoever goes on with this deployment, should this process end; a revert has its deploy's
 * @throws LockLost
 */
export function enterRelease(engine: Engine, run: Run, plan: SwapPlan, baseline?: Baseline): boolean {
	const replaced = releaseOf(plan.observed)?.deploymentId;
	return run.enterRelease({
		image: plan.order.image,
		fingerprint: plan.fingerprint,
		...digestsOf(engine.store, plan.env, plan.application.config),
		...gateChosen(plan.order),
		...(replaced ? { replaced } : {}),
		...(baseline ? { baseline } : {}),
		// Looked for again: somebody may have changed it by hand between the call and the swap.
		mismatch: findMismatch(engine, { application: run.application, service: plan.observed }),
	});
}

/** Where the project file asks for one: which program the image has for it is only known now. */
function gateChosen({ application: { config }, gate }: SwapPlan["order"]): Pick<Deployment, "orchestratorGate"> {
	if (!config.healthDeclared || config.port === undefined) return {};
	const { on, command, because } = gate;
	const [program] = command ?? [];
	return { orchestratorGate: { on, ...(program ? { program } : {}), ...(because ? { because } : {}) } };
}

export function endAsCancelled(run: Run): EndOfDeployment {
	run.say("cancelled");
	return endAs("cancelled", {}, null, "its deployment was cancelled before it ran");
}

/** The spec alone proves nothing: its tasks must run, all of them. */
export async function runsAlready({ swarm }: Engine, { observed }: SwapPlan): Promise<boolean> {
	if (!observed || !releaseOf(observed)) return false;
	const tasks = await swarm.listTasks(observed.spec.Name);
	return runsAlone(tasks, revisionOf(observed), replicasOf(observed));
}

/**
 * Nothing was swapped; how the app is now is still told, and never acted on.
 * @throws stale_view when at the end something else runs than at the beginning
 */
export async function endAsUnchanged(engine: Engine, run: Run, plan: SwapPlan): Promise<EndOfDeployment> {
	run.say("the image and the configuration are those that run: nothing to swap");
	run.enter("health");
	const { application, signal } = run;
	const runsOn = releaseOf(plan.observed)?.deploymentId;
	const baseline = excusesOf(runsOn ? engine.store.findDeployment(runsOn) : undefined);
	const { health, sightings } = await judgeEdges(engine, { application, service: plan.observed, baseline, isFresh: false, signal });
	await ensureStillRuns(engine, plan);
	run.remember(sightings);
	const rolloverNote = `The image and the configuration are those of ${runsOn}, whose tasks run on.`;
	return endAs("unchanged", { health, rolloverNote, ...(runsOn ? { runsOn } : {}) }, health.verdict);
}

async function ensureStillRuns(engine: Engine, { observed, order }: SwapPlan): Promise<void> {
	const now = await observeOwnService(engine.swarm, order.application);
	if (now && observed && isSameRevision(revisionOf(now), revisionOf(observed))) {
		const tasks = await engine.swarm.listTasks(now.spec.Name);
		if (runsAlone(tasks, revisionOf(now), replicasOf(now))) return;
	}
	throw new DeploymillError(
		"stale_view",
		"What ran when this deployment began was the same release, and does not run as it was any more. Nothing was swapped.",
	);
}
