// Brings a sandbox up, from whatever is there already.
import { randomUUID } from "node:crypto";
import { ensureBaseArchive, ensureBaseImage } from "./base-image.mjs";
import { checkoutId, dockerSocket } from "./checkout.mjs";
import { docker } from "./docker-api.mjs";
import { removeSandbox, stopSandbox } from "./down.mjs";
import { ensureCommands } from "./host-packages.mjs";
import { ensureIngress } from "./ingress.mjs";
import { chooseSubnet, createNetwork, networkIsUp, nodeNumbers, usedSubnets, withNetworkLock } from "./network.mjs";
import { ensureNode } from "./node.mjs";
import { say } from "./progress.mjs";
import { ensureRegistry, newPassword } from "./registry.mjs";
import { requireEverything } from "./requirements.mjs";
import { DEFAULT_SUITE, ensureRootFs } from "./rootfs.mjs";
import { readState, writeState } from "./state.mjs";
import { problemsOf } from "./status.mjs";
import { ensureManager, ensureWorker, managerSocket, waitForAllNodes } from "./swarm.mjs";
import { sideBySide } from "./wait.mjs";

/**
 * @param {{nodes?: number, suite?: string}} wanted what is not given may be as it is
 * @returns {Promise<import('./state.mjs').SandboxState>} of a sandbox that is ready; rejects when one of another kind runs
 */
export async function bringUp(wanted) {
	const state = readState();
	const problems = await problemsOf(state);
	if (state?.status === "ready") {
		requireSame(state, wanted);
		if (problems.length === 0) return state;
		say(`repairing the sandbox: ${problems.join("; ")}`);
		const repaired = await repair(state);
		if (repaired) return repaired;
	}
	return startAfresh(wanted, state);
}

function requireSame(state, { nodes = state.nodes, suite = state.suite }) {
	if (nodes === state.nodes && suite === state.suite) return;
	throw new Error(
		`the sandbox of this checkout has ${state.nodes} node(s) of ${state.suite}, not ${nodes} of ${suite}: take it down first (npm run sandbox -- down)`,
	);
}

/** What still runs goes on running; services and images are on disk. @returns {Promise<SandboxState | undefined>} undefined when it cannot be repaired */
async function repair(state) {
	try {
		if (!(await networkIsUp(state))) {
			await stopSandbox();
			await withNetworkLock(() => recreateNetwork(state));
		}
		return await start(state);
	} catch (error) {
		say(`it cannot be repaired: ${error.message}`);
		return undefined;
	}
}

/** After a reboot somebody else may have been given its addresses. */
async function recreateNetwork(state) {
	if ((await usedSubnets()).has(state.subnet)) throw new Error(`${state.subnet}.0/24 is in use`);
	await createNetwork(state);
}

async function startAfresh({ nodes, suite }, previous) {
	await requireEverything();
	await removeSandbox();
	const state = {
		checkoutId,
		runId: randomUUID(),
		status: "incomplete",
		suite: suite ?? previous?.suite ?? DEFAULT_SUITE,
		nodes: nodes ?? previous?.nodes ?? 1,
		subnet: "",
		registryPassword: newPassword(),
		processes: {},
	};
	await ensureCommands(["ip"]);
	await sideBySide([ensureRootFs(state.suite), ensureBaseArchive()]); // before anything is started, for it may take a while
	await withNetworkLock(async () => {
		state.subnet = await chooseSubnet();
		writeState(state);
		await createNetwork(state);
	});
	return start(state);
}

/** Each step starts what does not run and waits until it answers. @param {import('./state.mjs').SandboxState} state */
async function start(state) {
	const [rootFs, baseArchive] = await sideBySide([ensureRootFs(state.suite), ensureBaseArchive()]);
	say(`starting ${state.nodes} engine(s) and the registry`);
	const registry = ensureRegistry(state, rootFs.root);
	const engines = nodeNumbers(state).map((number) => ensureNode(state, number, rootFs.root));
	const baseImages = engines.map((engine, index) => engine.then(() => ensureBaseImage(dockerSocket(index + 1), baseArchive)));
	const cluster = startCluster(state, engines, rootFs);
	await sideBySide([registry, cluster, ...baseImages]);
	state.engineVersion = (await docker(managerSocket(), "GET", "/version")).Version;
	state.status = "ready";
	writeState(state);
	return state;
}

async function startCluster(state, engines, rootFs) {
	await engines[0];
	await ensureManager(state);
	say("Swarm is there; starting the ingress, importing the base image");
	const ingress = ensureIngress(state, rootFs.ingressArchive);
	const workers = nodeNumbers(state)
		.slice(1)
		.map((number) => engines[number - 1].then(() => ensureWorker(state, number)));
	await sideBySide([ingress, ...workers]);
	await waitForAllNodes(state);
}
