// Writes the labels by which an ingress finds an application: Traefik's Swarm provider, caddy-docker-proxy, or none.
import type { ApplicationConfig } from "../../model/application.ts";

export interface IngressSettings {
	dialect: "traefik" | "caddy" | "none";
	/** Overlay network that the ingress reaches the tasks over. */
	network: string;
	endpointMode: "vip" | "dnsrr";
	/** Scheme that users reach the edges by; `https` asks the ingress for TLS. */
	edgeScheme: "http" | "https";
	traefikEntrypoint: string;
	traefikCertResolver: string;
}

/** Prefixes of the labels that are ours to set and to take away; all other labels of a service are left alone. */
export const ingressLabelPrefixes = ["traefik.", "caddy"] as const;

/**
 * Labels for the service. Host names were checked when the project file was read; they are checked again here, where they become code.
 *
 * @param routeName what Traefik is to call the router and the service
 */
export function ingressLabels(
	routeName: string,
	config: Pick<ApplicationConfig, "domains" | "port">,
	settings: IngressSettings,
): Record<string, string> {
	const { domains, port } = config;
	if (port === undefined || domains.length === 0) return withoutRoute(settings);
	if (settings.dialect === "none") return {};
	domains.forEach(refuseUnsafeHost);
	return settings.dialect === "traefik" ? traefikLabels(routeName, domains, port, settings) : caddyLabels(domains, port, settings);
}

/** Traefik as delivered makes a route of its own for every service that has none, and names it after the service. */
function withoutRoute({ dialect }: IngressSettings): Record<string, string> {
	return dialect === "traefik" ? { "traefik.enable": "false" } : {};
}

function traefikLabels(name: string, domains: string[], port: number, settings: IngressSettings): Record<string, string> {
	const router = `traefik.http.routers.${name}`;
	const tls: Record<string, string> =
		settings.edgeScheme === "https" ? { [`${router}.tls`]: "true", [`${router}.tls.certresolver`]: settings.traefikCertResolver } : {};
	return {
		"traefik.enable": "true",
		"traefik.swarm.network": settings.network,
		// Traefik polls Swarm and would for seconds send traffic to tasks that are gone. The service's virtual address
		// outlives every swap; without IPVS (dnsrr) there is none.
		"traefik.swarm.lbswarm": String(settings.endpointMode === "vip"),
		[`${router}.rule`]: domains.map((domain) => `Host(\`${domain}\`)`).join(" || "),
		[`${router}.entrypoints`]: settings.traefikEntrypoint,
		[`${router}.service`]: name,
		...tls,
		[`traefik.http.services.${name}.loadbalancer.server.port`]: String(port),
	};
}

function caddyLabels(domains: string[], port: number, settings: IngressSettings): Record<string, string> {
	const scheme = settings.edgeScheme === "http" ? "http://" : "";
	return {
		caddy: domains.map((domain) => `${scheme}${domain}`).join(", "),
		"caddy.reverse_proxy": `{{upstreams ${port}}}`,
		caddy_ingress_network: settings.network,
	};
}

/** A name that could end the quotes of a rule or start another word must never get this far. */
function refuseUnsafeHost(domain: string): void {
	if (!/^[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?$/.test(domain)) throw new Error(`not a host name: ${JSON.stringify(domain)}`);
}
