// Plans what init makes, and why: a pure comparison of what is there with what is needed.
import type { PublishedService } from "../../adapters/docker/published-services.ts";
import type { Settings } from "../../config/settings.ts";
import { labels } from "../../model/service.ts";
import { entrypointsOf } from "./ingress-service.ts";
import type { Observed } from "./observe.ts";
import type { InitOptions } from "./options.ts";
import { ingressName, partLabel, registryName } from "./part.ts";

export interface Step {
	action: "init_swarm" | "create_network" | "create_registry" | "create_ingress";
	/** What it makes. */
	what: string;
	cause: string;
}

export interface Plan {
	steps: Step[];
	/** What is there and stays as it is. */
	kept: string[];
	/** What people have to do or know. */
	notes: string[];
	/** What has to be cleared first: with any of these nothing is done. */
	obstacles: string[];
}

export function makePlan(seen: Observed, settings: Settings, options: InitOptions): Plan {
	const plan: Plan = { steps: [], kept: [], notes: [], obstacles: [] };
	planSwarm(plan, seen, options);
	planNetwork(plan, seen, settings);
	planRegistry(plan, seen, settings, options);
	planIngress(plan, seen, settings, options);
	return plan;
}

function planSwarm({ steps, kept }: Plan, { nodeId, endpoint }: Observed, { advertiseAddr }: InitOptions): void {
	if (nodeId) {
		kept.push("swarm: this node is a manager");
		return;
	}
	const address = advertiseAddr ? `, advertised at ${advertiseAddr}` : "";
	steps.push({ action: "init_swarm", what: `a swarm with this engine as its manager${address}`, cause: `${endpoint} is in none` });
}

function planNetwork({ steps, kept }: Plan, { networkId }: Observed, { network }: Settings): void {
	if (networkId) kept.push(`network: ${network} is an attachable overlay network`);
	else
		steps.push({
			action: "create_network",
			what: `attachable overlay network ${network}`,
			cause: "apps and ingress share it, and it is not there",
		});
}

function planRegistry(
	plan: Plan,
	{ services }: Observed,
	{ registry }: Settings,
	{ registry: wanted, registryImage, registryPort }: InitOptions,
): void {
	const ours = services.find((service) => service.labels[partLabel] === "registry");
	if (!wanted) plan.kept.push("registry: none is wanted; rollback needs one");
	else if (registry) plan.kept.push(`registry: DEPLOYMILL_REGISTRY names ${registry.prefix}`);
	else if (ours) {
		plan.kept.push(`registry: the service ${ours.name}`);
		plan.notes.push(
			`The registry's password was printed when it was made. For a new one: docker service rm ${ours.name}, then init again; its images stay.`,
		);
	} else {
		const taken = holderOf(services, registryPort);
		if (taken) plan.obstacles.push(`Port ${registryPort} is published by the service ${taken.name}: choose another with --registry-port.`);
		const what = `service ${registryName}: ${registryImage} with a password, on port ${registryPort}, its images in the volume ${registryName}`;
		plan.steps.push({ action: "create_registry", what, cause: "rollback needs a registry, and DEPLOYMILL_REGISTRY names none" });
		plan.notes.push(
			`The registry speaks plain HTTP, and the nodes ask it at 127.0.0.1:${registryPort}: close that port to the outside in your firewall.`,
		);
	}
}

function planIngress(plan: Plan, seen: Observed, settings: Settings, { ingress: wanted, ingressImage, email }: InitOptions): void {
	const { kind } = settings.ingress;
	const leader = leaderOf(seen);
	if (!wanted || kind === "none") plan.kept.push("ingress: none is wanted");
	else if (leader) plan.kept.push(`ingress: the service ${leader.name} publishes ${leader.ports.join(", ")} on the network`);
	else if (kind === "caddy") plan.notes.push(caddyGuidance(settings.network));
	else {
		const ports = entrypointsOf(settings).map(({ port }) => port);
		plan.obstacles.push(...ports.flatMap((port) => obstacleAt(port, seen, settings.network)));
		if (settings.edge.scheme === "https" && !email) {
			plan.obstacles.push(
				"Let's Encrypt wants an address for certificates: pass --email, or set DEPLOYMILL_EDGE_SCHEME=http, or pass --no-ingress.",
			);
		}
		const what = `service ${ingressName}: ${ingressImage} on ports ${ports.join(" and ")} of this node`;
		plan.steps.push({ action: "create_ingress", what, cause: "no service on the network publishes a port, so no user would get in" });
		plan.notes.push(
			"Traefik reads the engine's socket, which is as good as root on this node. Point the DNS names of your apps at this node.",
		);
	}
}

/** Whoever publishes ports on the network and is no application. */
function leaderOf({ services, networkId }: Observed): PublishedService | undefined {
	return services.find((service) => networkId && service.networkIds.includes(networkId) && !(labels.application in service.labels));
}

function obstacleAt(port: number, { services }: Observed, network: string): string[] {
	const taken = holderOf(services, port);
	if (!taken) return [];
	const attach = `docker service update --network-add ${network} ${taken.name}`;
	return [
		`Port ${port} is published by the service ${taken.name}: if it is your ingress, ${attach}; else free the port, or pass --no-ingress.`,
	];
}

function holderOf(services: PublishedService[], port: number): PublishedService | undefined {
	return services.find((service) => service.ports.includes(port));
}

function caddyGuidance(network: string): string {
	return `Ingress caddy: init makes none, because caddy-docker-proxy wants a Caddyfile of your own choosing. A start:
  docker service create --name caddy --network ${network} --constraint node.role==manager --env CADDY_DOCKER_PROXY_SERVICE_TASKS=false \\
    --publish published=80,target=80,mode=host --publish published=443,target=443,mode=host --mount type=volume,src=caddy,dst=/data \\
    --mount type=bind,src=/var/run/docker.sock,dst=/var/run/docker.sock,readonly lucaslorentz/caddy-docker-proxy:ci-alpine`;
}
