// Makes a folder with deploymill as npm packs it, and exactly the dependencies that package-lock.json names.
import { execFileSync } from "node:child_process";
import { copyFileSync, cpSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
/** Stands in for ssh2, which docker-modem loads and nobody uses here; `overrides` of package.json holds in installs of our own alone. */
const withoutSsh2 = "packaging/without-ssh2";

/** @param {string} folder is made; it must not hold anything yet */
export function stage(folder) {
	mkdirSync(folder, { recursive: true });
	if (readdirSync(folder).length > 0) throw new Error(`${folder} is not empty: name a new folder`);
	const packed = mkdtempSync(join(tmpdir(), "deploymill-packed-"));
	try {
		// prepack builds it.
		run("npm", ["pack", "--silent", "--pack-destination", packed], root);
		run("tar", ["-xzf", join(packed, readdirSync(packed)[0]), "-C", folder, "--strip-components=1"], root);
	} finally {
		rmSync(packed, { recursive: true });
	}
	copyFileSync(join(root, "package-lock.json"), join(folder, "package-lock.json"));
	const standIn = join(folder, withoutSsh2);
	cpSync(join(root, withoutSsh2), standIn, { recursive: true });
	// No dependency needs its install script.
	run("npm", ["ci", "--omit=dev", "--ignore-scripts", "--no-audit", "--no-fund", "--silent"], folder);
	rmSync(join(folder, "package-lock.json"));
	// npm leaves a link, which not every archive keeps.
	const installed = join(folder, "node_modules/ssh2");
	rmSync(installed);
	renameSync(standIn, installed);
}

/** @param {string} command @param {string[]} args @param {string} cwd with its output on stderr, so that stdout is the caller's */
export function run(command, args, cwd) {
	execFileSync(command, args, { cwd, stdio: ["ignore", process.stderr, "inherit"], shell: process.platform === "win32" });
}
