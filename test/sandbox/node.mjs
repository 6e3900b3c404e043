// Starts one node: a Docker Engine in a box.
import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { endedBecause, ensureBox } from "./box.mjs";
import { cgroupParent, dockerSocket, nodeDir, nodeNamespace, nodeSocketDir } from "./checkout.mjs";
import { docker } from "./docker-api.mjs";
import { INGRESS_FOLDER } from "./ingress-config.mjs";
import { ingressDir } from "./ingress-routes.mjs";
import { nodeAddress } from "./network.mjs";
import { waitUntil } from "./wait.mjs";

/** Where the box sees the folder that its sockets are in. */
const SOCKETS = "/run/sandbox";

/**
 * Starts the node's engine unless it runs, and waits until it answers.
 * @param {import('./state.mjs').SandboxState} state @param {number} number
 * @param {string} root cached root file system @returns {Promise<void>}
 */
export async function ensureNode(state, number, root) {
	const box = describeBox(state, number, root);
	for (const [source] of box.binds) mkdirSync(source, { recursive: true, mode: 0o700 });
	await ensureBox(state, box);
	await waitUntil(`the engine of node ${number}`, () => engineAnswers(number), {
		withinMs: 60_000,
		giveUpIf: () => endedBecause(state, box),
	});
}

/** @param {number} number @returns {Promise<boolean>} rejects when it does not answer */
export async function engineAnswers(number) {
	return (await docker(dockerSocket(number), "GET", "/_ping", { timeoutMs: 5_000 })) === "OK";
}

function describeBox(state, number, root) {
	const modules = "/lib/modules";
	return {
		name: `node${number}`,
		folder: nodeDir(number),
		namespace: nodeNamespace(number),
		address: nodeAddress(state, number),
		root,
		binds: [
			[nodeSocketDir(number), SOCKETS],
			[join(nodeDir(number), "docker"), "/var/lib/docker"],
			[ingressDir, INGRESS_FOLDER],
			...(existsSync(modules) ? [[modules, modules]] : []),
		],
		command: [
			"dockerd",
			`--host=unix://${SOCKETS}/docker.sock`,
			"--host=unix:///var/run/docker.sock", // for the docker client inside the box
			"--group=root",
			`--insecure-registry=${state.subnet}.0/24`,
			`--cgroup-parent=/${cgroupParent}/node${number}`,
			"--exec-opt=native.cgroupdriver=cgroupfs",
		],
	};
}
