// Makes Debian trees with mmdebstrap, and caches them.
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { cacheDir } from "./checkout.mjs";
import { ensureCommands, ensureDebianKeys } from "./host-packages.mjs";
import { withLock } from "./lock.mjs";
import { debianMirror, proxyOptions } from "./mirror.mjs";
import { runAloud } from "./process.mjs";
import { say } from "./progress.mjs";

/**
 * @typedef {object} Recipe everything that decides what comes out; its hash is part of the cache key
 * @property {string} name first part of the cache key
 * @property {string} suite
 * @property {'apt' | 'minbase'} variant
 * @property {string[]} packages
 * @property {string[]} options further mmdebstrap options
 * @property {'root' | 'root.tar'} output a folder, or a tar archive
 */

/**
 * Returns the cached tree of a recipe, building it first if need be. A tree that is there is complete: it is built
 * aside and renamed in one step, by one process at a time; others wait and take the result.
 * @param {Recipe} recipe
 * @param {(folder: string) => Promise<void>} [finish] adds more to the cached folder before it is complete
 * @returns {Promise<string>} the cached folder; the tree is in it under the recipe's `output`
 */
export async function cachedTree(recipe, finish) {
	const hash = createHash("sha256")
		.update(JSON.stringify([recipe, process.arch]))
		.digest("hex")
		.slice(0, 12);
	const key = `${recipe.name}-${recipe.suite}-${hash}`;
	const complete = join(cacheDir, key);
	if (existsSync(complete)) return complete;

	mkdirSync(cacheDir, { recursive: true });
	const lockFile = join(cacheDir, `${key}.lock`);
	writeFileSync(lockFile, "", { flag: "a" });
	await withLock(lockFile, `another sandbox that is building ${key}`, async () => {
		if (existsSync(complete)) return;
		removeLeftovers(key);
		const unfinished = mkdtempSync(join(cacheDir, `unfinished-${key}-`));
		await build(recipe, unfinished);
		await finish?.(unfinished);
		renameSync(unfinished, complete);
	});
	return complete;
}

/** Whoever left these held the lock that we hold now, so nobody works on them any more. */
function removeLeftovers(key) {
	for (const entry of readdirSync(cacheDir)) {
		if (entry.startsWith(`unfinished-${key}-`)) rmSync(join(cacheDir, entry), { recursive: true, force: true });
	}
}

async function build(recipe, folder) {
	await ensureCommands(["mmdebstrap"]);
	await ensureDebianKeys();
	const mirror = await debianMirror();
	if (!mirror) throw new Error("no Debian mirror in the settings of apt");
	say(`making a ${recipe.suite} tree for ${recipe.name} (once; kept in ${cacheDir})`);
	const mmdebstrap = [
		"mmdebstrap",
		"--quiet",
		`--variant=${recipe.variant}`,
		`--include=${recipe.packages.join(",")}`,
		'--aptopt=Acquire::Check-Valid-Until "false"', // a mirror that is a snapshot may be past its index's date
		'--aptopt=APT::Sandbox::User "root"', // apt's own user may not enter the home folder that the cache is in
		...(await proxyOptions()),
		...recipe.options,
		recipe.suite,
		join(folder, recipe.output),
		mirror,
	];
	await runAloud("setpriv", [...dyingWithUs, ...mmdebstrap], { env: { ...process.env, TMPDIR: folder } });
}

/** When we are killed, a half-made tree must not go on being made: its process namespace ends with us, and its mounts too. */
const dyingWithUs = ["--pdeathsig", "KILL", "unshare", "--pid", "--mount", "--mount-proc", "--fork", "--kill-child"];
