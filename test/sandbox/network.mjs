// Makes the sandbox's network: a bridge in a namespace of its own, one namespace per node, one link to the machine.
import { existsSync, mkdirSync, readdirSync, rmdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { cacheDir, checkoutId, hostLink, nodeNamespace, switchNamespace } from "./checkout.mjs";
import { withLock } from "./lock.mjs";
import { run } from "./process.mjs";

const NAMESPACES = "/run/netns";
const ip = (...args) => run("ip", args);

/** Addresses within the sandbox's /24. The bridge's own address is where the registry listens. */
const hostAddress = (state) => `${state.subnet}.1`;
export const switchAddress = (state) => `${state.subnet}.2`;
export const nodeAddress = (state, number) => `${state.subnet}.${10 + number}`;

/** Node numbers of a sandbox: 1, 2, … */
export const nodeNumbers = (state) => Array.from({ length: state.nodes }, (_, index) => index + 1);

/**
 * Chooses a /24 of 10.99.0.0/16 that nothing on this machine uses, starting from one that depends on the checkout.
 * Callers hold the network lock (below) until the host's link has its address, or two checkouts could choose the same one.
 * @returns {Promise<string>} its first three numbers
 */
export async function chooseSubnet() {
	const used = await usedSubnets();
	const first = Number.parseInt(checkoutId.slice(0, 2), 16);
	for (let step = 0; step < 256; step += 1) {
		const subnet = `10.99.${(first + step) % 256}`;
		if (!used.has(subnet)) return subnet;
	}
	throw new Error("no /24 of 10.99.0.0/16 is free on this machine");
}

/** @returns {Promise<Set<string>>} first three numbers of every address that this machine has or routes to */
export async function usedSubnets() {
	const routes = await ip("-4", "route", "show", "table", "all");
	return new Set([...routes.matchAll(/\b(\d+\.\d+\.\d+)\.\d+\b/g)].map((match) => match[1]));
}

/** @param {import('./state.mjs').SandboxState} state whether all of the network is there */
export async function networkIsUp(state) {
	const namespaces = [switchNamespace, ...nodeNumbers(state).map(nodeNamespace)];
	if (!namespaces.every((name) => existsSync(`${NAMESPACES}/${name}`))) return false;
	const addresses = await ip("-4", "-oneline", "address", "show", "dev", hostLink).catch(() => "");
	return addresses.includes(` ${hostAddress(state)}/24 `);
}

/** @param {import('./state.mjs').SandboxState} state @returns {Promise<void>} */
export async function createNetwork(state) {
	await ip("netns", "add", switchNamespace);
	await ip("-n", switchNamespace, "link", "set", "lo", "up");
	await ip("-n", switchNamespace, "link", "add", "bridge", "type", "bridge");
	await ip("-n", switchNamespace, "address", "add", `${switchAddress(state)}/24`, "dev", "bridge");
	await ip("-n", switchNamespace, "link", "set", "bridge", "up");
	await ip("link", "add", hostLink, "type", "veth", "peer", "name", "host", "netns", switchNamespace);
	await ip("-n", switchNamespace, "link", "set", "host", "master", "bridge", "up");
	await ip("address", "add", `${hostAddress(state)}/24`, "dev", hostLink);
	await ip("link", "set", hostLink, "up");
	for (const number of nodeNumbers(state)) await plugIn(state, number); // links made side by side got lost
}

async function plugIn(state, number) {
	const namespace = nodeNamespace(number);
	await ip("netns", "add", namespace);
	await ip("-n", namespace, "link", "set", "lo", "up");
	await ip("-n", switchNamespace, "link", "add", `node${number}`, "type", "veth", "peer", "name", "eth0", "netns", namespace);
	await ip("-n", switchNamespace, "link", "set", `node${number}`, "master", "bridge", "up");
	await ip("-n", namespace, "address", "add", `${nodeAddress(state, number)}/24`, "dev", "eth0");
	await ip("-n", namespace, "link", "set", "eth0", "up");
}

/** @returns {string[]} those of this checkout's namespaces that exist, whatever the state file says */
const ownNamespaces = () => (existsSync(NAMESPACES) ? readdirSync(NAMESPACES) : []).filter((name) => name.startsWith(`dm${checkoutId}-`));

/** @returns {Promise<number[]>} pids of everything that runs in this checkout's namespaces */
export async function pidsInNamespaces() {
	const lists = await Promise.all(ownNamespaces().map((name) => ip("netns", "pids", name).catch(() => "")));
	return lists.flatMap((list) => list.split("\n").filter(Boolean).map(Number));
}

/**
 * Holds off other checkouts: from the choice of a subnet until it is in use, and while namespaces are made or removed.
 * @template T @param {() => Promise<T>} work @returns {Promise<T>}
 */
export async function withNetworkLock(work) {
	mkdirSync(cacheDir, { recursive: true });
	const lockFile = join(cacheDir, "network.lock");
	writeFileSync(lockFile, "", { flag: "a" });
	return withLock(lockFile, "another sandbox that is changing its network", work);
}

/** Removes links and namespaces, those that are there. A veth goes with either of its ends. @returns {Promise<void>} */
export async function removeNetwork() {
	await ip("link", "delete", hostLink).catch(() => {});
	for (const name of ownNamespaces()) await ip("netns", "delete", name);
	await removeNamespacesFolder();
}

/** `ip netns add` mounts this folder on itself and never undoes it: the last one out does. */
async function removeNamespacesFolder() {
	if (!existsSync(NAMESPACES) || readdirSync(NAMESPACES).length > 0) return;
	await run("umount", [NAMESPACES]).catch(() => {});
	try {
		rmdirSync(NAMESPACES);
	} catch {
		// somebody has just begun to use it
	}
}
