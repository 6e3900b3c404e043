// Compares the labels that route an application's hosts with those its configuration asks for, and puts them on its service.
import { DeploymillError } from "../../errors.ts";
import type { Application } from "../../model/application.ts";
import { labels, type ObservedService, type ServiceSpec } from "../../model/service.ts";
import { findOwnService } from "../claims/own-service.ts";
import { ensureRouteNameFree, hasEarlierRouteName } from "../claims/route-names.ts";
import type { Clock } from "../ports/clock.ts";
import { ServiceChanged, type Swarm } from "../ports/swarm.ts";
import { stampHosts } from "../service/host-stamp.ts";
import { type IngressSettings, ingressLabelPrefixes } from "../service/ingress-labels.ts";
import { routingLabels } from "../service/spec.ts";

/** Whether the service answers for other hosts than the configuration says, or lacks a label that they need. */
export function isMisrouted(
	own: ObservedService,
	application: Pick<Application, "applicationId" | "repository" | "config">,
	ingress: IngressSettings,
): boolean {
	if (hasEarlierRouteName(own, ingress)) return true;
	const wanted = wantedRouting(own, application, ingress);
	const actual: Record<string, string> = own.spec.Labels;
	const lacks = Object.entries(wanted).some(([key, value]) => key !== labels.hosts && actual[key] !== value);
	return lacks || !isSameSet(hostsIn(wanted), hostsIn(actual));
}

function hostsIn(all: Record<string, string> | undefined): string[] {
	return (all?.[labels.hosts] ?? "").split(" ").filter((host) => host !== "");
}

interface Rerouting {
	swarm: Swarm;
	clock: Clock;
	settings: { ingress: IngressSettings };
}

/** A service that is changed as often as this in between is somebody else's to work on now. */
const mostAttempts = 10;

/**
 * Puts the routing labels on the service, where there is one. They change at once, and no task is replaced. An answer that is lost
 * is no fault where the labels are seen to be there.
 * @param beforeChange called right before every change; what it throws keeps it from being made
 * @throws host_taken for the name of a route, docker_unreachable, swarm_not_ready
 */
export async function reroute(rerouting: Rerouting, application: Application, beforeChange: () => void): Promise<void> {
	const { swarm } = rerouting;
	for (let attempt = 1; ; attempt++) {
		const services = await swarm.listServices();
		const service = findOwnService(services, [application.repository], application.applicationId);
		if (!service) return;
		ensureRouteNameFree(application, rerouting.settings.ingress, services, service);
		beforeChange();
		const fault = await update(rerouting, application, service);
		if (fault === undefined) return;
		if (!(fault instanceof ServiceChanged)) throw fault;
		if (attempt === mostAttempts) throw keepsChanging(application);
	}
}

async function update({ swarm, clock, settings }: Rerouting, application: Application, service: ObservedService): Promise<unknown> {
	const { applicationId } = application;
	const others = Object.entries(service.spec.Labels).filter(([key]) => !isRouting(key));
	const routed = { ...Object.fromEntries(others), ...wantedRouting(service, application, settings.ingress) };
	const spec: ServiceSpec = { ...service.spec, Labels: stampHosts(routed, service.spec.Labels, clock.now()) };
	try {
		await swarm.updateService(applicationId, service.version, spec, undefined);
		return undefined;
	} catch (fault) {
		if (fault instanceof ServiceChanged) return fault;
		// Where Docker does not say how it is now, the fault stands.
		const now = await swarm.inspectService(applicationId).catch(() => undefined);
		return now && !isMisrouted(now, application, settings.ingress) ? undefined : fault;
	}
}

/** The port stays the one that runs: that of the configuration is put there with the next release. */
function wantedRouting(
	service: ObservedService,
	application: Pick<Application, "applicationId" | "repository" | "config">,
	ingress: IngressSettings,
): Record<string, string> {
	const { config } = application;
	const port = service.spec.Labels[labels.port] ?? config.port;
	return routingLabels(port === undefined ? application : { ...application, config: { ...config, port: Number(port) } }, ingress);
}

function isRouting(key: string): boolean {
	return (
		key === labels.hosts ||
		key === labels.hostsSince ||
		key === labels.port ||
		ingressLabelPrefixes.some((prefix) => key.startsWith(prefix))
	);
}

function isSameSet(one: string[], other: string[]): boolean {
	const sorted = (hosts: string[]) => [...new Set(hosts)].sort().join(" ");
	return sorted(one) === sorted(other);
}

function keepsChanging({ applicationId }: Application): DeploymillError {
	return new DeploymillError(
		"deploy_in_progress",
		`The service ${applicationId} was changed by somebody else again and again. Nothing was applied.`,
	);
}
