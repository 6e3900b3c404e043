// Collects every secret that deploymill may use before it is used, since a build or a log may print it earlier.
import { readFileSync, statSync } from "node:fs";
import { DeploymillError } from "../errors.ts";
import type { Redactor } from "../redact.ts";
import { readRegistryCredentials } from "./credentials.ts";
import { readDockerConfig } from "./docker-config.ts";
import { findDockerLogin } from "./docker-login.ts";
import { asObject } from "./json-object.ts";
import { secretsInUrl } from "./notify-url.ts";
import { secretNames } from "./secret.ts";
import type { Settings } from "./settings.ts";
import { absolutePath } from "./user-folders.ts";

/** A larger file holds something else. */
const largestFile = 1024 * 1024;

/** Logins that are asked for beside the registry's own. */
const mostHelpers = 8;

/** Adds what stands in variables, in the files they name, and in docker's config.json. What cannot be read is left for its use to tell. */
export function knowNamedSecrets(env: NodeJS.ProcessEnv, redactor: Redactor): void {
	for (const name of secretNames) {
		const given = [env[name], readText(env[`${name}_FILE`], env)];
		redactor.add(...given, ...(name === "DEPLOYMILL_NOTIFY_URL" ? given.flatMap(secretsInUrl) : []));
	}
	for (const entry of authsIn(env)) addAuth(entry, redactor);
}

/** Adds the key that env values are sealed with, where it has been made. */
export function knowKey({ keyFile }: Pick<Settings, "keyFile">, redactor: Redactor): void {
	const key = readBytes(keyFile);
	if (key) redactor.addBytes(key);
}

/**
 * Adds what docker's credential helpers hold for the registry, and for the hosts that have a helper of their own. A helper that
 * hangs is ended after its time; until then this is pending. Never rejects: whoever uses a login is told what is wrong with it.
 */
export async function knowHelperLogins(env: NodeJS.ProcessEnv, registryHost: string | undefined, redactor: Redactor): Promise<void> {
	const own = registryHost === undefined ? [] : [readRegistryCredentials(env, registryHost, redactor)];
	const others = hostsWithHelper(env).filter((host) => host !== registryHost);
	const asked = others.slice(0, mostHelpers).map(async (host) => {
		const login = await findDockerLogin(env, host);
		redactor.add(login?.password, login?.identityToken);
	});
	await Promise.allSettled([...own, ...asked]);
}

/** `auth` is base64 of `user:password`. Whatever is there may be used by docker, whichever registry it is for. */
function addAuth({ auth, ...entry }: Record<string, unknown>, redactor: Redactor): void {
	for (const name of ["password", "identitytoken", "registrytoken"]) redactor.add(textOf(entry[name]));
	const encoded = textOf(auth);
	if (encoded === undefined) return;
	const [, password] = /^[^:]*:([\s\S]*)$/.exec(Buffer.from(encoded, "base64").toString("utf8").replace(/\0+$/, "")) ?? [];
	redactor.add(encoded, password);
}

function authsIn(env: NodeJS.ProcessEnv): Record<string, unknown>[] {
	const { auths } = dockerConfig(env);
	return Object.values(asObject(auths) ?? {}).map((entry) => asObject(entry) ?? {});
}

function hostsWithHelper(env: NodeJS.ProcessEnv): string[] {
	return Object.keys(asObject(dockerConfig(env).credHelpers) ?? {});
}

function dockerConfig(env: NodeJS.ProcessEnv): { auths?: unknown; credHelpers?: unknown } {
	try {
		return readDockerConfig(env, "registry_auth_failed");
	} catch (error) {
		if (error instanceof DeploymillError) return {};
		throw error;
	}
}

function readText(file: string | undefined, env: NodeJS.ProcessEnv): string | undefined {
	const path = file?.trim();
	if (!path) return undefined;
	try {
		return readBytes(absolutePath(path, env))
			?.toString("utf8")
			.replace(/^\uFEFF/, "");
	} catch {
		// A path that is none is told by whoever reads the settings.
		return undefined;
	}
}

/** Undefined for what is not there, cannot be read, or is no plain file: a pipe would block. */
function readBytes(file: string): Buffer | undefined {
	try {
		const { size } = statSync(file);
		return statSync(file).isFile() && size <= largestFile ? readFileSync(file) : undefined;
	} catch {
		return undefined;
	}
}

function textOf(value: unknown): string | undefined {
	return typeof value === "string" ? value : undefined;
}
