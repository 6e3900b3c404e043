// Changes what a service runs: the one place that deploy, rollback and revert all go through.
import { DeploymillError } from "../../errors.ts";
import type { Application } from "../../model/application.ts";
import type { ReleaseImage } from "../../model/deployment.ts";
import type { ObservedService, ServiceSpec } from "../../model/service.ts";
import { ensureClaimsFree } from "../claims/ensure-free.ts";
import type { Engine } from "../engine.ts";
import { isTransient, type Patience, patienceTold, waitOut } from "../patience.ts";
import type { Registry } from "../ports/images.ts";
import type { Store } from "../ports/store.ts";
import { type RegistryCredentials, ServiceChanged } from "../ports/swarm.ts";
import type { OrchestratorGate } from "../service/container-check.ts";
import { stampHosts } from "../service/host-stamp.ts";
import { fingerprint, mergeSpec, sameButRelease } from "../service/merge.ts";
import { observeOwnService } from "../service/observe.ts";
import { baseOf, findOthers, noOthers, type Others, withOthers } from "../service/others.ts";
import { isOfRevision, isSameRevision, type Revision, replicasOf, revisionOf } from "../service/revision.ts";
import { asFormerly, wantedSpec } from "../service/spec.ts";

/** What is to run. */
export interface SwapOrder {
	application: Application;
	deploymentId: string;
	image: ReleaseImage;
	/** Id of the commit that the image was made from, where it is known. */
	commit?: string | undefined;
	gate: OrchestratorGate;
	/** Tasks are to be replaced though nothing else changed. */
	force?: boolean;
}

/** What is to be put on the service, and what is there. Made by looking; nothing is changed by it. */
export interface SwapPlan {
	order: SwapOrder;
	observed: ObservedService | undefined;
	/** What others set on the service since this data folder last put something there. It is kept. */
	others: Others;
	/** The order's, with that. */
	application: Application;
	/** All that is put there; secrets. */
	env: Record<string, string>;
	spec: ServiceSpec;
	/** The service already is exactly this, but for the stamp. */
	same: boolean;
	/** Of the release: equal for the same image under the same configuration. */
	fingerprint: string;
}

/** @throws service_not_ours; name_taken, host_taken: what was free at reconcile may be another's by now; docker_unreachable, swarm_not_ready */
export async function planSwap(engine: Pick<Engine, "swarm" | "store" | "clock" | "settings">, order: SwapOrder): Promise<SwapPlan> {
	const { image, deploymentId, commit, gate, force = false } = order;
	const [facts, observed] = await Promise.all([
		engine.swarm.specFacts(),
		observeOwnService(engine.swarm, order.application),
		ensureClaimsFree(engine, order.application),
	]);
	const { others, application, env } = joinOthers(engine.store, order.application, observed);
	const settings = { ingress: engine.settings.ingress, ...facts };
	const wanted = wantedSpec({ application, env, image, deploymentId, commit, gate }, settings);
	const spec = observed ? mergeSpec(observed.spec, wanted) : wanted;
	spec.Labels = stampHosts(spec.Labels, observed?.spec.Labels, engine.clock.now());
	const former = (one: ServiceSpec) => asFormerly(one, { application, gate }, facts.apiVersion);
	const same = observed !== undefined && [spec, former(spec)].some((one) => sameButRelease(observed.spec, one));
	if (force) spec.TaskTemplate.ForceUpdate += 1;
	// Of what is wanted, not of what is sent: that also holds what Swarm and operators added, which makes no other release.
	return { order, observed, others, application, env, spec, same, fingerprint: fingerprint(former(wanted)) };
}

function joinOthers(
	store: Pick<Store, "readEnv" | "digestEnv" | "findDeployment" | "findLastPut">,
	application: Application,
	observed: ObservedService | undefined,
): Pick<SwapPlan, "others" | "application" | "env"> {
	const { applicationId, config } = application;
	const env = store.readEnv(applicationId);
	if (!observed) return { others: noOthers, application, env };
	const others = findOthers(observed, { env, config }, baseOf(store, applicationId, observed), store.digestEnv);
	return { others, application: withOthers(application, others), env: { ...env, ...others.env } };
}

