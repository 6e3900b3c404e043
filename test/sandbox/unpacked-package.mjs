// Fetches a Debian package and unpacks it beside the machine: nothing is installed, no service starts, no file of the machine changes.
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { cacheDir } from "./checkout.mjs";
import { downloadPackage } from "./host-packages.mjs";
import { withLock } from "./lock.mjs";
import { run } from "./process.mjs";

/**
 * The package, and those it needs that this machine lacks, for a release of Debian once.
 * @param {string} name @returns {Promise<string>} the cached folder, with `usr` and the rest in it; complete where it is there
 */
export async function unpackedPackage(name) {
	const key = `unpacked-${name}-${release()}-${process.arch}`;
	const complete = join(cacheDir, key);
	if (existsSync(complete)) return complete;
	mkdirSync(cacheDir, { recursive: true });
	const lockFile = join(cacheDir, `${key}.lock`);
	writeFileSync(lockFile, "", { flag: "a" });
	await withLock(lockFile, `another test that is fetching ${name}`, async () => {
		if (existsSync(complete)) return;
		const unfinished = mkdtempSync(join(cacheDir, `unfinished-${key}-`));
		try {
			await fetchInto(unfinished, name);
			renameSync(join(unfinished, "tree"), complete);
		} finally {
			rmSync(unfinished, { recursive: true, force: true });
		}
	});
	return complete;
}

async function fetchInto(folder, name) {
	const archives = join(folder, "archives");
	const tree = join(folder, "tree");
	mkdirSync(join(archives, "partial"), { recursive: true });
	mkdirSync(tree);
	await downloadPackage(name, archives);
	const packages = readdirSync(archives).filter((file) => file.endsWith(".deb"));
	for (const file of packages) await run("dpkg-deb", ["--extract", join(archives, file), tree]);
}

/** Libraries of another release would not fit those of the machine. */
function release() {
	const [, codename] = /^VERSION_CODENAME="?([\w.-]+)/m.exec(readFileSync("/etc/os-release", "utf8")) ?? [];
	return codename ?? "debian";
}
