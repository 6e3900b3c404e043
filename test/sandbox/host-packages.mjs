// Installs by apt-get what the machine itself must have and lacks, or only downloads it.
import { existsSync } from "node:fs";
import { runAloud } from "./process.mjs";
import { say } from "./progress.mjs";

const FOLDERS = ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"];

/** Debian package by the command it brings. What a base system always has (util-linux, tar, perl) is not listed. */
const PACKAGE_OF = { chromium: "chromium", ip: "iproute2", mmdebstrap: "mmdebstrap", ssh: "openssh-client" };

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
	await aptGetInstall(packages);
}

/**
 * Downloads a package and those it needs that are not installed, and installs none of them.
 * @param {string} name @param {string} folder takes the archives; has a folder `partial` @returns {Promise<void>}
 */
export async function downloadPackage(name, folder) {
	say(`downloading ${name} (apt-get install --download-only)`);
	// apt's own user may not enter the folder
	await aptGetInstall(["--download-only", "--option", `Dir::Cache::archives=${folder}`, "--option", "APT::Sandbox::User=root", name]);
}

async function aptGetInstall(args) {
	const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
	const options = ["--yes", "--quiet", "--no-install-recommends", "--option", "DPkg::Lock::Timeout=120"];
	try {
		await runAloud("apt-get", ["install", ...options, ...args], { env });
	} catch {
		say("not found in the package lists: apt-get update, then once more");
		await runAloud("apt-get", ["update", "--quiet"], { env });
		await runAloud("apt-get", ["install", ...options, ...args], { env });
	}
}
