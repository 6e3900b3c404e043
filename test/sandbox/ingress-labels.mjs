// Reads the two label dialects the ingress understands: from a service's labels to the route they ask for. Pure.
import { EDGE_PORT } from "./ingress-config.mjs";
import { NETWORK } from "./swarm.mjs";

/** The one entry point there is; users of Traefik call the one for plain http so. */
const ENTRY_POINT = "web";

/** Shorter than DNS allows, for a route is a file name. */
const HOST_NAME = /^(?=.{1,150}$)[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?)*$/i;

/** Labels that ask for something, but not in a way that can be served. Its message is for the controller's log. */
export class LabelError extends Error {}

/**
 * @param {string} service its name @param {Record<string, string>} labels
 * @returns {import('./ingress-routes.mjs').Route[]} empty when the labels do not ask for the ingress @throws {LabelError}
 */
export function routesOf(service, labels) {
	if (Object.keys(labels).some((label) => label.startsWith("traefik."))) return traefikRoutes(service, labels);
	if (labels.caddy !== undefined) return [caddyRoute(service, labels)];
	return [];
}

/**
 * Traefik drops a router that several services define in different ways: it does not know which one is meant.
 * @param {import('./ingress-routes.mjs').Route[]} routes of all services @returns {Set<string>} names of the routers that are dropped
 */
export function contradictoryRouters(routes) {
	const definitions = new Map();
	const dropped = new Set();
	for (const { router } of routes) {
		if (!router) continue;
		if (router.definition !== (definitions.get(router.name) ?? router.definition)) dropped.add(router.name);
		definitions.set(router.name, router.definition);
	}
	return dropped;
}

function traefikRoutes(service, labels) {
	const { routers, ports, direct } = readTraefikLabels(labels);
	if (labels["traefik.enable"] !== "true") throw new LabelError("traefik.enable is not true");
	if (routers.size === 0) throw new LabelError("no router: traefik.http.routers.<name>.rule is missing");
	const upstream = direct ? `tasks.${service}` : service;
	return [...routers].map(([name, router]) => ({
		service,
		router: { name, definition: JSON.stringify(router) },
		hosts: hostsOfRouter(name, router),
		tls: wantsTls(name, router),
		upstream,
		port: portOfRouter(name, router, ports),
	}));
}

/** Label names are case-insensitive to Traefik. One that is not known here could change the route, so it is refused. */
function readTraefikLabels(labels) {
	const understood = { routers: new Map(), ports: new Map(), direct: true };
	for (const [label, value] of Object.entries(labels)) {
		if (label.startsWith("traefik.")) readTraefikLabel(label.toLowerCase(), value, understood);
	}
	return understood;
}

function readTraefikLabel(label, value, understood) {
	const [, router, option] = label.match(/^traefik\.http\.routers\.([a-z0-9_-]+)\.(rule|entrypoints|service|tls|tls\.certresolver)$/) ?? [];
	const [, server] = label.match(/^traefik\.http\.services\.([a-z0-9_-]+)\.loadbalancer\.server\.port$/) ?? [];
	if (router) understood.routers.set(router, { ...understood.routers.get(router), [option]: value });
	else if (server) understood.ports.set(server, portNumber(label, value));
	else if (label === "traefik.swarm.lbswarm") understood.direct = !trueOrFalse(label, value);
	else if (label === "traefik.swarm.network") requireOurNetwork(label, value);
	else if (label === "traefik.enable") trueOrFalse(label, value);
	else throw new LabelError(`label ${label} is not understood here`);
}

function hostsOfRouter(name, router) {
	if (!router.rule) throw new LabelError(`router ${name} has no rule`);
	const entryPoints = router.entrypoints?.split(",").map((entryPoint) => entryPoint.trim()) ?? [ENTRY_POINT];
	if (!entryPoints.includes(ENTRY_POINT))
		throw new LabelError(`router ${name} is for ${router.entrypoints}; the entry point here is ${ENTRY_POINT}`);
	return router.rule.split("||").map((part) => {
		const host = part.trim().match(/^Host\(`([^`]+)`\)$/)?.[1];
		if (host === undefined) throw new LabelError(`rule of router ${name} is not Host(\`…\`) || Host(\`…\`)…: ${router.rule}`);
		return hostName(host);
	});
}

/** Traefik matches such a router on TLS connections alone. The edge here is plain http; a test may have a TLS endpoint before it. */
function wantsTls(name, router) {
	return router["tls.certresolver"] !== undefined || (router.tls !== undefined && trueOrFalse(`tls of router ${name}`, router.tls));
}

function portOfRouter(name, router, ports) {
	const only = ports.size === 1 ? [...ports.keys()][0] : undefined;
	const service = router.service?.toLowerCase() ?? only;
	if (service === undefined) throw new LabelError(`router ${name} names no service, and there is not exactly one`);
	const port = ports.get(service);
	if (port === undefined) throw new LabelError(`traefik.http.services.${service}.loadbalancer.server.port is missing`);
	return port;
}

function caddyRoute(service, labels) {
	for (const label of Object.keys(labels)) {
		if (/^caddy[._]/.test(label) && label !== "caddy.reverse_proxy" && label !== "caddy_ingress_network") {
			throw new LabelError(`label ${label} is not understood here`);
		}
	}
	if (labels.caddy_ingress_network !== undefined) requireOurNetwork("caddy_ingress_network", labels.caddy_ingress_network);
	const proxied = labels["caddy.reverse_proxy"]?.trim().match(/^\{\{\s*upstreams\s+(?:http\s+)?(\d+)\s*\}\}$/)?.[1];
	if (proxied === undefined) throw new LabelError("caddy.reverse_proxy is not {{upstreams PORT}}");
	const hosts = labels.caddy
		.split(/[\s,]+/)
		.filter(Boolean)
		.map(hostOfSite);
	if (hosts.length === 0) throw new LabelError("caddy names no site");
	return { service, hosts, upstream: `tasks.${service}`, port: portNumber("caddy.reverse_proxy", proxied) };
}

/** A site without `http://` or port 80 means https to Caddy. */
function hostOfSite(site) {
	const [, scheme, host, port] = site.match(/^(http:\/\/)?([^/:]+)(?::(\d+))?\/?$/) ?? [];
	const plain = scheme ? port === undefined || Number(port) === EDGE_PORT : Number(port) === EDGE_PORT;
	if (!host || !plain) throw new LabelError(`site ${site} is not http://HOST; the edge here is plain http`);
	return hostName(host);
}

function hostName(text) {
	if (!HOST_NAME.test(text)) throw new LabelError(`not a host name: ${text}`);
	return text.toLowerCase();
}

function portNumber(label, text) {
	const port = Number(text);
	if (!/^\d+$/.test(text) || port < 1 || port > 65_535) throw new LabelError(`${label} is not a port: ${text}`);
	return port;
}

function trueOrFalse(label, text) {
	if (text !== "true" && text !== "false") throw new LabelError(`${label} is neither true nor false: ${text}`);
	return text === "true";
}

function requireOurNetwork(label, network) {
	if (network !== NETWORK) throw new LabelError(`${label} is ${network}; the ingress is on ${NETWORK}`);
}
