// Reads the secrets that open registries and repositories, anew at every use, so that rotating one needs no restart.
import { DeploymillError } from "../errors.ts";
import type { Redactor } from "../redact.ts";
import { findDockerLogin, type RegistryLogin } from "./docker-login.ts";
import { isSameRegistry, serverAddressOf } from "./registry-name.ts";
import { readSecret } from "./secret.ts";

/**
 * The login for a registry (`host[:port]`): the DEPLOYMILL_REGISTRY_* variables, else what docker's config.json holds or its
 * credential helper answers. Undefined: there is none, the registry is used without a login.
 * @throws invalid_input when half a login is given; registry_auth_failed when a file or helper does not give what it should
 */
export async function readRegistryCredentials(
	env: NodeJS.ProcessEnv,
	registryHost: string,
	redactor: Redactor,
): Promise<RegistryLogin | undefined> {
	const login = (await environmentLogin(env, registryHost)) ?? (await findDockerLogin(env, registryHost));
	if (login) know(login, redactor);
	return login;
}

/**
 * The login that a build may pull base images with, as the docker CLI would find it: of our own registry the one above, of any other what
 * docker is logged in with there. The DEPLOYMILL_REGISTRY_* variables are for `ownRegistry` alone.
 * @throws as `readRegistryCredentials`
 */
export async function readBaseImageLogin(
	env: NodeJS.ProcessEnv,
	registryHost: string,
	ownRegistry: string | undefined,
	redactor: Redactor,
): Promise<RegistryLogin | undefined> {
	if (ownRegistry !== undefined && isSameRegistry(ownRegistry, registryHost)) return readRegistryCredentials(env, ownRegistry, redactor);
	const login = await findDockerLogin(env, registryHost);
	if (login) know(login, redactor);
	return login;
}

function know(login: RegistryLogin, redactor: Redactor): void {
	redactor.add(login.password, login.identityToken, basicAuthorization(login));
}

/**
 * The token for private repositories over https, undefined where there is none.
 * @throws invalid_input when it is given twice; repo_auth_failed when its file is no use
 */
export async function readGitToken(env: NodeJS.ProcessEnv, redactor: Redactor): Promise<string | undefined> {
	const token = (await readSecret(env, "DEPLOYMILL_GIT_TOKEN", "repo_auth_failed"))?.trim();
	redactor.add(token);
	if (token !== undefined && /[\s\p{Cc}]/u.test(token)) {
		throw new DeploymillError("repo_auth_failed", "DEPLOYMILL_GIT_TOKEN or its file holds more than a token: there is white space in it");
	}
	return token;
}

async function environmentLogin(env: NodeJS.ProcessEnv, registryHost: string): Promise<RegistryLogin | undefined> {
	const username = env.DEPLOYMILL_REGISTRY_USERNAME?.trim();
	const password = await readSecret(env, "DEPLOYMILL_REGISTRY_PASSWORD", "registry_auth_failed");
	if (username && password !== undefined) return { username, password, serverAddress: serverAddressOf(registryHost) };
	if (!username && password === undefined) return undefined;
	throw new DeploymillError("invalid_input", `${missing(username)} is not set, but the other half of the registry's login is`, {
		hint: "Give both in the environment of the deploymill server; or neither, to use docker's own login.",
	});
}

function missing(username: string | undefined): string {
	return username ? "DEPLOYMILL_REGISTRY_PASSWORD (or DEPLOYMILL_REGISTRY_PASSWORD_FILE)" : "DEPLOYMILL_REGISTRY_USERNAME";
}

/** In this form a login travels in headers and stands in config.json. */
function basicAuthorization(login: RegistryLogin): string {
	return Buffer.from(`${login.username}:${login.password}`).toString("base64");
}
