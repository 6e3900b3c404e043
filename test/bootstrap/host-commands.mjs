// Checks for the commands that deploymill and its tests call on this machine; what the sandbox needs it installs by itself.
import { execFileSync, spawnSync } from "node:child_process";

/** Debian package by command. */
const PACKAGE_OF = { git: "git", openssl: "openssl" };

/** @returns {Promise<void>} rejects with what to install where it cannot be installed from here */
export async function ensureHostCommands() {
	const missing = Object.keys(PACKAGE_OF).filter((command) => spawnSync(command, ["version"], { stdio: "ignore" }).error);
	if (missing.length === 0) return;
	const packages = missing.map((command) => PACKAGE_OF[command]);
	if (process.getuid?.() !== 0 || spawnSync("apt-get", ["--version"], { stdio: "ignore" }).error) {
		throw new Error(`Missing on this machine: ${missing.join(", ")}. Install ${packages.join(" and ")}, and run the same command again.`);
	}
	console.error(`Installing on this machine: ${packages.join(", ")} (apt-get install) ...`);
	aptGet(["update", "--quiet"]);
	aptGet(["install", "--yes", "--quiet", "--no-install-recommends", ...packages]);
}

function aptGet(args) {
	const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
	execFileSync("apt-get", args, { env, stdio: ["ignore", process.stderr, process.stderr] });
}
