// Reconciles a project file: read it, observe, plan, and apply unless it is a dry run. It never deploys.
import { type ParsedProject, parseProjectFile, projectFilePath } from "../../config/project.ts";
import { slugs } from "../../config/slug.ts";
import { DeploymillError } from "../../errors.ts";
import type { Application } from "../../model/application.ts";
import type { Commit } from "../../model/deployment.ts";
import { labels, type ObservedService } from "../../model/service.ts";
import { findApplication } from "../applications.ts";
import { findHeldHosts, type HostsOfOthers } from "../claims/held-hosts.ts";
import { findOwnService } from "../claims/own-service.ts";
import { hasEarlierRouteName, routeNameTaken, whoHasRouteName } from "../claims/route-names.ts";
import { ensureVolumesFree } from "../claims/volumes.ts";
import type { Engine } from "../engine.ts";
import { requireRegistry } from "../history/require-registry.ts";
import { chooseGate } from "../service/container-check.ts";
import { routeName } from "../service/spec.ts";
import { applyPlan } from "./apply.ts";
import { type Plan, planConfig, type Step } from "./plan.ts";

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

/** @throws invalid_input, application_not_found, project_file_missing, project_file_invalid, registry_not_configured, name_taken, repo_*, docker_* */
export async function reconcile(engine: Engine, order: ReconcileOrder): Promise<ReconcileResult> {
	const { application, repoUrl } = resolve(engine, order);
	engine.source.checkAddress(repoUrl);
	const { project, commit } = await readProject(engine, repoUrl, order);
	const { config: wanted } = project;
	requireRegistry(engine.registry, wanted);
	const observed = await observe(engine, application, repoUrl);
	const slugCandidates = () => freeSlugs(wanted.name, observed);
	const applicationId = application?.applicationId ?? nextId(engine, slugCandidates());
	await ensureVolumesFree(engine, { repoUrl, application }, wanted.mounts, observed.services);
	const others = hostsOfOthers(engine, { applicationId, repoUrl }, observed, wanted.domains);
	const planned = planConfig({
		applied: application?.config,
		wanted,
		heldHosts: others.held,
		prune: order.prune,
		commit: commit.sha.slice(0, 7),
	});
	const plan: Plan = {
		steps: [...planned.steps, ...(application ? renamedRoute(engine, application, observed) : [])],
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
	if (planned.domains.add.length > 0) plan.warnings.push(...others.warnings);
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

/** Reads the one file that a reconcile needs: no commit is checked out for it. */
async function readProject(engine: Engine, repoUrl: string, order: ReconcileOrder): Promise<{ project: ParsedProject; commit: Commit }> {
	const { commit, ref, text } = await engine.source.readFile(repoUrl, order.ref, projectFilePath, order.signal);
	if (text === undefined) {
		const message = `${projectFilePath}: there is no such file at ${commit.sha.slice(0, 7)} (${ref}).`;
		throw new DeploymillError("project_file_missing", message);
	}
	return { project: parseProjectFile(text), commit };
}

interface Observed {
	/** All services of the Swarm. */
	services: ObservedService[];
	/** The one that deploymill made for this repository, from this data folder or from one that was lost. */
	own: ObservedService | undefined;
	warnings: string[];
}

async function observe(engine: Engine, application: Application | undefined, repoUrl: string): Promise<Observed> {
	const [, services] = await Promise.all([engine.swarm.facts(), engine.swarm.listServices()]);
	const own = findOwnService(services, repoUrl, application?.applicationId);
	const named = services.find(({ spec }) => spec.Name === application?.applicationId);
	const isForeign = named !== undefined && named !== own;
	const warnings = isForeign
		? [
				`a Swarm service named ${named.spec.Name} exists that this application did not make: deploy will refuse to touch it (service_not_ours)`,
			]
		: [];
	return { services, own, warnings };
}

/** Skips names of services that deploymill made for other repositories. One that it made for this repository is taken up again under its name. */
function* freeSlugs(name: string, { services, own }: Observed): Generator<string> {
	if (own) yield own.spec.Name;
	const taken = new Set(services.filter(({ spec }) => spec.Labels?.[labels.application]).map(({ spec }) => spec.Name));
	for (const slug of slugs(name)) if (!taken.has(slug)) yield slug;
}

/** The id that a repository gets if it is registered now. */
function nextId(engine: Engine, candidates: Generator<string>): string {
	for (const slug of candidates) if (!engine.store.findApplication(slug)) return slug;
	throw new Error("the sequence of slugs ended before a free one was found");
}

/** Where the name of our route is another's, none of the hosts can be routed without taking that route down. */
function hostsOfOthers(engine: Engine, self: NamedRepository, { services, own }: Observed, wanted: string[]): HostsOfOthers {
	const { ingress } = engine.settings;
	const others = findHeldHosts(wanted, {
		applications: engine.store.listApplications().filter(({ applicationId }) => applicationId !== self.applicationId),
		services: services.filter((service) => service !== own),
		entrypoint: ingress.dialect === "traefik" ? ingress.traefikEntrypoint : undefined,
	});
	const holder = whoHasRouteName(self, ingress, services, own);
	if (holder === undefined) return others;
	return { ...others, held: new Map(wanted.map((host) => [host, routeNameTaken(self, holder)])) };
}

/** Earlier versions named routes after the id alone, which is its author's to choose: they are renamed with the next reconcile or deploy. */
function renamedRoute(engine: Engine, application: Application, { services, own }: Observed): Step[] {
	const { ingress } = engine.settings;
	if (!own || !hasEarlierRouteName(own, ingress) || whoHasRouteName(application, ingress, services, own)) return [];
	const cause = "names of routes hold the repository's hash now; takes effect at once, in one update that replaces no task";
	return [{ action: "set", target: "ingress labels", from: own.spec.Name, to: routeName(application), cause }];
}

type NamedRepository = Pick<Application, "applicationId" | "repoUrl">;

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
