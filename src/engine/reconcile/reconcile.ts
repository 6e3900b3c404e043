// Reconciles a project file: reads it, observes, plans, and applies unless it is a dry run. It never deploys.
import { type ParsedProject, parseProjectFile, projectFilePath } from "../../config/project.ts";
import { DeploymillError } from "../../errors.ts";
import type { Commit } from "../../model/deployment.ts";
import { historyDepth } from "../../model/history-depth.ts";
import { isSameRepository } from "../../model/repository.ts";
import type { ObservedService } from "../../model/service.ts";
import { findApplication } from "../applications.ts";
import type { Engine } from "../engine.ts";
import { requireRegistry } from "../history/require-registry.ts";
import { leaseMs } from "../pipeline/lease-times.ts";
import { lastPutThere } from "../service/last-put.ts";
import { baseOf } from "../service/others.ts";
import { record, route } from "./apply.ts";
import { acquire, newHold, whileHeld } from "./lock.ts";
import { type Observed, observe } from "./observe.ts";
import { type Plan, type Planned, planReconcile } from "./plan.ts";
import { repositoriesOf, type Wish } from "./subject.ts";

export type ReconcilePorts = Pick<Engine, "store" | "swarm" | "registry" | "source" | "settings" | "clock" | "ids" | "log">;

export interface ReconcileOrder {
	applicationId?: string | undefined;
	repoUrl?: string | undefined;
	ref?: string | undefined;
	dryRun: boolean;
	prune: boolean;
	requestedBy: string;
	/** Ends the reading of the repository. What is applied already is applied to its end. */
	signal?: AbortSignal | undefined;
}

export interface ReconcileResult {
	applicationId?: string;
	dryRun: boolean;
	/** The plan is in force; `plan.steps` tells whether that changed anything. */
	applied: boolean;
	commit: Commit;
	plan: Plan;
}

/**
 * @throws invalid_input, application_not_found, project_file_missing, project_file_invalid, registry_not_configured, name_taken, host_taken,
 * deploy_in_progress: a configuration does not change under a running deployment; repo_*, docker_*
 */
export async function reconcile(engine: ReconcilePorts, order: ReconcileOrder): Promise<ReconcileResult> {
	const repoUrl = repositoryOf(engine, order);
	engine.source.checkAddress(repoUrl);
	const { project, commit } = await readProject(engine, repoUrl, order);
	requireRegistry(engine.registry, project.config);
	const wish: Wish = { repoUrl, project, commit, prune: order.prune };
	if (order.dryRun) {
		const { application, plan } = planNow(engine, wish, await observeFor(engine, wish, order));
		return { ...(application ? { applicationId: application.applicationId } : {}), dryRun: true, applied: false, commit, plan };
	}
	const { applicationId, plan } = await carryOut(engine, wish, order);
	return { applicationId, dryRun: false, applied: true, commit, plan };
}

/** The plan that was applied. Which it is, is decided under the application's lock. */
async function carryOut(engine: ReconcilePorts, wish: Wish, order: ReconcileOrder): Promise<Planned> {
	for (;;) {
		const observed = await observeFor(engine, wish, order);
		const planned = planNow(engine, wish, observed);
		if (planned.application) return planned.plan.steps.length === 0 ? planned : change(engine, wish, planned.applicationId, order);
		const registered = await register(engine, wish, observed, order);
		if (registered) return registered;
	}
}

/** What was observed before the lock was taken may be no longer so: it is observed again. */
async function change(engine: ReconcilePorts, wish: Wish, applicationId: string, order: ReconcileOrder): Promise<Planned> {
	const hold = newHold(engine, applicationId);
	await acquire(engine, hold, order.requestedBy, order.signal);
	return whileHeld(engine, hold, async (ensureHeld) => {
		const observed = await observeFor(engine, wish, order);
		const [planned, now] = engine.store.decide(() => {
			ensureHeld();
			const decided = planNow(engine, wish, observed);
			return [decided, record(engine, wish, decided, order.requestedBy)];
		});
		await route(engine, planned, now, ensureHeld);
		return planned;
	});
}

