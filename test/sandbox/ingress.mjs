// Runs the ingress: Caddy as a Swarm service on node 1, and the process that keeps its routes up to date.
import { writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { sandboxDir } from "./checkout.mjs";
import { DockerError, docker } from "./docker-api.mjs";
import { httpStatus } from "./http-status.mjs";
import { ensureImage } from "./images.mjs";
import { caddyConfig, EDGE_PORT, INGRESS_FOLDER } from "./ingress-config.mjs";
import { applyRoutes, ingressDir } from "./ingress-routes.mjs";
import { nodeAddress } from "./network.mjs";
import { isAlive, startDetached } from "./process.mjs";
import { recordProcess } from "./state.mjs";
import { managerSocket, networkId } from "./swarm.mjs";
import { waitUntil } from "./wait.mjs";

const NAME = "sandbox-ingress";
const IMAGE = "deploymill-sandbox/ingress:local";
const CONTROLLER = "ingress-controller";
const CONFIG = "caddy.json";
const controllerScript = join(dirname(fileURLToPath(import.meta.url)), "ingress-controller.mjs");

/** @param {import('./state.mjs').SandboxState} state @returns {string} host:port where this machine reaches the ingress by plain http */
export const edgeAddress = (state) => `${nodeAddress(state, 1)}:${EDGE_PORT}`;

/**
 * Starts Caddy and its controller, what of it does not run, and waits for the edge to answer.
 * @param {import('./state.mjs').SandboxState} state @param {string} archive content of the image @returns {Promise<void>}
 */
export async function ensureIngress(state, archive) {
	const image = await ensureImage(managerSocket(), IMAGE, archive, []);
	if (!(await serviceExists())) {
		applyRoutes([]);
		writeFileSync(join(ingressDir, CONFIG), JSON.stringify(caddyConfig(), undefined, 2));
		await createService(image);
	}
	if (!isAlive(state.processes[CONTROLLER])) {
		const args = [controllerScript, state.runId];
		recordProcess(state, CONTROLLER, await startDetached(process.execPath, args, join(sandboxDir, `${CONTROLLER}.log`)));
	}
	await waitUntil("the ingress", () => ingressAnswers(state), { withinMs: 60_000 });
}

/** @param {import('./state.mjs').SandboxState} state whether the controller lives and the edge answers for a host nobody has */
export async function ingressAnswers(state) {
	if (!isAlive(state.processes[CONTROLLER])) throw new Error("the ingress controller is not running");
	const status = await httpStatus(`http://${edgeAddress(state)}/`, { headers: { Host: "nobody.invalid" } });
	if (status !== 404) throw new Error(`the edge answered ${status} for an unknown host`);
	return true;
}

async function serviceExists() {
	try {
		await docker(managerSocket(), "GET", `/services/${NAME}`);
		return true;
	} catch (error) {
		if (error instanceof DockerError && error.status === 404) return false;
		throw error;
	}
}

async function createService(image) {
	const body = {
		Name: NAME,
		TaskTemplate: {
			ContainerSpec: {
				Image: image, // by its id, so that no registry is asked for it
				Command: ["/usr/bin/caddy", "run", "--config", `${INGRESS_FOLDER}/${CONFIG}`],
				Env: ["HOME=/tmp", "XDG_DATA_HOME=/tmp", "GODEBUG=netdns=go"],
				Mounts: [{ Type: "bind", Source: INGRESS_FOLDER, Target: INGRESS_FOLDER, ReadOnly: true }],
			},
			Placement: { Constraints: ["node.hostname==node1"] },
			Networks: [{ Target: await networkId() }],
			RestartPolicy: { Condition: "any", Delay: 200_000_000 },
		},
		Mode: { Replicated: { Replicas: 1 } },
		EndpointSpec: {
			Mode: "dnsrr",
			Ports: [{ Protocol: "tcp", TargetPort: EDGE_PORT, PublishedPort: EDGE_PORT, PublishMode: "host" }],
		},
	};
	await docker(managerSocket(), "POST", "/services/create", { body });
}
