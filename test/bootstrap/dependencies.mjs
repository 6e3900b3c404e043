// Checks whether the installed packages are those of package-lock.json, and installs them when not.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = join(dirname(fileURLToPath(import.meta.url)), "../..");

/** @returns {Promise<void>} */
export async function ensureDependencies() {
	if (areInstalled()) return;
	console.error("Installing the dependencies (npm ci) ...");
	// The Node that npm itself runs on is old here, and said to be: what matters is the one that the scripts run on.
	await npm(["ci", "--loglevel=error"]);
}

/** @param {string[]} args @returns {Promise<void>} rejects with what to do when npm fails */
export async function npm(args) {
	const child = spawn("npm", args, { cwd: root, stdio: ["ignore", "inherit", "inherit"] });
	const [code] = await once(child, "exit").catch((error) => {
		throw new Error(`npm could not be started (${error.message}): install it beside Node, for instance by apt-get install npm.`);
	});
	if (code !== 0) throw new Error(`"npm ${args.join(" ")}" failed (see above). Once npm reaches its registry, run the same command again.`);
}

/** npm writes what it installed at the very end, so an installation that was cut short counts as none. */
function areInstalled() {
	const wanted = readPackages("package-lock.json");
	const installed = readPackages("node_modules/.package-lock.json");
	return Object.entries(wanted).every(([path, { version, optional }]) => path === "" || optional || installed[path]?.version === version);
}

function readPackages(file) {
	try {
		return JSON.parse(readFileSync(join(root, file), "utf8")).packages ?? {};
	} catch (error) {
		if (error.code === "ENOENT") return {};
		throw error;
	}
}
