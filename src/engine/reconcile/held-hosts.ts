// Owns the question who else answers for a host name: other applications of this server, and any other service on the Swarm.
import type { Application } from "../../model/application.ts";
import { labels, type ObservedService } from "../../model/service.ts";

/** Hosts of `wanted` that something other than `applicationId` holds, with who. */
export function findHeldHosts(
	wanted: string[],
	applicationId: string | undefined,
	applications: Application[],
	services: ObservedService[],
): Map<string, string> {
	const held = new Map<string, string>();
	for (const service of services.filter(({ spec }) => spec.Name !== applicationId)) {
		for (const host of hostsOf(service)) held.set(host, `the service ${service.spec.Name}`);
	}
	for (const application of applications.filter((item) => item.applicationId !== applicationId)) {
		for (const host of application.config.domains) held.set(host, `the application ${application.applicationId}`);
	}
	return new Map([...held].filter(([host]) => wanted.includes(host)));
}

/** From our own label, or as Traefik and caddy-docker-proxy read them. */
function hostsOf({ spec }: ObservedService): string[] {
	const all = spec.Labels ?? {};
	const ours = all[labels.hosts]?.split(" ") ?? [];
	const traefik = Object.entries(all)
		.filter(([key]) => /^traefik\.http\.routers\.[^.]+\.rule$/.test(key))
		.flatMap(([, rule]) => [...rule.matchAll(/[`"]([^`"]+)[`"]/g)].map(([, host]) => host ?? ""));
	const caddy = (all.caddy ?? "").split(/[\s,]+/).map((address) => address.replace(/^https?:\/\//, ""));
	return [...ours, ...traefik, ...caddy].filter((host) => host !== "").map((host) => host.toLowerCase());
}
