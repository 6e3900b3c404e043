// Names what this checkout's sandbox makes: its folder, links, namespaces and cgroups.
import { createHash } from "node:crypto";
import { realpathSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** A unix socket's path must fit into `sun_path`: 108 bytes with its final zero. */
const LONGEST_SOCKET_PATH = 107;

/** Root of the checkout this script was started from; every name below derives from it. */
const checkoutRoot = realpathSync(join(dirname(fileURLToPath(import.meta.url)), "../.."));

/** Short name of this checkout, the same on every run: two checkouts never share one. */
export const checkoutId = createHash("sha256").update(checkoutRoot).digest("hex").slice(0, 8);

/** Everything a sandbox keeps is in here, and `down` removes it. */
export const sandboxDir = join(checkoutRoot, ".sandbox");

/** Root file systems and images, shared by all checkouts of this user and kept by `down`. */
export const cacheDir = join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "deploymill-sandbox");

/** Sockets of a checkout whose own path is too long for a socket. Short, and gone after a reboot. */
export const shortSocketsDir = `/run/deploymill-${checkoutId}`;

/** The link on the machine that leads into the sandbox (at most 15 characters). */
export const hostLink = `dm${checkoutId}`;

/** Network namespace that holds the bridge and the registry: the machine's own iptables are never touched. */
export const switchNamespace = `dm${checkoutId}-switch`;

/** @param {number} number from 1 */
export const nodeNamespace = (number) => `dm${checkoutId}-node${number}`;

/** Parent of all container cgroups of this sandbox, below each mounted hierarchy. */
export const cgroupParent = `deploymill-${checkoutId}`;

/** An environment variable every process of the sandbox carries, so that `down` finds one that nobody recorded. */
export const processMark = { name: "DEPLOYMILL_SANDBOX_OF", value: checkoutId };

/** @param {number} number node number @returns {string} the folder of one node's root file system changes, data and log */
export const nodeDir = (number) => join(sandboxDir, "nodes", String(number));

/** @param {number} number node number @returns {string} the folder on the machine where the node's engine puts its socket */
export function nodeSocketDir(number) {
	const roomy = join(nodeDir(number), "sockets");
	return Buffer.byteLength(join(roomy, "docker.sock")) <= LONGEST_SOCKET_PATH ? roomy : join(shortSocketsDir, String(number));
}

/** @param {number} number node number */
export const dockerSocket = (number) => join(nodeSocketDir(number), "docker.sock");
