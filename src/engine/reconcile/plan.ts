// Plans a reconcile: a pure function from what was observed, what is recorded and what the project file says to the steps between.
import { quote } from "../../config/quote.ts";
import type { Application, ApplicationConfig, HealthPolicy, RollbackMode } from "../../model/application.ts";
import { containerIntervalOf, monitorMsOf } from "../../model/check-times.ts";
import { labels, type ObservedService } from "../../model/service.ts";
import { findHeldHosts, type HostsOfOthers } from "../claims/held-hosts.ts";
import { hasEarlierRouteName, routeNameTaken, whoHasRouteName } from "../claims/route-names.ts";
import { ensureVolumesFree } from "../claims/volumes.ts";
import { chooseGate, hasStartInterval, type OrchestratorGate } from "../service/container-check.ts";
import type { IngressSettings } from "../service/ingress-labels.ts";
import { routeName } from "../service/spec.ts";
import { type Adopted, type Adoption, hasNews } from "./adoption.ts";
import { adoptionWarnings, nameTaken } from "./adoption-words.ts";
import type { Observed } from "./observe.ts";
import { type DomainChanges, type MountChanges, planConfig, type Step } from "./plan-config.ts";
import { isMisrouted } from "./routing.ts";
import { findSubject, type Recorded, type RoutedApplication, routedAs, type Subject, type Wish } from "./subject.ts";

export interface Plan {
	steps: Step[];
	rollback: RollbackMode & { registry?: string; was: RollbackMode };
	/** Every setting with the value that is in force, defaults included. A worker has no endpoint: of its settings the bake alone counts. */
	health: Partial<HealthPolicy>;
	/** `monitorMs`: so long Swarm watches over new tasks, whether or not they ask themselves. */
	orchestratorGate: OrchestratorGate & { monitorMs: number };
	domains: DomainChanges;
	mounts: MountChanges;
	/** What somebody else put on the Swarm and is taken over; absent where there is none. */
	adopted?: Adopted;
	ignored: string[];
	warnings: string[];
}

export interface PlanSettings {
	ingress: IngressSettings;
	/** Of the registry; undefined: none is configured. */
	registry: string | undefined;
}

export interface Planned {
	/** The application's, or those that it gets when it is registered. */
	applicationId: string;
	repository: string;
	/** Undefined: not registered yet. */
	application: Application | undefined;
	plan: Plan;
	/** What is applied when the plan is carried out. */
	config: ApplicationConfig;
	/** What is taken over with it. */
	adoption: Adoption | undefined;
	/** The labels of its service are to be changed. */
	reroutes: boolean;
}

const off = { enabled: false, auto: false };

/** @throws name_taken for a volume that is not this application's to mount */
export function planReconcile(wish: Wish, recorded: Recorded, observed: Observed, settings: PlanSettings): Planned {
	const { project, commit, prune } = wish;
	const { applications } = recorded;
	const { services, volumes } = observed;
	const wanted = project.config;
	const subject = findSubject(wish, recorded, observed);
	const { applicationId, repository, application, own, adoption, others: hosts } = subject;
	ensureVolumesFree({ repository, application }, wanted.mounts, { applications, services, volumes });
	const others = hostsOfOthers({ applicationId, repository }, wanted.domains, applications, services, own, settings.ingress);
	const planned = planConfig({
		applied: application?.config,
		wanted,
		found: adoption?.setup ?? { ...nothingElse, hosts },
		declaresReplicas: project.declaresReplicas,
		heldHosts: others.held,
		prune,
		commit: commit.sha.slice(0, 7),
	});
	const adopted = adoption && hasNews(adoption, application) ? adoption : undefined;
	const steps = [
		...planned.steps,
		...(adopted ? [adopt(applicationId)] : []),
		...hosts.filter((host) => planned.config.domains.includes(host)).map(adoptHost),
		...mendedRouting(routedAs(subject, wanted), own, services, settings.ingress),
	];
	const gate = chooseGate(wanted, recorded.probePrograms);
	const plan: Plan = {
		steps,
		rollback: {
			...wanted.rollback,
			...(settings.registry ? { registry: settings.registry } : {}),
			was: application?.config.rollback ?? off,
		},
		health: healthShown(wanted),
		orchestratorGate: { ...gate, monitorMs: monitorMsOf(planned.config) },
		domains: planned.domains,
		mounts: planned.mounts,
		...(adopted ? { adopted: adopted.shown } : {}),
		ignored: project.ignored,
		warnings: [
			...project.warnings,
			...planned.warnings,
			...serviceWarnings(subject, services),
			...(adoption && observed.found ? adoptionWarnings(observed.found, adoption, recorded.held, planned.config) : []),
			...loginWarnings(observed),
			...captureWarnings(application, wanted, { hasPoint: recorded.hasPoint, adopted }),
			...startIntervalWarnings(gate, wanted.health, observed),
			...(planned.domains.add.length > 0 ? others.warnings : []),
			...(wanted.mounts.length > 0 ? [stopFirst] : []),
		],
	};
	const changesLabels = ({ action, target }: Step) => action !== "adopt" && (target === "domains" || target === "ingress labels");
	const reroutes = own !== undefined && steps.some(changesLabels);
	return { applicationId, repository, application, plan, config: planned.config, adoption: adopted, reroutes };
}

