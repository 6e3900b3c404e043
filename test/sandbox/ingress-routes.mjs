// Keeps the folder of routes that Caddy looks into: a route is an empty file named HOST@UPSTREAM@PORT, or tls+HOST@UPSTREAM@PORT.
import { mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { sandboxDir } from "./checkout.mjs";
import { TLS_ROUTE } from "./ingress-config.mjs";

/** On this machine; node 1 has it bound where Caddy looks. */
export const ingressDir = join(sandboxDir, "ingress");
const routesDir = join(ingressDir, "routes");

/**
 * @typedef {object} Route
 * @property {string} service
 * @property {{ name: string, definition: string }} [router] of Traefik's dialect
 * @property {string[]} hosts in lower case
 * @property {boolean} [tls] for requests that came encrypted alone
 * @property {string} upstream name that the Swarm's DNS resolves to the addresses of the tasks
 * @property {number} port
 *
 * Makes the folder hold these routes and no others. New ones come first, so that a host that moves is never without.
 * @param {Route[]} routes a host in at most one of them @returns {boolean} whether anything changed
 */
export function applyRoutes(routes) {
	mkdirSync(routesDir, { recursive: true });
	const wanted = routes.flatMap(({ hosts, tls, upstream, port }) =>
		hosts.map((host) => `${tls ? TLS_ROUTE : ""}${host}@${upstream}@${port}`),
	);
	const present = readdirSync(routesDir);
	const added = wanted.filter((name) => !present.includes(name));
	const removed = present.filter((name) => !wanted.includes(name));
	for (const name of added) writeFileSync(join(routesDir, name), "");
	for (const name of removed) rmSync(join(routesDir, name), { force: true });
	return added.length + removed.length > 0;
}
