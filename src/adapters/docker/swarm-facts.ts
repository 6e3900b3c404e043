// Checks whether the engine manages a Swarm that deploymill can work with, and tells what is missing.

import { setTimeout } from "node:timers/promises";
import type { SpecFacts, SwarmFacts } from "../../engine/ports/swarm.ts";
import { DeploymillError } from "../../errors.ts";
import type { DockerClient } from "./client.ts";

/** Of the Engine API's answers, what is read here. */
interface RawInfo {
	Swarm?: { NodeID?: string; LocalNodeState?: string; ControlAvailable?: boolean; Error?: string };
}
interface RawNetwork {
	Id: string;
	Name: string;
	Driver: string;
	Scope: string;
	Attachable: boolean;
}

/** @throws docker_unreachable, swarm_not_ready */
export async function readFacts(client: DockerClient, networkName: string): Promise<SwarmFacts> {
	const spec = readSpecFacts(client, networkName);
	// What is wrong with the swarm is told first; without one there is no such network either.
	spec.catch(() => undefined);
	const localNodeId = await requireManager(client);
	return { localNodeId, ...(await spec) };
}

/** @throws docker_unreachable, swarm_not_ready */
export async function readSpecFacts(client: DockerClient, networkName: string): Promise<SpecFacts> {
	const [networkId, apiVersion] = await Promise.all([requireNetwork(client, networkName), client.apiVersion()]);
	return { networkId, apiVersion };
}

/** The endpoint's node, which is a manager of an active swarm. @throws docker_unreachable, swarm_not_ready */
export async function requireManager(client: DockerClient): Promise<string> {
	const { Swarm: swarm = {} } = await client.request<RawInfo>({ path: "/info", method: "GET" });
	const at = `Docker at ${client.description}`;
	const state = swarm.LocalNodeState ?? "inactive";
	if (state === "inactive") {
		throw notReady(`${at} is not in a swarm.`, "Run `deploymill init`, or `docker swarm init`, on that machine.");
	}
	if (state === "locked") {
		throw notReady(`${at} is a manager of a locked swarm.`, "Run `docker swarm unlock` there with the swarm's unlock key.");
	}
	if (state !== "active") {
		const why = swarm.Error ? ` (${client.untrusted.line(swarm.Error)})` : "";
		throw notReady(
			`${at} is not an active node of its swarm: its state is ${state}${why}.`,
			"Look at `docker info` there, and repair the node.",
		);
	}
	if (!swarm.ControlAvailable || !swarm.NodeID) {
		throw notReady(
			`${at} is a worker of its swarm, not a manager.`,
			"Point DOCKER_HOST at a manager, or run `docker node promote` for this node.",
		);
	}
	return swarm.NodeID;
}

/** Id of the attachable overlay network of this name. @throws docker_unreachable, swarm_not_ready */
export async function requireNetwork(client: DockerClient, networkName: string): Promise<string> {
	const named = await networksNamed(client, networkName);
	const create = `\`docker network create --driver overlay --attachable ${networkName}\``;
	if (named.length === 0) {
		throw notReady(
			`The swarm has no network named ${networkName}.`,
			`Run \`deploymill init\`, or ${create} on a manager; DEPLOYMILL_NETWORK names another one.`,
		);
	}
	const overlay = named.find((network) => network.Driver === "overlay" && network.Scope === "swarm");
	if (!overlay) {
		const driver = named[0]?.Driver || "driverless";
		throw notReady(
			`The network ${networkName} is a ${driver} network, not an overlay network of the swarm.`,
			`Choose another name in DEPLOYMILL_NETWORK, or remove it and run ${create}.`,
		);
	}
	if (!overlay.Attachable) {
		throw notReady(`The overlay network ${networkName} is not attachable.`, `Docker cannot change that: remove it and run ${create}.`);
	}
	return overlay.Id;
}

/** Made a moment ago: Swarm shows its driver a millisecond later. */
const isNew = ({ Scope, Driver }: RawNetwork) => Scope === "swarm" && Driver === "";
const mostLooks = 100;
const lookAgainMs = 20;

async function networksNamed(client: DockerClient, networkName: string): Promise<RawNetwork[]> {
	const options = { filters: JSON.stringify({ name: [networkName] }) };
	for (let look = 1; ; look++) {
		const networks = await client.request<RawNetwork[]>({ path: "/networks?", method: "GET", options });
		// The filter also finds names that only contain this one.
		const named = networks.filter((network) => network.Name === networkName);
		if (look === mostLooks || !named.some(isNew)) return named;
		await setTimeout(lookAgainMs);
	}
}

function notReady(message: string, hint: string): DeploymillError {
	return new DeploymillError("swarm_not_ready", message, { hint });
}
