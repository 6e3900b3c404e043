// Runs the registry: Debian's docker-registry in a box on the bridge's address, behind a password.
import { randomBytes } from "node:crypto";
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { endedBecause, ensureBox } from "./box.mjs";
import { sandboxDir, switchNamespace } from "./checkout.mjs";
import { httpStatus } from "./http-status.mjs";
import { switchAddress } from "./network.mjs";
import { run } from "./process.mjs";
import { waitUntil } from "./wait.mjs";

const PORT = 5000;
export const REGISTRY_USERNAME = "deploymill";

const folder = join(sandboxDir, "registry");

/** A docker client's config folder (DOCKER_CONFIG) that is logged in to the registry. */
export const registryConfigDir = join(sandboxDir, "registry-config");

/** @returns {string} unguessable, of characters that need no quoting anywhere */
export const newPassword = () => randomBytes(24).toString("hex");

/** @param {import('./state.mjs').SandboxState} state @returns {string} host:port */
export const registryHost = (state) => `${switchAddress(state)}:${PORT}`;

/**
 * Starts the registry unless it runs, and waits until it lets its user in.
 * @param {import('./state.mjs').SandboxState} state @param {string} root cached root file system @returns {Promise<void>}
 */
export async function ensureRegistry(state, root) {
	mkdirSync(join(folder, "images"), { recursive: true });
	writeFileSync(join(folder, "config.json"), JSON.stringify(registryConfig(state), undefined, 2)); // JSON is YAML
	writeFileSync(join(folder, "htpasswd"), `${REGISTRY_USERNAME}:${await bcrypt(state.registryPassword)}\n`, { mode: 0o600 });
	writeClientConfig(state);
	const box = {
		name: "registry",
		folder,
		namespace: switchNamespace,
		address: switchAddress(state),
		root,
		binds: [[folder, "/srv/registry"]],
		command: ["docker-registry", "serve", "/srv/registry/config.json"],
	};
	await ensureBox(state, box);
	await waitUntil("the registry", () => registryAnswers(state), { withinMs: 30_000, giveUpIf: () => endedBecause(state, box) });
}

/** @param {import('./state.mjs').SandboxState} state whether it lets its user in, and nobody without a password */
export async function registryAnswers(state) {
	const url = `http://${registryHost(state)}/v2/`;
	const auth = `${REGISTRY_USERNAME}:${state.registryPassword}`;
	const [stranger, user] = await Promise.all([httpStatus(url), httpStatus(url, { auth })]);
	return stranger === 401 && user === 200;
}

function registryConfig(state) {
	return {
		version: "0.1",
		log: { level: "warn", accesslog: { disabled: true } },
		storage: { filesystem: { rootdirectory: "/srv/registry/images" }, delete: { enabled: true } },
		http: { addr: registryHost(state), secret: state.registryPassword },
		auth: { htpasswd: { realm: "sandbox", path: "/srv/registry/htpasswd" } },
	};
}

/** The lowest cost there is: the registry checks the password at each request, and it guards a sandbox. */
async function bcrypt(password) {
	const salt = randomBytes(16).toString("hex").slice(0, 21);
	return run("perl", ["-e", "print crypt(<STDIN>, $ARGV[0])", `$2y$04$${salt}u`], { input: password });
}

function writeClientConfig(state) {
	mkdirSync(registryConfigDir, { recursive: true });
	chmodSync(registryConfigDir, 0o700);
	const auth = Buffer.from(`${REGISTRY_USERNAME}:${state.registryPassword}`).toString("base64");
	const config = { auths: { [registryHost(state)]: { auth } } };
	writeFileSync(join(registryConfigDir, "config.json"), `${JSON.stringify(config, undefined, 2)}\n`, { mode: 0o600 });
}
