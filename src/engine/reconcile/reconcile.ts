// Reconciles a project file: read it, observe, plan, and apply unless it is a dry run. It never deploys.
import { type ParsedProject, parseProjectFile, projectFilePath } from "../../config/project.ts";
import { slugs } from "../../config/slug.ts";
import { DeploymillError } from "../../errors.ts";
import type { Application } from "../../model/application.ts";
import type { Commit } from "../../model/deployment.ts";
import { labels, type ObservedService } from "../../model/service.ts";
import { findApplication } from "../applications.ts";
import { registryMissing } from "../calls/start-deploy.ts";
import { ensureVolumesFree } from "../claims/volumes.ts";
import type { Engine } from "../engine.ts";
import { chooseGate } from "../service/container-check.ts";
import { repositoryHash } from "../service/spec.ts";
import { applyPlan } from "./apply.ts";
import { findHeldHosts } from "./held-hosts.ts";
import { type Plan, planConfig } from "./plan.ts";

export interface ReconcileOrder {
	applicationId?: string | undefined;
	repoUrl?: string | undefined;
	ref?: string | undefined;
	dryRun: boolean;
	prune: boolean;
	requestedBy: string;
}

export interface ReconcileResult {
	applicationId?: string;
	dryRun: boolean;
	/** The plan is in force; `plan.steps` tells whether that changed anything. */
	applied: boolean;
	commit: Commit;
	plan: Plan;
}

/** @throws invalid_input, application_not_found, project_file_missing, project_file_invalid, registry_not_configured, name_taken, repo_*, docker_* */
export async function reconcile(engine: Engine, order: ReconcileOrder): Promise<ReconcileResult> {
	const { application, repoUrl } = resolve(engine, order);
	engine.source.checkAddress(repoUrl);
	const { project, commit } = await readProject(engine, repoUrl, order.ref);
	const { config: wanted } = project;
	if (wanted.rollback.enabled && !engine.registry.address) throw new DeploymillError("registry_not_configured", registryMissing);
	const observed = await observe(engine, application);
	const slugCandidates = () => freeSlugs(wanted.name, repoUrl, observed.services);
	await ensureVolumesFree(engine, { repoUrl, application }, wanted.mounts, observed.services);
	const heldHosts = findHeldHosts(
		wanted.domains,
		application?.applicationId ?? adoptable(observed.services, repoUrl),
		engine.store.listApplications(),
		observed.services,
	);
	const planned = planConfig({ applied: application?.config, wanted, heldHosts, prune: order.prune, commit: commit.sha.slice(0, 7) });
	const plan: Plan = {
		steps: planned.steps,
		rollback: {
			...wanted.rollback,
			...(engine.registry.address ? { registry: engine.registry.address } : {}),
			was: application?.config.rollback ?? off,
		},
		health: wanted.health,
		orchestratorGate: chooseGate(wanted, lastPrograms(engine, application)),
		domains: planned.domains,
		mounts: planned.mounts,
		ignored: project.ignored,
		warnings: [...project.warnings, ...planned.warnings, ...observed.warnings, ...(await loginWarning(engine, wanted.rollback.enabled))],
	};
	if (wanted.mounts.length > 0)
		plan.warnings.push("an app with mounts rolls stop-first: two tasks must not share a volume, so a swap interrupts it for a moment");
	if (order.dryRun)
		return { ...(application ? { applicationId: application.applicationId } : {}), dryRun: true, applied: false, commit, plan };
	const result = await applyPlan(engine, {
		application,
		repoUrl,
		slugs: slugCandidates(),
		config: planned.config,
		commit,
		plan,
		requestedBy: order.requestedBy,
	});
	return { applicationId: result.applicationId, dryRun: false, applied: true, commit, plan };
}

const off = { enabled: false, auto: false };

/** An id names the application; without one, its repository does. */
function resolve(engine: Engine, { applicationId, repoUrl }: ReconcileOrder): { application: Application | undefined; repoUrl: string } {
	const address = repoUrl?.trim().replace(/(?<=[^/])\/+$/, "");
	if (applicationId === undefined) {
		if (!address) {
			throw new DeploymillError(
				"invalid_input",
				"applicationId, repoUrl: got neither. Give repoUrl to register a repository, or the applicationId of a known one.",
			);
		}
		return { application: engine.store.findApplicationByRepo(address), repoUrl: address };
	}
	const application = findApplication(engine.store, applicationId);
	if (address && address !== application.repoUrl) {
		throw new DeploymillError("invalid_input", `repoUrl: ${applicationId} belongs to another repository than the one given.`, {
			hint: "Leave repoUrl out to reconcile this application, or leave applicationId out to register that repository as an application of its own.",
		});
	}
	return { application, repoUrl: application.repoUrl };
}

async function readProject(engine: Engine, repoUrl: string, ref: string | undefined): Promise<{ project: ParsedProject; commit: Commit }> {
	await using checkout = await engine.source.checkout(repoUrl, ref);
	const text = await checkout.readFile(projectFilePath);
	if (text === undefined) {
		throw new DeploymillError(
			"project_file_missing",
			`${projectFilePath}: there is no such file at ${checkout.commit.sha.slice(0, 7)} (${checkout.ref}).`,
		);
	}
	return { project: parseProjectFile(text), commit: checkout.commit };
}

async function observe(engine: Engine, application: Application | undefined) {
	const [, services] = await Promise.all([engine.swarm.facts(), engine.swarm.listServices()]);
	const named = services.find(({ spec }) => spec.Name === application?.applicationId);
	const foreign = named && named.spec.Labels?.[labels.repository] !== repositoryHash(application?.repoUrl ?? "");
	const warnings = foreign
		? [
				`a Swarm service named ${named.spec.Name} exists that this application did not make: deploy will refuse to touch it (service_not_ours)`,
			]
		: [];
	return { services, warnings };
}

/** A data folder that was lost leaves its service behind: the same repository takes it up again under the same name. */
function adoptable(services: ObservedService[], repoUrl: string): string | undefined {
	return services.find(({ spec }) => spec.Labels?.[labels.repository] === repositoryHash(repoUrl))?.spec.Name;
}

/** Skips names of services that deploymill made for other repositories, from this data folder or another. */
function* freeSlugs(name: string, repoUrl: string, services: ObservedService[]): Generator<string> {
	const known = adoptable(services, repoUrl);
	if (known) yield known;
	const taken = new Set(services.filter(({ spec }) => spec.Labels?.[labels.application]).map(({ spec }) => spec.Name));
	for (const slug of slugs(name)) if (!taken.has(slug)) yield slug;
}

function lastPrograms(engine: Engine, application: Application | undefined): string[] | undefined {
	if (!application) return undefined;
	return engine.store.listDeployments(application.applicationId, 50).find(({ probePrograms }) => probePrograms)?.probePrograms;
}

/** Told now, so that nobody finds out at the first push; deploys may be hours away, so it does not stop the reconcile. */
async function loginWarning(engine: Engine, enabled: boolean): Promise<string[]> {
	if (!enabled) return [];
	try {
		await engine.registry.checkLogin();
		return [];
	} catch (error) {
		if (!(error instanceof DeploymillError)) throw error;
		return [`${error.message} Deploys will fail until that is mended (${error.code}).`];
	}
}
