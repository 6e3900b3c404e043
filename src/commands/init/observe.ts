// Observes what is on the host before init plans.
import type { DockerClient } from "../../adapters/docker/client.ts";
import { listPublishedServices, type PublishedService } from "../../adapters/docker/published-services.ts";
import { requireManager, requireNetwork } from "../../adapters/docker/swarm-facts.ts";

export interface Observed {
	/** Of the engine, for people. */
	endpoint: string;
	/** This manager; undefined: there is no swarm. */
	nodeId: string | undefined;
	/** Undefined: there is none of this name. */
	networkId: string | undefined;
	/** Services that publish ports, our registry and ingress among them. */
	services: PublishedService[];
}

/** @throws docker_unreachable; swarm_not_ready where there is a swarm or a network that init cannot use and must not change */
export async function observe(client: DockerClient, networkName: string): Promise<Observed> {
	const endpoint = client.description;
	const { Swarm: swarm } = await client.call((docker) => docker.info());
	if ((swarm?.LocalNodeState ?? "inactive") === "inactive") return { endpoint, nodeId: undefined, networkId: undefined, services: [] };
	const nodeId = await requireManager(client);
	const networks = await client.call((docker) => docker.listNetworks({ filters: { name: [networkName] } }));
	const isThere = networks.some(({ Name }) => Name === networkName);
	const networkId = isThere ? await requireNetwork(client, networkName) : undefined;
	return { endpoint, nodeId, networkId, services: await listPublishedServices(client) };
}
