// Refuses a data folder that another user of the machine could write to, own, or put another one in the place of.
import { lstatSync, mkdirSync, readFileSync, readlinkSync, type Stats, statSync } from "node:fs";
import { dirname, isAbsolute, join, resolve, sep } from "node:path";
import { DeploymillError } from "../errors.ts";

const writableByOthers = 0o002;
const writableByGroup = 0o020;
const sticky = 0o1000;
/** As many as Linux follows. */
const mostLinks = 40;
export const compileCacheName = "compile-cache";
/** What deploymill keeps there. */
const contents = ["deploymill.db", "deploymill.db-wal", "deploymill.db-shm", "key", "logs", "checkouts", compileCacheName];

/** Makes the data folder (0700) where it is missing, with room for what Node compiles, and checks it and the key file. @throws invalid_input naming what is open, and the cure */
export function prepareDataFolder(dataFolder: string, keyFile: string): void {
	mkdirSync(dataFolder, { recursive: true, mode: 0o700 });
	refuseOpenData(dataFolder, keyFile);
	makeRoomForCompiled(join(dataFolder, compileCacheName));
}

function makeRoomForCompiled(folder: string): void {
	try {
		mkdirSync(folder, { recursive: true, mode: 0o700 });
	} catch {
		// A folder that cannot be written to is told by the database; without a cache processes only begin later.
		return;
	}
}

/**
 * Looks at every folder and link on the way to the data folder and to the key file, at both, and at what is in the folder. Access
 * control lists are not looked at; on Windows nothing is.
 * @throws invalid_input
 */
export function refuseOpenData(dataFolder: string, keyFile: string, uid: number | undefined = process.geteuid?.()): void {
	if (uid === undefined) return;
	refuseOpenPath("DEPLOYMILL_DATA_DIR", dataFolder, uid);
	for (const name of contents) {
		const path = join(dataFolder, name);
		const found = statSync(path, { throwIfNoEntry: false });
		if (found) refuseOpen("DEPLOYMILL_DATA_DIR", path, found, uid, false);
	}
	if (dirname(keyFile) !== dataFolder) refuseOpenPath("DEPLOYMILL_KEY_FILE", keyFile, uid);
}

/** The same of one folder and the way to it. @throws invalid_input */
export function refuseOpenFolder(folder: string): void {
	const uid = process.geteuid?.();
	if (uid !== undefined) refuseOpenPath("DEPLOYMILL_DATA_DIR", folder, uid);
}

function refuseOpenPath(setting: string, path: string, uid: number): void {
	let links = 0;
	for (const { at, found, onTheWay } of walk(path)) {
		if (!found.isSymbolicLink()) refuseOpen(setting, at, found, uid, onTheWay);
		else if (++links > mostLinks) throw tooManyLinks(setting, path);
		else refuseForeignOwner(setting, at, found, uid, true);
	}
}

/** Every folder and link that the kernel passes on its way, and what it comes to, as far as that exists. */
function* walk(path: string): Generator<{ at: string; found: Stats; onTheWay: boolean }> {
	let at: string = sep;
	// The root itself comes first.
	let rest = [".", ...partsOf(resolve(path))];
	while (rest.length > 0) {
		const [name = "", ...after] = rest;
		const next = name === ".." ? dirname(at) : join(at, name);
		const found = lstatSync(next, { throwIfNoEntry: false });
		if (!found) return;
		yield { at: next, found, onTheWay: after.length > 0 };
		const target = found.isSymbolicLink() ? readlinkSync(next) : "";
		rest = [...partsOf(target), ...after];
		if (target === "") at = next;
		else if (isAbsolute(target)) at = sep;
	}
}

function partsOf(path: string): string[] {
	return path.split(sep).filter((part) => part !== "" && part !== ".");
}

function tooManyLinks(setting: string, path: string): DeploymillError {
	return new DeploymillError("invalid_input", `${setting}: ${path} leads through more than ${mostLinks} links.`);
}

/** @param onTheWay whether it only leads to what is meant: there a sticky bit keeps others' hands off what is not theirs */
function refuseOpen(setting: string, path: string, found: Stats, uid: number, onTheWay: boolean): void {
	refuseForeignOwner(setting, path, found, uid, onTheWay);
	if (onTheWay && (found.mode & sticky) !== 0) return;
	const others = (found.mode & writableByOthers) !== 0;
	const group = (found.mode & writableByGroup) !== 0 && !isOwnGroup(found.gid, uid);
	if (!others && !group) return;
	const mode = (found.mode & 0o7777).toString(8).padStart(4, "0");
	const who = others ? "every user of this machine" : `the group ${found.gid}`;
	throw open(setting, `${path} has mode ${mode}: ${who} could change ${onTheWay ? "what is in it" : "it"}.`, `chmod go-w ${path}`);
}

function refuseForeignOwner(setting: string, path: string, found: Stats, uid: number, onTheWay: boolean): void {
	if (found.uid === uid || found.uid === 0) return;
	if (onTheWay && isOutside(found.uid)) return;
	throw open(
		setting,
		`${path} belongs to the user with id ${found.uid}, and deploymill runs as ${uid}: that user could change it.`,
		`chown ${uid} ${path}`,
	);
}

function open(setting: string, message: string, cure: string): DeploymillError {
	return new DeploymillError("invalid_input", `${setting}: ${message}`, {
		hint: `${cure}, or set ${setting} to a path that only this user and root can write to. Secrets and the history of deployments lie there.`,
	});
}

/** In a user namespace (a rootless container, a sandbox) the machine's own folders belong to nobody that is known inside. */
function isOutside(uid: number): boolean {
	const all = /^\s*0\s+0\s+4294967295\s*$/;
	const map = read("/proc/self/uid_map");
	return map !== undefined && !all.test(map) && uid === Number(read("/proc/sys/kernel/overflowuid"));
}

/** Many systems give each user a group of the same name, and make folders that it may write to. It is shared with nobody. */
function isOwnGroup(gid: number, uid: number): boolean {
	const users = fieldsOf(read("/etc/passwd"));
	const name = users.find(([, , id]) => Number(id) === uid)?.[0];
	const group = fieldsOf(read("/etc/group")).find(([, , id]) => Number(id) === gid);
	if (process.platform !== "linux" || name === undefined || group?.[0] !== name) return false;
	const members = (group[3] ?? "").split(",").filter(Boolean);
	const primary = users.filter(([, , , primaryGid]) => Number(primaryGid) === gid).map(([user]) => user);
	return [...members, ...primary].every((member) => member === name);
}

function fieldsOf(text: string | undefined): string[][] {
	return (text ?? "")
		.split("\n")
		.filter(Boolean)
		.map((line) => line.split(":"));
}

function read(file: string): string | undefined {
	try {
		return readFileSync(file, "utf8");
	} catch {
		// Not there on this system: then nothing is known, and nothing excused by it.
		return undefined;
	}
}
