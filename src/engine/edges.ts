// Owns which URLs an application is judged by.
import type { Application } from "../model/application.ts";
import { labels, type ObservedService } from "../model/service.ts";

/** One URL per domain; none for a worker. */
export function edgeUrls({ config }: Application, scheme: string): string[] {
	return config.domains.map((domain) => `${scheme}://${domain}`);
}

/** Whether the service already claims the host of this edge: then the ingress has had a route for it before the swap. */
export function isRouted(service: ObservedService | undefined, url: string): boolean {
	const hosts = service?.spec.Labels[labels.hosts]?.split(" ") ?? [];
	return hosts.includes(new URL(url).hostname);
}
