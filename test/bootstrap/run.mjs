// Runs a script in a fresh clone: checks git, installs dependencies and a Node that is new enough, then starts it.
// Runs on Node 20 and before `npm ci`, so this folder imports nothing that has to be installed.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { delimiter, join } from "node:path";
import { ensureDependencies, root } from "./dependencies.mjs";
import { ensureHostCommands } from "./host-commands.mjs";
import { findNode } from "./node-version.mjs";

const [script, ...args] = process.argv.slice(2);

try {
	await ensureHostCommands();
	await ensureDependencies();
	process.exitCode = await run(await findNode());
} catch (error) {
	console.error(`\n${error.message}`);
	process.exitCode = 1;
}

/** @param {string} node @returns {Promise<number>} the script's exit code */
async function run(node) {
	const env = { ...process.env, PATH: [join(root, "node_modules/.bin"), process.env.PATH].join(delimiter) };
	const child = spawn(node, [join(root, script), ...args], { cwd: root, env, stdio: "inherit" });
	// The script cleans up and ends by itself; ending before it would hide its last words.
	for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
	const [code] = await once(child, "exit");
	return code ?? 1;
}
