// Owns a folder with deploymill as npm packs it, and exactly the dependencies that package-lock.json names.
import { execFileSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));

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
	// No dependency needs its install script: what they would build are faster ciphers for ssh2, which is not used.
	run("npm", ["ci", "--omit=dev", "--ignore-scripts", "--no-audit", "--no-fund", "--silent"], folder);
	rmSync(join(folder, "package-lock.json"));
}

/** @param {string} command @param {string[]} args @param {string} cwd with its output on stderr, so that stdout is the caller's */
export function run(command, args, cwd) {
	execFileSync(command, args, { cwd, stdio: ["ignore", process.stderr, "inherit"], shell: process.platform === "win32" });
}
