// Hands settings that were checked on to a worker, which neither checks them again nor reads paths from its own folder.
import { resolve } from "node:path";
import { secretNames } from "./secret.ts";
import type { Settings } from "./settings.ts";
import { absolutePath } from "./user-folders.ts";

/** Set by deploymill alone: it is no setting of a server. */
const variable = "DEPLOYMILL_WORKER_SETTINGS";

/** The environment of a worker. What it reads anew at each use is named from the root. */
export function handOver(env: NodeJS.ProcessEnv, settings: Settings): NodeJS.ProcessEnv {
	const ours = secretNames.map((name) => [`${name}_FILE`, absolutePath] as const);
	const dockers = ["DOCKER_CONFIG", "DOCKER_CERT_PATH"].map((name) => [name, (path: string) => resolve(path)] as const);
	const paths = [...ours, ...dockers].flatMap(([name, whole]) => {
		const path = env[name]?.trim();
		return path ? [[name, whole(path, env)]] : [];
	});
	return { ...env, ...Object.fromEntries(paths), [variable]: JSON.stringify(settings) };
}

/** Undefined in a process that no server started. */
export function handedSettings(env: NodeJS.ProcessEnv): Settings | undefined {
	const text = env[variable];
	return text === undefined ? undefined : (JSON.parse(text) as Settings);
}
