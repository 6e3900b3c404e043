// Checks paths inside a container, where volumes are mounted.
import { posix } from "node:path";
import { quote } from "./quote.ts";
import { Refusal } from "./refusal.ts";

const longestPath = 255;
/** Mounting over these breaks every container. */
const kernelFolders = /^\/(?:proc|sys|dev)(?:\/|$)/;

/** Absolute path without a trailing slash, `//` or `.` in it. */
export function parseMountPath(text: string): string {
	const refuse = (why: string) => new Refusal(`got ${quote(text)}, ${why}`);
	if (!text.startsWith("/")) throw refuse("expected an absolute path inside the container, e.g. /data");
	if (text.length > longestPath) throw refuse(`expected at most ${longestPath} characters`);
	// `,` and `:` separate mounts elsewhere in docker, and Swarm fills in `{{templates}}`.
	if (/[\p{C}:,{}\\]/u.test(text)) throw refuse("expected a path without : , { } \\ and control characters");
	if (text.split("/").includes("..")) throw refuse("expected a path without ..");
	const path = posix.normalize(text).replace(/(?<=.)\/$/, "");
	if (path === "/") throw refuse("the root folder cannot be a mount: name a folder, e.g. /data");
	if (kernelFolders.test(path)) throw refuse("/proc, /sys and /dev cannot be mounts");
	return path;
}

/** Name of a Docker volume. Whatever looks like a path would be a host folder to docker. */
export function parseVolumeName(text: string): string {
	if (/^[a-zA-Z0-9][a-zA-Z0-9_.-]{1,127}$/.test(text)) return text;
	if (/[/\\~]/.test(text) || text === "." || text === "..") {
		throw new Refusal(`got ${quote(text)}, expected the name of a volume: only named volumes can be mounted, never a host path`);
	}
	throw new Refusal(`got ${quote(text)}, expected a volume name of 2-128 letters, digits, _ . - with a letter or digit first`);
}