function adopt(applicationId: string): Step {
	const cause = "a deploymill with another data folder made this service for this repository; nothing of it is changed by that";
	return { action: "adopt", target: "service", to: applicationId, cause };
}

function adoptHost(host: string): Step {
	const cause = "the service answers for it: a deploymill with another data folder, or somebody by hand, put it there";
	return { action: "adopt", target: "domains", to: host, cause };
}

const nothingElse = { mounts: [], replicas: 0 };

const stopFirst = "an app with mounts rolls stop-first: two tasks must not share a volume, so a swap interrupts it for a moment";

function serviceWarnings({ applicationId, own, unreachable }: Subject, services: ObservedService[]): string[] {
	const named = services.find(({ spec }) => spec.Name === applicationId);
	const isForeign = named !== undefined && named !== own;
	return [
		...(isForeign
			? [
					`a Swarm service named ${applicationId} exists that this application did not make: deploy will refuse to touch it (service_not_ours)`,
				]
			: []),
		...(unreachable ? [nameTaken(unreachable)] : []),
	];
}

function healthShown({ workload, health }: ApplicationConfig): Partial<HealthPolicy> {
	if (workload === "worker") return health.bake === undefined ? {} : { bake: health.bake };
	return { ...health, containerIntervalMs: containerIntervalOf(health) };
}

/** Turned on, it captures what is deployed from now on. What runs was not captured. */
function captureWarnings(
	application: Application | undefined,
	{ rollback }: ApplicationConfig,
	{ hasPoint, adopted }: { hasPoint: boolean; adopted: Adoption | undefined },
): string[] {
	if (!application || application.config.rollback.enabled || !rollback.enabled || adopted?.shown.rollbackPoint) return [];
	const until = hasPoint
		? "until one deploy has run, only images from before it was off can be gone back to"
		: "nothing can be gone back to until one deploy has run";
	return [`rollback is turned on: what was deployed while it was off was not captured, so ${until}`];
}

/** Deploys may be hours away, so it does not stop the reconcile. */
function loginWarnings({ loginFault }: Observed): string[] {
	return loginFault ? [`${loginFault.message} Deploys will fail until that is mended (${loginFault.code}).`] : [];
}

/** An engine that cannot ask a starting container more often finds it well only at the first of its usual questions. */
function startIntervalWarnings({ on }: OrchestratorGate, health: HealthPolicy, { apiVersion }: Observed): string[] {
	if (!on || hasStartInterval(apiVersion)) return [];
	return [
		`health.containerIntervalMs: this Docker Engine (API ${quote(apiVersion)}) asks a starting container no more often than a started one, so a new task is ready after ${containerIntervalOf(health)} ms at the earliest; from Docker 25 (API 1.44) on it is asked at once`,
	];
}

type NamedRepository = Pick<Application, "applicationId" | "repository">;

/** Where the name of our route is another's, none of the hosts can be routed without taking that route down. */
function hostsOfOthers(
	self: NamedRepository,
	wanted: string[],
	applications: Application[],
	services: ObservedService[],
	own: ObservedService | undefined,
	ingress: IngressSettings,
): HostsOfOthers {
	const others = findHeldHosts(wanted, {
		applications: applications.filter(({ applicationId }) => applicationId !== self.applicationId),
		services: services.filter((service) => service !== own),
		entrypoint: ingress.dialect === "traefik" ? ingress.traefikEntrypoint : undefined,
	});
	const holder = whoHasRouteName(self, ingress, services, own);
	if (holder === undefined) return others;
	return { ...others, held: new Map(wanted.map((host) => [host, routeNameTaken(self, holder)])) };
}

/**
 * Labels that are not those of the applied configuration: a process ended between the record and the labels, somebody changed them by hand, or
 * an earlier version named the route after the id alone, which is its author's to choose.
 */
function mendedRouting(
	application: RoutedApplication | undefined,
	own: ObservedService | undefined,
	services: ObservedService[],
	ingress: IngressSettings,
): Step[] {
	if (!application || !own || !isMisrouted(own, application, ingress) || whoHasRouteName(application, ingress, services, own)) return [];
	const atOnce = "takes effect at once, in one update that replaces no task";
	if (hasEarlierRouteName(own, ingress)) {
		const cause = `names of routes hold the repository's hash now; ${atOnce}`;
		return [{ action: "set", target: "ingress labels", from: own.spec.Name, to: routeName(application), cause }];
	}
	const [from, to] = [own.spec.Labels[labels.hosts] ?? "", application.config.domains.join(" ")];
	const cause = `the service's labels are not those of the configuration that is applied; ${atOnce}`;
	return [{ action: "set", target: "ingress labels", ...(from === to ? {} : { from: quote(from), to }), cause }];
}
