// Tells which URLs an application is judged by, and what is known of the ingress's way to them.
import type { Application } from "../../model/application.ts";
import type { Deployment } from "../../model/deployment.ts";
import type { Route } from "../../model/health.ts";
import { labels, type ObservedService } from "../../model/service.ts";

/** One URL per domain; none for a worker. */
export function edgeUrls({ config }: Application, scheme: string): string[] {
	return config.domains.map((domain) => `${scheme}://${domain}`);
}

/** Longer than any ingress takes to notice a service: Traefik polls every 15 s. */
const noticedAfterMs = 60_000;

/**
 * What the record and the service's labels say of the ingress's way to an edge. A claim made a moment ago proves nothing, and
 * neither does an old one that the last gate found unheeded; an edge that was healthy once was certainly reached.
 *
 * @param deployments newest first
 * @param now milliseconds since 1970
 */
export function routeOf(service: ObservedService | undefined, url: string, deployments: Deployment[], now: number): Route {
	const { [labels.hosts]: hosts = "", [labels.hostsSince]: since } = service?.spec.Labels ?? {};
	if (!hosts.split(" ").includes(new URL(url).hostname)) return { routed: false };
	const judged = deployments.flatMap(({ health }) => health?.edges.filter((edge) => edge.url === url) ?? []);
	if (judged.some(({ verdict }) => verdict === "healthy")) return { routed: true };
	if (judged[0]?.routed === false) return { routed: false };
	const ageMs = since === undefined ? noticedAfterMs : now - Date.parse(since);
	return ageMs >= noticedAfterMs ? { routed: true } : { routed: false, noticedInMs: noticedAfterMs - ageMs };
}
