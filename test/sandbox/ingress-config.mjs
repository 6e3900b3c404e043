// Configures Caddy, once: it finds the route of a request in a folder that others keep up to date.
//
// A new configuration by Caddy's admin API would lose requests: the old server drops what it has accepted and not yet
// read when the new one takes over (measured: 1 to 20 of 300 in flight at each change). So the configuration never
// changes; a route is an empty file named HOST@UPSTREAM@PORT, and making or removing one is a change of routes.
// The same keys work from Caddy 2.6 to 2.11.

export const EDGE_PORT = 80;

/** Where the container of Caddy sees the folder with its configuration and its routes. */
export const INGRESS_FOLDER = "/srv/ingress";

/**
 * How often a request looks for a task to connect to, before it is answered 502 or 503: 1.5 s where no task is there or all refuse.
 * Counted and not timed, for on a busy machine the containers, which all together weigh as much as one process beside
 * them, wait for seconds for a processor: a request that was older than that had but one try.
 */
const attempts = { retries: 30, try_interval: "50ms" };

/**
 * Caddy's own default. With 500 ms, an ingress that was not run for so long after it had connected took the connection for
 * lost, and answered 502 for tasks that were well, also where nothing was swapped (guides/performance.md, "Lost requests").
 */
const DIAL_TIMEOUT = "3s";

/** @returns {object} Caddy's configuration */
export function caddyConfig() {
	const edge = {
		listen: [`:${EDGE_PORT}`],
		automatic_https: { disable: true },
		routes: [{ match: [{ file: findRoute }], handle: [{ handler: "subroute", routes: [proxy] }], terminal: true }, answerNotFound],
	};
	return {
		admin: { disabled: true },
		logging: { logs: { default: { level: "WARN" } } },
		apps: { http: { servers: { edge } } },
	};
}

/** By this header, with TLS_ROUTE as its value, a test's own TLS endpoint says that a request came to it encrypted. */
const TLS_HEADER = "X-Sandbox-Tls";

/** What the name of a route begins with that is for such requests alone. */
export const TLS_ROUTE = "tls+";

/** The star stands for upstream and port; the host is taken literally, whatever a client sends. */
const findRoute = { root: `${INGRESS_FOLDER}/routes`, try_files: [`/{http.request.header.${TLS_HEADER}}{http.request.host}@*`] };

/**
 * A task is in DNS from when it is healthy until two seconds before it is told to stop. Addresses are asked for again
 * every 100 ms, and a connection that fails is tried again elsewhere; so a swap of tasks loses no request. What was
 * sent once is not sent again (Caddy's default, but for GET). No idle connections to tasks, for one might be gone.
 */
const proxy = {
	match: [{ vars_regexp: { "{http.matchers.file.relative}": { name: "route", pattern: "@([^@/]+)@([0-9]+)$" } } }],
	handle: [
		{
			handler: "reverse_proxy",
			dynamic_upstreams: {
				source: "a",
				name: "{http.regexp.route.1}",
				port: "{http.regexp.route.2}",
				refresh: "100ms",
			},
			load_balancing: attempts,
			transport: { protocol: "http", dial_timeout: DIAL_TIMEOUT, keep_alive: { enabled: false } },
		},
	],
};

/** What Traefik answers. */
const answerNotFound = {
	handle: [
		{
			handler: "static_response",
			status_code: 404,
			body: "404 page not found\n",
			headers: { "Content-Type": ["text/plain; charset=utf-8"] },
		},
	],
};
