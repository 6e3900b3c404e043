// Finds the folders in the user's home, also for a server whose client passes on no more than HOME and PATH.
import { homedir } from "node:os";
import { isAbsolute, join, resolve } from "node:path";
import { quote } from "./quote.ts";
import { Refusal } from "./refusal.ts";

/** The user's home folder: `HOME`, or what the system says where that is missing. */
function homeFolder(env: NodeJS.ProcessEnv): string {
	return env.HOME || homedir();
}

/** Where deploymill keeps its data when no setting says so. A relative `XDG_DATA_HOME` is ignored, as its specification asks. */
export function defaultDataFolder(env: NodeJS.ProcessEnv): string {
	const xdg = env.XDG_DATA_HOME;
	const parent = xdg && isAbsolute(xdg) ? xdg : join(homeFolder(env), ".local", "share");
	return join(parent, "deploymill");
}

/** The docker CLI's folder: `DOCKER_CONFIG` or `~/.docker`. */
export function dockerFolder(env: NodeJS.ProcessEnv): string {
	return env.DOCKER_CONFIG ? resolve(env.DOCKER_CONFIG) : join(homeFolder(env), ".docker");
}

/** Takes a path as a setting gives it. A `$` that nobody expanded is refused before a folder of that name is made. */
export function parsePath(text: string): string {
	if (text.includes("$")) throw new Refusal(`got ${quote(text)}, but no shell expands the $ here: write the path out`);
	if (text.includes("\0")) throw new Refusal(`got ${quote(text)}, expected a path`);
	return text;
}

/** Makes a path from a setting absolute. MCP clients pass `env` on without a shell, so `~/` is expanded here. */
export function absolutePath(path: string, env: NodeJS.ProcessEnv): string {
	const text = parsePath(path);
	if (text === "~") return homeFolder(env);
	return resolve(text.startsWith("~/") ? join(homeFolder(env), text.slice(2)) : text);
}
