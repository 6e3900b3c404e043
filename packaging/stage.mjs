// Makes a folder with deploymill as npm packs it: nothing has to be installed beside it.
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
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
}

/** @param {string} command @param {string[]} args @param {string} cwd with its output on stderr, so that stdout is the caller's */
export function run(command, args, cwd) {
	execFileSync(command, args, { cwd, stdio: ["ignore", process.stderr, "inherit"], shell: process.platform === "win32" });
}
