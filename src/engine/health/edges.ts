// Owns which URLs an application is judged by.
import type { Application } from "../../model/application.ts";
import type { Deployment } from "../../model/deployment.ts";
import { labels, type ObservedService } from "../../model/service.ts";

/** One URL per domain; none for a worker. */
export function edgeUrls({ config }: Application, scheme: string): string[] {
	return config.domains.map((domain) => `${scheme}://${domain}`);
}

/** Edges that were found healthy at least once: the ingress knew them then. */
export function edgesSeenHealthy(deployments: Deployment[]): Set<string> {
	const edges = deployments.flatMap(({ health }) => health?.edges ?? []);
	return new Set(edges.filter(({ verdict }) => verdict === "healthy").map(({ url }) => url));
}

/** Longer than any ingress takes to notice a service: Traefik polls every 15 s. */
const noticedAfterMs = 60_000;

/** Whether the service claims the host of this edge, and did so long enough for the ingress to know. */
export function isRouted(service: ObservedService | undefined, url: string): boolean {
	const since = service?.spec.Labels?.[labels.hostsSince];
	if (!isClaimed(service, url)) return false;
	return since === undefined || Date.now() - Date.parse(since) > noticedAfterMs;
}

/** Whether the service claims the host of this edge at all. */
export function isClaimed(service: ObservedService | undefined, url: string): boolean {
	return service?.spec.Labels?.[labels.hosts]?.split(" ").includes(new URL(url).hostname) ?? false;
}

/** The labels with the time of the last change of hosts: kept where the hosts are those of `before`, else now. */
export function stampHosts(after: Record<string, string>, before: Record<string, string> | undefined): Record<string, string> {
	const { [labels.hostsSince]: _stale, ...rest } = after;
	if (rest[labels.hosts] === undefined) return rest;
	const isSame = before?.[labels.hosts] === rest[labels.hosts];
	const since = isSame ? before?.[labels.hostsSince] : new Date().toISOString();
	return since === undefined ? rest : { ...rest, [labels.hostsSince]: since };
}
