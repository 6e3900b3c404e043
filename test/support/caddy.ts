// Runs a real Caddy in the sandbox's Swarm, with one site, and its own answer for every other host.
import { randomInt } from "node:crypto";
import type { Sandbox } from "./sandbox.ts";
import type { SwarmTruth } from "./swarm.ts";
import { until } from "./until.ts";

/** Of the sandbox's ingress (test/sandbox/ingress.mjs). */
const image = "deploymill-sandbox/ingress:local";
const listening = 8080;

/**
 * @param name of the service; it is removed with all that carries a test bed's prefix
 * @param site the host that it knows, and `host:port` behind it
 * @returns its address, for DEPLOYMILL_EDGE_ADDRESS
 */
export async function startCaddy(
	{ docker }: SwarmTruth,
	sandbox: Sandbox,
	name: string,
	site: { host: string; upstream: string },
): Promise<string> {
	const published = 20_000 + randomInt(10_000);
	const { Id: Image } = await docker.getImage(image).inspect();
	const network = await docker.getNetwork(sandbox.env.DEPLOYMILL_NETWORK ?? "deploymill").inspect();
	const Command = ["/usr/bin/caddy", "reverse-proxy", "--from", `http://${site.host}:${listening}`, "--to", site.upstream];
	await docker.createService({
		Name: name,
		TaskTemplate: {
			ContainerSpec: { Image, Command, Env: ["HOME=/tmp", "XDG_DATA_HOME=/tmp", "GODEBUG=netdns=go"] },
			Placement: { Constraints: ["node.hostname==node1"] },
			Networks: [{ Target: network.Id }],
		},
		Mode: { Replicated: { Replicas: 1 } },
		EndpointSpec: {
			Mode: "dnsrr",
			Ports: [{ Protocol: "tcp", TargetPort: listening, PublishedPort: published, PublishMode: "host" }],
		},
	});
	const [node = ""] = sandbox.edgeAddress.split(":");
	const url = `http://${node}:${published}/`;
	const status = () =>
		fetch(url).then(
			(answer) => answer.status,
			() => 0,
		);
	await until(status, (answered) => answered === 200, 60_000);
	return `${node}:${published}`;
}
