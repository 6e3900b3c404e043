// Checks the ingress: something answers at the edge, or a service on the network publishes ports.
import { findIngress, type PublishedService } from "../../adapters/docker/published-services.ts";
import { connectEdge, EdgeConnectionFailed } from "../../adapters/http/edge-connection.ts";
import type { EdgeAddress } from "../../config/edge-address.ts";
import type { Settings } from "../../config/settings.ts";
import { DeploymillError } from "../../errors.ts";
import type { Finding } from "./check.ts";
import type { NetworkSeen } from "./docker.ts";

const connectTimeoutMs = 5_000;

type Dialect = Settings["ingress"]["kind"];

export async function lookAtIngress(seen: NetworkSeen, { ingress, edge, network }: Settings): Promise<Finding<undefined>> {
	if (ingress.kind === "none") return { detail: "none: services get no labels for one", value: undefined };
	if (edge.address) {
		await connect(edge.address);
		return { detail: `${textOf(edge.address)} (DEPLOYMILL_EDGE_ADDRESS) takes connections`, value: undefined };
	}
	return lookForService(seen, ingress.kind, network);
}

async function connect(address: EdgeAddress): Promise<void> {
	const target = { hostname: address.host, port: address.port, secure: false, address };
	try {
		(await connectEdge(target, AbortSignal.timeout(connectTimeoutMs))).destroy();
	} catch (cause) {
		const why = cause instanceof EdgeConnectionFailed ? cause.message : `no connection within ${connectTimeoutMs} ms`;
		throw noIngress(`${textOf(address)} (DEPLOYMILL_EDGE_ADDRESS) is not reachable: ${why}.`, {
			hint: "Check that the ingress runs and that this machine reaches its port, or correct the address.",
			cause,
		});
	}
}

async function lookForService({ client, networkId }: NetworkSeen, dialect: Dialect, network: string): Promise<Finding<undefined>> {
	const service = await findIngress(client, networkId, dialect);
	if (!service) {
		throw noIngress(`No service on the network ${network} publishes a port, so no user gets in.`, {
			hint: `Run \`deploymill init\`, attach your ${dialect} to the network (docker service update --network-add ${network} NAME), or set DEPLOYMILL_INGRESS=none for workers alone.`,
		});
	}
	const { name, image, ports, runningTasks } = service;
	if (runningTasks === 0) {
		throw noIngress(`The service ${name} would be the ingress, but none of its tasks runs.`, {
			hint: `See why: docker service ps ${name}`,
		});
	}
	const doubt = image.includes(dialect) ? "" : `; its image (${image.slice(0, 80)}) does not tell whether it reads ${dialect} labels`;
	const cure = losesRequests(service) ? asksByName(name) : undefined;
	return {
		detail: `the service ${name} publishes ${ports.join(", ")} and is on the network${doubt}`,
		...(cure ? { cure } : {}),
		value: undefined,
	};
}

/**
 * caddy-docker-proxy, unless it is told otherwise, asks tasks by their addresses, and goes on asking an old one after that has closed its port
 * (guides/performance.md, "Lost requests").
 */
export function losesRequests({ image, options }: Pick<PublishedService, "image" | "options">): boolean {
	const variable = options.find((option) => /^CADDY_DOCKER_PROXY_SERVICE_TASKS=./.test(option));
	// As the program reads it: a variable wins over the flag, and one that is none of these words says no.
	const asksTasks = variable
		? /=(?:true|yes|1)$/i.test(variable)
		: !options.some((option) => /^--?proxy-service-tasks=(?:false|f|0)$/i.test(option));
	return image.includes("caddy-docker-proxy") && asksTasks;
}

function asksByName(name: string): string {
	return `It loses requests in each swap while it asks tasks by their addresses: docker service update --env-add CADDY_DOCKER_PROXY_SERVICE_TASKS=false ${name}`;
}

function noIngress(message: string, options: { hint: string; cause?: unknown }): DeploymillError {
	return new DeploymillError("swarm_not_ready", message, options);
}

function textOf({ host, port }: EdgeAddress): string {
	return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}