/** What a plan puts on the service. */
export function revisionIn({ order: { image, deploymentId } }: Pick<SwapPlan, "order">): Revision {
	return { image: image.reference, deploymentId };
}

export interface Swapping {
	signal: AbortSignal;
	say: (text: string) => void;
	/**
	 * Called right before every change of the service: writes down what is about to be replaced, and makes sure that this
	 * process still holds the application. @throws LockLost
	 */
	beforeChange: (plan: SwapPlan) => void;
	/** Called where the service was changed meanwhile, and the release on it is still the same. @throws what ends the swap */
	ensureAsPlanned?: ((plan: SwapPlan) => void) | undefined;
}

/**
 * Carries a plan out: one create, or one update from exactly the version that was looked at. Where the answer is lost, or the
 * service changed in between, it looks: what was asked for may have come true. Else it plans anew and goes on, as long as the
 * release that runs is the one that was seen. Returns the plan that was carried out.
 * @throws stale_view when something else runs by now; rollout_failed when Swarm refuses the specification; LockLost
 */
export async function swap(engine: Engine, { signal, say, beforeChange, ensureAsPlanned }: Swapping, first: SwapPlan): Promise<SwapPlan> {
	const patience = patienceTold(engine.clock, { signal, say }, "waiting for Swarm");
	let plan = first;
	for (;;) {
		const credentials = await pullCredentials(engine.registry, plan.order.image);
		signal.throwIfAborted();
		beforeChange(plan);
		const fault = await attempt(engine, plan, credentials);
		if (fault === undefined) return plan;
		if (!(fault instanceof ServiceChanged)) patience.onFault(fault);
		const now = await waitOut(patience, () => observeOwnService(engine.swarm, plan.order.application));
		if (await cameTrue(engine, patience, plan, now)) return plan;
		ensureUntouched(plan, now);
		plan = await waitOut(patience, () => planSwap(engine, plan.order));
		ensureUntouched(first, plan.observed);
		ensureAsPlanned?.(plan);
	}
}

/** The service tells; where Swarm took the release back before anybody could look, its tasks still do. */
async function cameTrue({ swarm }: Engine, patience: Patience, plan: SwapPlan, now: ObservedService | undefined): Promise<boolean> {
	const ours = revisionIn(plan);
	if (now && isSameRevision(revisionOf(now), ours)) return true;
	const tasks = await waitOut(patience, () => swarm.listTasks(plan.spec.Name));
	return tasks.some((task) => isOfRevision(task, ours));
}

/** The fault that leaves open what came of the change; undefined: Swarm accepted it. @throws what says that nothing was changed */
async function attempt({ swarm }: Engine, { spec, observed }: SwapPlan, credentials: RegistryCredentials | undefined): Promise<unknown> {
	try {
		if (observed) await swarm.updateService(spec.Name, observed.version, spec, credentials);
		else await swarm.createService(spec, credentials);
		return undefined;
	} catch (error) {
		if (error instanceof ServiceChanged || isTransient(error)) return error;
		throw error;
	}
}

/** @throws stale_view: whoever put something else there since knows more than this deployment does */
function ensureUntouched({ observed: before, spec }: SwapPlan, now: ObservedService | undefined): void {
	if (before === undefined && now === undefined) return;
	const isEmptied = before && now && replicasOf(before) > 0 && replicasOf(now) === 0;
	if (before && now && before.id === now.id && isSameRevision(revisionOf(before), revisionOf(now)) && !isEmptied) return;
	const what = now ? (before ? (isEmptied ? "was scaled to zero" : "was changed") : "was made") : "was removed";
	throw new DeploymillError(
		"stale_view",
		`The service ${spec.Name} ${what} by somebody else while this deployment was under way. Nothing was swapped.`,
	);
}

/** Credentials for the nodes' pull; none for an image that was never pushed, or that is in another registry than ours. */
export async function pullCredentials(registry: Registry, image: { reference: string }): Promise<RegistryCredentials | undefined> {
	const host = registry.address?.split("/", 1)[0];
	return host && image.reference.startsWith(`${host}/`) ? registry.credentials() : undefined;
}
