// Tells of a sandbox whether all of it answers, and how it is reached.
import { join } from "node:path";
import { dockerSocket, sandboxDir } from "./checkout.mjs";
import { edgeAddress, ingressAnswers } from "./ingress.mjs";
import { networkIsUp, nodeNumbers } from "./network.mjs";
import { engineAnswers } from "./node.mjs";
import { REGISTRY_USERNAME, registryAnswers, registryConfigDir, registryHost } from "./registry.mjs";
import { allNodesReady, NETWORK, networkId } from "./swarm.mjs";

/**
 * @param {import('./state.mjs').SandboxState | undefined} state
 * @returns {Promise<string[]>} what is wrong; empty when everything answers
 */
export async function problemsOf(state) {
	if (!state) return ["there is no sandbox in this checkout"];
	if (state.status !== "ready") return ["it is incomplete"];
	if (!(await networkIsUp(state))) return ["its network is gone"];
	const checks = [
		...nodeNumbers(state).map((number) => [`engine of node ${number}`, () => engineAnswers(number)]),
		["Swarm", () => allNodesReady(state)],
		[`network ${NETWORK}`, networkId],
		["registry", () => registryAnswers(state)],
		["ingress", () => ingressAnswers(state)],
	];
	const problems = await Promise.all(checks.map(([name, check]) => problemOf(name, check)));
	return problems.filter(Boolean);
}

async function problemOf(name, check) {
	try {
		return (await check()) ? undefined : `${name}: not ready`;
	} catch (error) {
		return `${name}: ${error.message}`;
	}
}

/**
 * What section 11 of the contract promises.
 * @param {import('./state.mjs').SandboxState} state of a sandbox that is ready
 */
export function description(state) {
	const dockerHosts = nodeNumbers(state).map((number) => `unix://${dockerSocket(number)}`);
	const registry = registryHost(state);
	const access = {
		dockerHost: dockerHosts[0],
		dockerHosts,
		registry,
		registryUsername: REGISTRY_USERNAME,
		registryPassword: state.registryPassword,
		registryConfigDir,
		edgeAddress: edgeAddress(state),
		suite: state.suite,
		engineVersion: state.engineVersion,
	};
	return { ...access, env: serverEnvironment(access) };
}

function serverEnvironment({ dockerHost, registry, registryPassword, edgeAddress: edge }) {
	return {
		DOCKER_HOST: dockerHost,
		DEPLOYMILL_DATA_DIR: join(sandboxDir, "data"),
		DEPLOYMILL_REGISTRY: `${registry}/apps`,
		DEPLOYMILL_REGISTRY_USERNAME: REGISTRY_USERNAME,
		DEPLOYMILL_REGISTRY_PASSWORD: registryPassword,
		DEPLOYMILL_NETWORK: NETWORK,
		DEPLOYMILL_ENDPOINT_MODE: "dnsrr",
		DEPLOYMILL_INGRESS: "traefik",
		DEPLOYMILL_TRAEFIK_ENTRYPOINT: "web",
		DEPLOYMILL_EDGE_SCHEME: "http",
		DEPLOYMILL_EDGE_ADDRESS: edge,
		DEPLOYMILL_GIT_PROTOCOLS: "https,ssh,file",
	};
}

/** @param {import('./state.mjs').SandboxState} state @returns {string} for a person */
export function summary(state) {
	const { dockerHosts, registry, edgeAddress: edge, engineVersion, suite } = description(state);
	const nodes = nodeNumbers(state).map((number, index) => `  node ${number}     ${dockerHosts[index]}`);
	const pid = state.processes.node1.pid;
	return [
		`The sandbox is up: Docker Engine ${engineVersion} (${suite}), ${state.nodes === 1 ? "1 node" : `${state.nodes} nodes in one Swarm`}.`,
		...nodes,
		`  registry   ${registry}, user ${REGISTRY_USERNAME}, password in ${join(registryConfigDir, "config.json")}`,
		`  ingress    http://${edge}, for example: curl -H 'Host: app.example' http://${edge}/`,
		"With a docker client on this machine:",
		`  export DOCKER_HOST=${dockerHosts[0]} DOCKER_CONFIG=${registryConfigDir}`,
		"Without one, from inside node 1:",
		`  nsenter --target "$(pgrep --parent ${pid})" --all docker service ls`,
	].join("\n");
}
