// Chooses the Node that everything runs on: the one of the npm package `node`, else the machine's if it is new enough.
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { npm, root } from "./dependencies.mjs";

const OLDEST = [22, 19];
const packaged = join(root, "node_modules/.bin/node");

/** @returns {Promise<string>} path of a Node that can run this project */
export async function findNode() {
	if (isNewEnough(versionOf(packaged))) return packaged;
	// npm was told not to run install scripts, or that of the package failed.
	await npm(["rebuild", "node", "--ignore-scripts=false", "--loglevel=error"]).catch((error) => console.error(error.message));
	if (isNewEnough(versionOf(packaged))) return packaged;
	if (isNewEnough(process.versions.node)) return process.execPath;
	throw new Error(
		[
			`This needs Node ${OLDEST.join(".")} or newer, and this is Node ${process.versions.node}. The npm package "node", which brings one, did not:`,
			`its install script fetches the package node-${process.platform}-${process.arch} from your npm registry. Either`,
			"- see why, and mend it:  npm rebuild node --ignore-scripts=false --foreground-scripts",
			"- or install a newer Node on this machine, and run the same command again.",
		].join("\n"),
	);
}

function versionOf(node) {
	try {
		return execFileSync(node, ["--version"], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] })
			.trim()
			.slice(1);
	} catch {
		return "0.0";
	}
}

function isNewEnough(version) {
	const [major, minor] = version.split(".").map(Number);
	return major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1]);
}
