// Finds who else answers for a host name: other applications of this server, and any other service on the Swarm.
import { quote } from "../../config/quote.ts";
import type { Application } from "../../model/application.ts";
import { labels, type ObservedService } from "../../model/service.ts";
import { caddyClaims } from "./caddy-sites.ts";
import type { HostClaim } from "./host-claim.ts";
import { labelSets } from "./labels.ts";
import { traefikClaims } from "./traefik-routers.ts";

export interface HostsOfOthers {
	/** By host, why it is not free: who answers for it, or of whom it cannot be told. */
	held: Map<string, string>;
	/** What answers for every host there is, and takes none for itself. */
	warnings: string[];
}

export interface OtherHolders {
	/** Applications of this server but the one that asks. */
	applications: Application[];
	/** All services of the Swarm but the one of the application that asks. */
	services: ObservedService[];
	/** Entry point that routes of ours are for, where the ingress has them. */
	entrypoint: string | undefined;
}

export function findHeldHosts(wanted: string[], { applications, services, entrypoint }: OtherHolders): HostsOfOthers {
	const claims = services.flatMap((service) => claimsOf(service).map((claim) => ({ ...claim, service: service.spec.Name })));
	const held = new Map<string, string>();
	for (const host of wanted) {
		const owner = applications.find(({ config }) => config.domains.includes(host));
		const named = claims.find(({ covers }) => covers(host) === "yes");
		const unsure = claims.find(({ covers }) => covers(host) === "unsure");
		if (owner) held.set(host, `the application ${owner.applicationId} answers for it`);
		else if (named) held.set(host, `the service ${named.service} answers for it (label ${quote(named.label)})`);
		else if (unsure)
			held.set(host, `whether the service ${unsure.service} answers for it cannot be told from its label ${quote(unsure.label)}`);
	}
	const catchAll = claims.filter(
		({ covers, entrypoints }) =>
			(entrypoint === undefined || (entrypoints?.includes(entrypoint) ?? true)) && wanted.some((host) => covers(host) === "every"),
	);
	return { held, warnings: catchAll.map(describeCatchAll) };
}

function describeCatchAll({ service, label }: HostClaim & { service: string }): string {
	return `the service ${service} answers for every host name (label ${quote(label)}): where the ingress prefers its route, this application is not reached`;
}

function claimsOf(service: ObservedService): HostClaim[] {
	return labelSets(service).flatMap((read) => [
		...read.flatMap(([label, value]) => [...ownClaims(label, value), ...caddyClaims(label, value)]),
		...traefikClaims(service.spec.Name, read),
	]);
}

/** What deploymill writes itself: it tells hosts across data folders, whatever the ingress. */
function ownClaims(label: string, value: string): HostClaim[] {
	if (label !== labels.hosts) return [];
	const hosts = value.toLowerCase().split(" ");
	return [{ label, covers: (host) => (hosts.includes(host) ? "yes" : "no") }];
}
