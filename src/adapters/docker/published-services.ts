// Lists the services that publish ports on the nodes: an ingress is one of them.
import { labels as ours } from "../../model/service.ts";
import type { DockerClient } from "./client.ts";

export interface PublishedService {
	name: string;
	image: string;
	labels: Record<string, string>;
	/** Ids of the overlay networks it is on. */
	networkIds: string[];
	/** Ports of the nodes. */
	ports: number[];
	runningTasks: number;
	/** Environment and arguments of its containers. May hold secrets. */
	options: string[];
}

/** Of the Engine API's Service, what is read here. */
interface RawService {
	Spec: {
		Name: string;
		Labels?: Record<string, string>;
		TaskTemplate: { ContainerSpec?: { Image?: string; Env?: string[] | null; Args?: string[] | null }; Networks?: { Target: string }[] };
	};
	Endpoint?: { Ports?: { PublishedPort?: number }[] };
	ServiceStatus?: { RunningTasks: number };
}

/** @throws docker_unreachable, EngineError where the endpoint is no manager */
export async function listPublishedServices(client: DockerClient): Promise<PublishedService[]> {
	const services = await client.request<RawService[]>({ path: "/services?", method: "GET", options: { status: true } });
	return services.map(observe).filter(({ ports }) => ports.length > 0);
}

/**
 * The service on the network that leads users in: the one whose image is named after the dialect, else any that publishes
 * ports and is no application of ours.
 */
export async function findIngress(client: DockerClient, networkId: string, dialect: string): Promise<PublishedService | undefined> {
	const services = await listPublishedServices(client);
	const onNetwork = services.filter((service) => service.networkIds.includes(networkId));
	return onNetwork.find(({ image }) => image.includes(dialect)) ?? onNetwork.find(({ labels }) => !(ours.application in labels));
}

function observe({ Spec: spec, Endpoint: endpoint, ServiceStatus: status }: RawService): PublishedService {
	const { Env, Args } = spec.TaskTemplate.ContainerSpec ?? {};
	return {
		name: spec.Name,
		image: spec.TaskTemplate.ContainerSpec?.Image ?? "",
		labels: spec.Labels ?? {},
		networkIds: (spec.TaskTemplate.Networks ?? []).map(({ Target }) => Target),
		ports: (endpoint?.Ports ?? []).flatMap(({ PublishedPort }) => (PublishedPort === undefined ? [] : [PublishedPort])),
		runningTasks: status?.RunningTasks ?? 0,
		options: [...(Env ?? []), ...(Args ?? [])],
	};
}
