// Describes the ingress that init makes: Traefik 3 with its Swarm provider, on this manager.
import type { Settings } from "../../config/settings.ts";
import { ingressName, partLabels } from "./part.ts";

export interface IngressPlace {
	image: string;
	nodeId: string;
	networkId: string;
	email: string | undefined;
}

interface Entrypoint {
	name: string;
	port: number;
}

const socket = "/var/run/docker.sock";
const certificates = "/letsencrypt";

/** The entry point that apps are labelled with comes first; by https a second one answers challenges and redirects. */
export function entrypointsOf({ edge, ingress }: Settings): Entrypoint[] {
	const { traefikEntrypoint } = ingress;
	if (edge.scheme === "http") return [{ name: traefikEntrypoint, port: 80 }];
	return [
		{ name: traefikEntrypoint, port: 443 },
		{ name: traefikEntrypoint === "web" ? "http" : "web", port: 80 },
	];
}

/** Ports of the node itself, so that apps see their visitors' addresses. Stays on this node, because its certificates do. */
export function ingressService(settings: Settings, { image, nodeId, networkId, email }: IngressPlace) {
	return {
		Name: ingressName,
		Labels: partLabels("ingress"),
		TaskTemplate: {
			ContainerSpec: {
				Image: image,
				Args: traefikArguments(settings, email),
				Mounts: [
					{ Type: "bind", Source: socket, Target: socket, ReadOnly: true },
					{ Type: "volume", Source: ingressName, Target: certificates, VolumeOptions: { Labels: partLabels("ingress") } },
				],
			},
			Placement: { Constraints: [`node.id==${nodeId}`] },
			Networks: [{ Target: networkId }],
			RestartPolicy: { Condition: "any", Delay: 2e9 },
		},
		Mode: { Replicated: { Replicas: 1 } },
		EndpointSpec: {
			Mode: settings.endpointMode,
			Ports: entrypointsOf(settings).map(({ port }) => ({ Protocol: "tcp", TargetPort: port, PublishedPort: port, PublishMode: "host" })),
		},
	};
}

function traefikArguments(settings: Settings, email: string | undefined): string[] {
	const entrypoints = entrypointsOf(settings);
	const [main, challenge] = entrypoints;
	return [
		`--providers.swarm.endpoint=unix://${socket}`,
		"--providers.swarm.exposedbydefault=false",
		`--providers.swarm.network=${settings.network}`,
		// Traefik's 15 s would let the first deploy of a host wait for its route.
		"--providers.swarm.refreshseconds=2",
		...entrypoints.map(({ name, port }) => `--entrypoints.${name}.address=:${port}`),
		...(main && challenge ? httpsArguments(main.name, challenge.name, settings.ingress.traefikCertResolver, email) : []),
	];
}

function httpsArguments(main: string, challenge: string, resolver: string, email: string | undefined): string[] {
	const acme = `--certificatesresolvers.${resolver}.acme`;
	return [
		`--entrypoints.${challenge}.http.redirections.entrypoint.to=${main}`,
		`--entrypoints.${challenge}.http.redirections.entrypoint.scheme=https`,
		...(email ? [`${acme}.email=${email}`] : []),
		`${acme}.storage=${certificates}/acme.json`,
		`${acme}.httpchallenge.entrypoint=${challenge}`,
	];
}
