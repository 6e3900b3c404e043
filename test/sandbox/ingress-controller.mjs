// Keeps the ingress's routes: a process of its own that turns the labels of Swarm services into routes for Caddy.
//
// What users run is Traefik's Swarm provider or caddy-docker-proxy. Neither is in Debian, and a sandbox can pull no
// image; Caddy is in Debian. So this small stand-in reads what those read, the LABELS of services and nothing else.
// It ends itself when its sandbox's state is gone or another's.
//
// ingress-controller.mjs RUN_ID
import { setTimeout as delay } from "node:timers/promises";
import { docker, dockerStream, filterQuery } from "./docker-api.mjs";
import { contradictoryRouters, LabelError, routesOf } from "./ingress-labels.mjs";
import { applyRoutes } from "./ingress-routes.mjs";
import { readState } from "./state.mjs";
import { managerSocket } from "./swarm.mjs";

const RESYNC_EVERY_MS = 2_000;
const RETRY_EVERY_MS = 200;

const [runId] = process.argv.slice(2);

/** What was logged last, by subject: what stays as it is gets one line, not one at each look. */
const lastLogged = new Map();

let running = false;
let again = false;

void watchEvents();
for (;;) {
	await sync();
	await delay(RESYNC_EVERY_MS);
}

/** Looks at the services at each event about one. The engine may go away and come back. */
async function watchEvents() {
	for (;;) {
		try {
			const events = await dockerStream(managerSocket(), `/events?${filterQuery({ type: ["service"] })}`);
			log("events", "watching service events");
			void sync(); // for what happened before we watched
			for await (const _chunk of events) void sync();
			log("events", "the engine ended its events");
		} catch (error) {
			log("events", `no events: ${error.message}`);
		}
		await delay(RETRY_EVERY_MS);
	}
}

/** One at a time; what happens meanwhile is looked at once more afterwards. */
async function sync() {
	again = true;
	if (running) return;
	running = true;
	while (again) {
		again = false;
		try {
			await bringUpToDate();
			log("sync", "routes follow the services");
		} catch (error) {
			log("sync", `routes stay as they are: ${error.message}`);
		}
	}
	running = false;
}

async function bringUpToDate() {
	endUnlessWanted();
	const services = await docker(managerSocket(), "GET", "/services", { timeoutMs: 5_000 });
	endUnlessWanted(); // nothing may be written to a folder that `down` has just removed
	services.sort((a, b) => a.CreatedAt.localeCompare(b.CreatedAt));
	const asked = services.flatMap(({ Spec }) => understand(Spec));
	const dropped = contradictoryRouters(asked);
	for (const name of dropped) log(`router ${name}`, `router ${name} is defined by several services in different ways, and dropped`);
	const taken = new Map();
	applyRoutes(asked.filter(({ router }) => !dropped.has(router?.name)).map((route) => claimHosts(route, taken)));
}

function endUnlessWanted() {
	if (readState()?.runId !== runId) process.exit(0);
}

function understand({ Name, Labels }) {
	try {
		const routes = routesOf(Name, Labels ?? {});
		const shown = routes.map((route) => `${route.hosts.join(", ")} -> ${route.upstream}:${route.port}`);
		log(Name, `${Name}: ${shown.join("; ") || "does not ask for the ingress"}`);
		return routes;
	} catch (error) {
		if (!(error instanceof LabelError)) throw error;
		log(Name, `${Name} ignored: ${error.message}`);
		return [];
	}
}

/** A host belongs to the oldest service that names it. @returns {import('./ingress-routes.mjs').Route} without what others have */
function claimHosts(route, taken) {
	const hosts = route.hosts.filter((host) => {
		const owner = taken.get(host);
		if (owner !== undefined) log(`${route.service} ${host}`, `${route.service}: ${host} is ${owner}'s already`);
		else taken.set(host, route.service);
		return owner === undefined;
	});
	return { ...route, hosts };
}

function log(subject, text) {
	if (lastLogged.get(subject) === text) return;
	lastLogged.set(subject, text);
	process.stderr.write(`${new Date().toISOString()} ${text}\n`);
}
