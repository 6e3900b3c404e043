// Finds who else serves a host name: other applications of this server, and any other service on the Swarm.
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

export function findHeldHosts(wanted: string[], others: OtherHolders): HostsOfOthers {
	const claims = others.services.flatMap((service) => claimsOf(service).map((claim) => ({ ...claim, service: service.spec.Name })));
	const held = new Map<string, string>();
	const catchAll = new Set<Claim>();
	for (const host of wanted) {
		const covering = new Map(claims.map((claim) => [claim, claim.covers(host)]));
		const reason = whyHeld(host, others.applications, covering);
		if (reason !== undefined) held.set(host, reason);
		for (const [claim, coverage] of covering) if (coverage === "every" && isFor(others.entrypoint, claim)) catchAll.add(claim);
	}
	return { held, warnings: [...catchAll].map(describeCatchAll) };
}

type Claim = HostClaim & { service: string };

function whyHeld(host: string, applications: Application[], covering: Map<Claim, string>): string | undefined {
	const owner = applications.find(({ config }) => config.domains.includes(host));
	if (owner) return `the application ${owner.applicationId} answers for it`;
	const first = (coverage: string) => [...covering].find(([, found]) => found === coverage)?.[0];
	const named = first("yes");
	if (named) return `the service ${named.service} answers for it (label ${quote(named.label)})`;
	const unsure = first("unsure");
	return unsure && `whether the service ${unsure.service} answers for it cannot be told from its label ${quote(unsure.label)}`;
}

/** A claim for no certain entry point is for all. */
function isFor(entrypoint: string | undefined, { entrypoints }: Claim): boolean {
	return entrypoint === undefined || entrypoints === undefined || entrypoints.includes(entrypoint);
}

function describeCatchAll({ service, label }: Claim): string {
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
