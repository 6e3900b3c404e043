// Owns the one change of a running service: deploy, rollback and auto-rollback all go through here.
import { DeploymillError } from "../../errors.ts";
import type { ReleaseImage } from "../../model/deployment.ts";
import { labels, type ObservedService, type ServiceSpec } from "../../model/service.ts";
import { ensureClaimsFree } from "../claims/ensure-free.ts";
import type { Engine } from "../engine.ts";
import { stampHosts } from "../health/edges.ts";
import type { Run } from "../pipeline/run.ts";
import type { RegistryCredentials, SwarmFacts } from "../ports/swarm.ts";
import { ServiceChanged } from "../ports/swarm.ts";
import type { OrchestratorGate } from "../service/container-check.ts";
import { fingerprint, mergeSpec, sameButRelease } from "../service/merge.ts";
import { releaseOf, repositoryHash, wantedSpec } from "../service/spec.ts";

/** What is to be put on the service, and what is there. Made by looking; nothing is changed by it. */
export interface SwapPlan {
	image: ReleaseImage;
	observed: ObservedService | undefined;
	spec: ServiceSpec;
	/** The service already is exactly this, but for the stamp. */
	same: boolean;
	/** Tasks are to be replaced though nothing else changed. */
	force: boolean;
	fingerprint: string;
}

/** @throws service_not_ours, name_taken, host_taken: what was free at reconcile may be another's by now */
export async function planSwap(run: Run, image: ReleaseImage, gate: OrchestratorGate, force = false): Promise<SwapPlan> {
	const { engine, application } = run;
	const [facts, observed] = await Promise.all([
		engine.swarm.facts(),
		observeOwnService(engine, application.applicationId, application.repoUrl),
		ensureClaimsFree(engine, application),
	]);
	const env = engine.store.readEnv(application.applicationId);
	const wanted = wantedSpec({ application, env, image, deploymentId: run.deploymentId, gate }, serviceSettings(engine, facts));
	const spec = observed ? mergeSpec(observed.spec, wanted) : wanted;
	spec.Labels = stampHosts(spec.Labels, observed?.spec.Labels, engine.clock.now());
	const same = observed !== undefined && sameButRelease(observed.spec, spec);
	// Of what is wanted, not of what is sent: that also holds what Swarm and operators added, which makes no other release.
	const print = fingerprint(wanted);
	if (force) spec.TaskTemplate.ForceUpdate += 1;
	return { image, observed, spec, same, force, fingerprint: print };
}

/**
 * Carries the plan out: one create, or one update from exactly the version that was looked at. When the service changed
 * in between, looks again, and goes on only if the release that is live is still the one that was seen.
 * @throws stale_view when another release is live by now
 */
export async function applySwap(run: Run, plan: SwapPlan): Promise<void> {
	const { swarm } = run.engine;
	const credentials = await pullCredentials(run.engine, plan.image);
	if (!plan.observed) return createFirst(run, plan, credentials);
	let observed: ObservedService = plan.observed;
	let spec = plan.spec;
	for (;;) {
		try {
			return await swarm.updateService(spec.Name, observed.version, spec, credentials);
		} catch (error) {
			if (!(error instanceof ServiceChanged)) throw error;
		}
		run.signal.throwIfAborted();
		observed = await sameReleaseAgain(run, plan.observed);
		spec = mergeSpec(observed.spec, plan.spec);
		if (plan.force) spec.TaskTemplate.ForceUpdate += 1;
	}
}

async function createFirst(run: Run, plan: SwapPlan, credentials: RegistryCredentials | undefined): Promise<void> {
	try {
		await run.engine.swarm.createService(plan.spec, credentials);
	} catch (error) {
		if (!(error instanceof ServiceChanged)) throw error;
		throw new DeploymillError("stale_view", `Somebody else made a service ${plan.spec.Name} while this deployment was under way.`, {
			cause: error,
		});
	}
}

/** @throws service_not_ours when a service of the application's name was not made for it */
export async function observeOwnService(engine: Engine, applicationId: string, repoUrl: string): Promise<ObservedService | undefined> {
	const service = await engine.swarm.inspectService(applicationId);
	if (!service) return undefined;
	const { [labels.application]: owner, [labels.repository]: repository } = service.spec.Labels ?? {};
	if (owner === applicationId && repository === repositoryHash(repoUrl)) return service;
	const whose = owner === undefined ? "deploymill did not make it" : "deploymill made it for another repository";
	throw new DeploymillError("service_not_ours", `The Swarm service ${applicationId} exists, and ${whose}. It was not touched.`, {
		hint: `Rename the project in .deploymill/project.json, or remove the service yourself (docker service rm ${applicationId}).`,
		details: { serviceName: applicationId },
	});
}

/** Credentials for the nodes' pull; none for an image that was never pushed, or that is in another registry than ours. */
export async function pullCredentials({ registry }: Engine, image: ReleaseImage): Promise<RegistryCredentials | undefined> {
	const host = registry.address?.split("/", 1)[0];
	return host && image.reference.startsWith(`${host}/`) ? registry.credentials() : undefined;
}

function serviceSettings(engine: Engine, facts: SwarmFacts) {
	return { ingress: engine.settings.ingress, networkId: facts.networkId, apiVersion: facts.apiVersion };
}

async function sameReleaseAgain(run: Run, before: ObservedService): Promise<ObservedService> {
	const { applicationId, repoUrl } = run.application;
	const now = await observeOwnService(run.engine, applicationId, repoUrl);
	if (now && releaseOf(now)?.deploymentId === releaseOf(before)?.deploymentId) return now;
	throw new DeploymillError("stale_view", `The service ${applicationId} was changed by somebody else while this deployment was under way.`);
}
