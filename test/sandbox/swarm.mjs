// Makes the Swarm: node 1 is its manager, the others join as workers; and the overlay network applications share.
import { dockerSocket } from "./checkout.mjs";
import { docker, filterQuery } from "./docker-api.mjs";
import { nodeAddress, nodeNumbers } from "./network.mjs";
import { waitUntil } from "./wait.mjs";

export const NETWORK = "deploymill";
const PORT = 2377;

/** Where everything about the Swarm is asked and told. */
export const managerSocket = () => dockerSocket(1);

/** @param {import('./state.mjs').SandboxState} state makes node 1 a manager unless it is one @returns {Promise<void>} */
export async function ensureManager(state) {
	if ((await swarmState(1)) === "inactive") {
		const body = { ListenAddr: `0.0.0.0:${PORT}`, AdvertiseAddr: nodeAddress(state, 1) };
		await docker(managerSocket(), "POST", "/swarm/init", { body });
	}
	await waitUntil("node 1 to lead the Swarm", async () => (await docker(managerSocket(), "GET", "/nodes")).length > 0, {
		withinMs: 30_000,
	});
	await ensureNetwork();
}

/** @param {import('./state.mjs').SandboxState} state @param {number} number node to join, unless it has @returns {Promise<void>} */
export async function ensureWorker(state, number) {
	if ((await swarmState(number)) !== "inactive") return;
	const { JoinTokens } = await docker(managerSocket(), "GET", "/swarm");
	const body = {
		ListenAddr: `0.0.0.0:${PORT}`,
		AdvertiseAddr: nodeAddress(state, number),
		RemoteAddrs: [`${nodeAddress(state, 1)}:${PORT}`],
		JoinToken: JoinTokens.Worker,
	};
	await docker(dockerSocket(number), "POST", "/swarm/join", { body });
}

/** @param {import('./state.mjs').SandboxState} state @returns {Promise<void>} */
export async function waitForAllNodes(state) {
	await waitUntil("all nodes to be ready", () => allNodesReady(state), { withinMs: 45_000 });
}

/**
 * Asks both sides: the manager takes some seconds to notice that a node is gone.
 * @param {import('./state.mjs').SandboxState} state @returns {Promise<boolean>}
 */
export async function allNodesReady(state) {
	const nodes = await docker(managerSocket(), "GET", "/nodes");
	const ready = nodes.filter((node) => node.Status.State === "ready").map((node) => node.Description.Hostname);
	const ownStates = await Promise.all(nodeNumbers(state).map(swarmState));
	return nodeNumbers(state).every((number) => ready.includes(`node${number}`)) && ownStates.every((own) => own === "active");
}

/** @returns {Promise<string>} the network's id */
export async function networkId() {
	const found = await docker(managerSocket(), "GET", `/networks?${filterQuery({ name: [NETWORK], scope: ["swarm"] })}`);
	return found.find((network) => network.Name === NETWORK)?.Id;
}

async function ensureNetwork() {
	if (await networkId()) return;
	const body = { Name: NETWORK, Driver: "overlay", Attachable: true, CheckDuplicate: true };
	await docker(managerSocket(), "POST", "/networks/create", { body });
}

const swarmState = async (number) => (await docker(dockerSocket(number), "GET", "/info")).Swarm.LocalNodeState;