/** Undefined: another process was faster. The lock is taken with the registration, so that nothing is deployed before it is whole. */
async function register(
	engine: ReconcilePorts,
	wish: Wish,
	observed: Observed,
	{ requestedBy }: ReconcileOrder,
): Promise<Planned | undefined> {
	const { store } = engine;
	const decided = store.decide(() => {
		const planned = planNow(engine, wish, observed);
		if (planned.application) return undefined;
		const now = record(engine, wish, planned, requestedBy);
		const hold = newHold(engine, now.applicationId);
		store.acquireLock(hold, requestedBy, leaseMs);
		return { planned, now, hold };
	});
	if (!decided) return undefined;
	const { planned, now, hold } = decided;
	await whileHeld(engine, hold, (ensureHeld) => route(engine, planned, now, ensureHeld));
	return planned;
}

/** What others put on the Swarm is looked for where nothing was ever put there from here, and nothing is on its way. */
function observeFor(engine: ReconcilePorts, { repoUrl, project: { config } }: Wish, { signal }: ReconcileOrder): Promise<Observed> {
	const application = engine.store.findApplicationByRepo(repoUrl);
	const applicationId = application?.applicationId;
	const isOurs = applicationId !== undefined && (hasPut(engine, applicationId) || isUnderWay(engine, applicationId));
	const question = { repoUrl, repositories: repositoriesOf(repoUrl, application), config };
	return observe(engine, config, isOurs ? undefined : { ...question, applicationId, signal });
}

function hasPut({ store }: Pick<ReconcilePorts, "store">, applicationId: string): boolean {
	return lastPutThere(store, applicationId) !== undefined;
}

function isUnderWay({ store }: ReconcilePorts, applicationId: string): boolean {
	return store.listDeployments(applicationId, 1)[0]?.status === "running";
}

/** Reads the record anew. What was planned holds as long as nobody else writes: in `decide`, until it is written. */
function planNow({ store, registry, settings }: ReconcilePorts, wish: Wish, observed: Observed): Planned {
	const applicationId = store.findApplicationByRepo(wish.repoUrl)?.applicationId;
	const past = applicationId === undefined ? [] : store.listDeployments(applicationId, historyDepth);
	const putNothing = applicationId === undefined || !hasPut({ store }, applicationId);
	const recorded = {
		applications: store.listApplications(),
		putNothing,
		held: {
			env: putNothing && applicationId !== undefined ? store.readEnv(applicationId) : {},
			isRecorded: (deploymentId: string) => store.findDeployment(deploymentId) !== undefined,
		},
		baseOf: (service: ObservedService) => (applicationId === undefined ? {} : baseOf(store, applicationId, service)),
		hasPoint: applicationId !== undefined && store.listRollbackPoints(applicationId).some((point) => !point.unusableBecause),
		probePrograms: past.find(({ probePrograms }) => probePrograms)?.probePrograms,
	};
	return planReconcile(wish, recorded, observed, { ingress: settings.ingress, registry: registry.address });
}

/** The repository. An id names the application; without one, its repository does. */
function repositoryOf(engine: ReconcilePorts, { applicationId, repoUrl }: ReconcileOrder): string {
	const address = repoUrl?.trim().replace(/(?<=[^/])\/+$/, "");
	if (applicationId === undefined) {
		if (!address) {
			throw new DeploymillError(
				"invalid_input",
				"applicationId, repoUrl: got neither. Give repoUrl to register a repository, or the applicationId of a known one.",
			);
		}
		return knownSpelling(engine, address);
	}
	const application = findApplication(engine.store, applicationId);
	if (address && !isSameRepository(address, application.repoUrl)) {
		throw new DeploymillError("invalid_input", `repoUrl: ${applicationId} belongs to another repository than the one given.`, {
			hint: "Leave repoUrl out to reconcile this application, or leave applicationId out to register that repository as an application of its own.",
		});
	}
	return application.repoUrl;
}

/** As the application of this repository was registered, if there is one, however its address is spelled now. */
function knownSpelling({ store }: ReconcilePorts, address: string): string {
	if (store.findApplicationByRepo(address)) return address;
	return store.listApplications().find(({ repoUrl }) => isSameRepository(address, repoUrl))?.repoUrl ?? address;
}

/** Reads the one file that a reconcile needs: no commit is checked out for it. */
async function readProject(
	engine: ReconcilePorts,
	repoUrl: string,
	order: ReconcileOrder,
): Promise<{ project: ParsedProject; commit: Commit }> {
	const { commit, ref, text } = await engine.source.readFile(repoUrl, order.ref, projectFilePath, order.signal);
	if (text === undefined) {
		const message = `${projectFilePath}: there is no such file at ${commit.sha.slice(0, 7)} (${ref}).`;
		throw new DeploymillError("project_file_missing", message);
	}
	return { project: parseProjectFile(text), commit };
}
