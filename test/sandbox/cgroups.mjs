// Removes the cgroups that containers of this sandbox had, in every hierarchy (v1 has many, v2 one).
import { existsSync, readdirSync, readFileSync, rmdirSync } from "node:fs";
import { join } from "node:path";
import { cgroupParent } from "./checkout.mjs";
import { waitUntil } from "./wait.mjs";

/** Removes them once their processes are gone, which the kernel may notice a moment after we do. @returns {Promise<void>} */
export async function removeCgroups() {
	const parents = hierarchies().map((mountPoint) => join(mountPoint, cgroupParent));
	await waitUntil("cgroups to be empty", () => parents.every(removeTree), { withinMs: 10_000, everyMs: 20 });
}

/** @returns {number[]} pids of processes in any of this sandbox's cgroups */
export function pidsInCgroups() {
	return hierarchies().flatMap((mountPoint) => pidsBelow(join(mountPoint, cgroupParent)));
}

function hierarchies() {
	const mounts = readFileSync("/proc/self/mounts", "utf8")
		.split("\n")
		.map((line) => line.split(" "));
	return mounts.filter(([, , type]) => type === "cgroup" || type === "cgroup2").map(([, mountPoint]) => mountPoint);
}

/** A cgroup's files go with its folder: only folders are removed, innermost first. */
function removeTree(folder) {
	if (!existsSync(folder)) return true;
	for (const child of foldersIn(folder)) removeTree(child);
	rmdirSync(folder);
	return true;
}

function pidsBelow(folder) {
	if (!existsSync(folder)) return [];
	const own = readFileSync(join(folder, "cgroup.procs"), "utf8").split("\n").filter(Boolean).map(Number);
	return [...own, ...foldersIn(folder).flatMap(pidsBelow)];
}

const foldersIn = (folder) =>
	readdirSync(folder, { withFileTypes: true })
		.filter((entry) => entry.isDirectory())
		.map((entry) => join(folder, entry.name));
