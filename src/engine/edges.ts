// Owns which URLs an application is judged by.
import type { Application } from "../model/application.ts";
import type { Deployment } from "../model/deployment.ts";
import { labels, type ObservedService } from "../model/service.ts";

/** One URL per domain; none for a worker. */
export function edgeUrls({ config }: Application, scheme: string): string[] {
	return config.domains.map((domain) => `${scheme}://${domain}`);
}

/** Edges that were found healthy at least once: the ingress has had a route for them. A claim made a moment ago proves nothing. */
export function edgesSeenHealthy(deployments: Deployment[]): Set<string> {
	const edges = deployments.flatMap(({ health }) => health?.edges ?? []);
	return new Set(edges.filter(({ verdict }) => verdict === "healthy").map(({ url }) => url));
}

/** Whether the service claims the host of this edge. */
export function isRouted(service: ObservedService | undefined, url: string): boolean {
	const hosts = service?.spec.Labels[labels.hosts]?.split(" ") ?? [];
	return hosts.includes(new URL(url).hostname);
}
