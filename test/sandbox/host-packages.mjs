// Owns what the machine itself must have installed, and installs what is missing by apt-get.
import { existsSync } from "node:fs";
import { runAloud } from "./process.mjs";
import { say } from "./progress.mjs";

const FOLDERS = ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"];

/** Debian package by the command it brings. What a base system always has (util-linux, tar, perl) is not listed. */
const PACKAGE_OF = { ip: "iproute2", mmdebstrap: "mmdebstrap" };

/** @param {string} command */
export const hasCommand = (command) => FOLDERS.some((folder) => existsSync(`${folder}/${command}`));

/** @param {(keyof typeof PACKAGE_OF)[]} commands @returns {Promise<void>} */
export async function ensureCommands(commands) {
	const packages = commands.filter((command) => !hasCommand(command)).map((command) => PACKAGE_OF[command]);
	if (packages.length > 0) await install(packages);
}

/** The keys that Debian signs with; a Debian machine has them, others may not. */
export async function ensureDebianKeys() {
	if (!existsSync("/usr/share/keyrings/debian-archive-keyring.gpg")) await install(["debian-archive-keyring"]);
}

async function install(packages) {
	say(`installing on this machine: ${packages.join(", ")} (apt-get install)`);
	const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
	const options = ["--yes", "--quiet", "--no-install-recommends", "--option", "DPkg::Lock::Timeout=120"];
	try {
		await runAloud("apt-get", ["install", ...options, ...packages], { env });
	} catch {
		say("not found in the package lists: apt-get update, then once more");
		await runAloud("apt-get", ["update", "--quiet"], { env });
		await runAloud("apt-get", ["install", ...options, ...packages], { env });
	}
}
