// Checks the engine: it answers, it is new enough, it manages a swarm, and the overlay network is there.
import type { DockerClient } from "../../adapters/docker/client.ts";
import { requireManager, requireNetwork } from "../../adapters/docker/swarm-facts.ts";
import type { Settings } from "../../config/settings.ts";
import { DeploymillError } from "../../errors.ts";
import type { Finding } from "./check.ts";

/** Docker 20.10: the first whose services tell how many of their tasks run. */
const leastApiVersion = "1.41";

export interface ManagerSeen {
	client: DockerClient;
	nodeId: string;
}

export interface NetworkSeen {
	client: DockerClient;
	networkId: string;
}

export async function lookAtDocker(client: DockerClient): Promise<Finding<DockerClient>> {
	const { Version: version, ApiVersion: apiVersion } = await client.call((docker) => docker.version());
	const seen = `Docker ${client.untrusted.line(version, 60)} (API ${client.untrusted.line(apiVersion, 20)}) at ${client.description}`;
	if (apiVersion.localeCompare(leastApiVersion, "en", { numeric: true }) < 0) {
		throw new DeploymillError("docker_unreachable", `${seen} is too old.`, {
			hint: `Update that engine to Docker 20.10 (API ${leastApiVersion}) or newer.`,
		});
	}
	return { detail: seen, value: client };
}

export async function lookAtSwarm(client: DockerClient): Promise<Finding<ManagerSeen>> {
	const nodeId = await requireManager(client);
	return { detail: `active, and this node (${nodeId}) is a manager`, value: { client, nodeId } };
}

export async function lookAtNetwork({ client }: ManagerSeen, { network }: Settings): Promise<Finding<NetworkSeen>> {
	const networkId = await requireNetwork(client, network);
	return { detail: `${network} is an attachable overlay network`, value: { client, networkId } };
}
