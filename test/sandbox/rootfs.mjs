// Describes the root file system that engines, registry and ingress run from: which packages, of which suite.
import { join } from "node:path";
import { cachedTree } from "./debootstrap.mjs";
import { run } from "./process.mjs";

const PACKAGES = ["docker.io", "docker-registry", "caddy", "iptables", "iproute2", "ca-certificates", "mount", "kmod", "procps", "tini"];

/** Before trixie the client was part of docker.io, and there was no buildx. */
const MORE_PACKAGES = { bookworm: [], trixie: ["docker-cli", "docker-buildx"], forky: ["docker-cli", "docker-buildx"] };

export const SUITES = Object.keys(MORE_PACKAGES);
export const DEFAULT_SUITE = "forky";

/**
 * @typedef {{root: string, ingressArchive: string}} RootFs
 * @param {string} suite one of SUITES
 * @returns {Promise<RootFs>} the cached tree, never to be written to, and the ingress image's content
 */
export async function ensureRootFs(suite) {
	const recipe = {
		name: "engine",
		suite,
		variant: "apt",
		packages: [...PACKAGES, ...MORE_PACKAGES[suite]],
		options: ["--dpkgopt=path-exclude=/usr/share/man/*", "--dpkgopt=path-exclude=/usr/share/doc/*"],
		output: "root",
	};
	const folder = await cachedTree(recipe, archiveIngress);
	return { root: join(folder, "root"), ingressArchive: join(folder, "ingress.tar") };
}

/** The ingress image is Caddy and the libraries it is linked with, nothing else. */
async function archiveIngress(folder) {
	const root = join(folder, "root");
	const linked = await run("chroot", [root, "ldd", "/usr/bin/caddy"]);
	const libraries = [...linked.matchAll(/(\/\S+) \(0x/g)].map((match) => match[1]);
	const files = ["/usr/bin/caddy", ...libraries].map((path) => `.${path}`);
	await run("tar", ["--create", "--dereference", "--file", join(folder, "ingress.tar"), "--directory", root, ...files]);
}
