// Finds a registry's login where `docker login` left it: credential helper, credential store, or config.json itself.
import { DeploymillError } from "../errors.ts";
import { askCredentialHelper } from "./credential-helper.ts";
import { type DockerConfig, readDockerConfig } from "./docker-config.ts";
import { asObject } from "./json-object.ts";
import { quote, quoteFile } from "./quote.ts";
import { isSameRegistry, serverAddressOf } from "./registry-name.ts";

/** What a registry is logged in with. `identityToken` stands in place of the password where a login handed one out. */
export interface RegistryLogin {
	username: string;
	password: string;
	/** As docker names the registry: `host[:port]`, for Docker Hub `https://index.docker.io/v1/`. */
	serverAddress: string;
	identityToken?: string;
}

/**
 * What the docker CLI would log in to `registryHost` with, undefined where docker is not logged in there.
 * @throws registry_auth_failed when config.json or the credential helper it names is broken
 */
export async function findDockerLogin(env: NodeJS.ProcessEnv, registryHost: string): Promise<RegistryLogin | undefined> {
	const config = readDockerConfig(env, "registry_auth_failed");
	const serverAddress = serverAddressOf(registryHost);
	const helper = helperFor(config, registryHost);
	const answer = helper === undefined ? undefined : await askCredentialHelper(helper, serverAddress, env);
	return answer ? { ...answer, serverAddress } : loginInFile(config, registryHost);
}

/** A helper for this very registry goes before the store for all. */
function helperFor(config: DockerConfig, registryHost: string): string | undefined {
	const helper = lookUp(config.credHelpers, registryHost) ?? config.credsStore;
	return typeof helper === "string" && helper !== "" ? helper : undefined;
}

function loginInFile(config: DockerConfig, registryHost: string): RegistryLogin | undefined {
	const entry = asObject(lookUp(config.auths, registryHost));
	if (entry === undefined) return undefined;
	const { username, password } = passwordOf(entry, config, registryHost);
	const serverAddress = serverAddressOf(registryHost);
	if (typeof entry.identitytoken === "string" && entry.identitytoken !== "") {
		return { username, password: "", serverAddress, identityToken: entry.identitytoken };
	}
	return username === "" ? undefined : { username, password, serverAddress };
}

/** Either `auth`, which is base64 of `username:password`, or the two apart. An entry may also be empty: a store has them. */
function passwordOf(entry: Record<string, unknown>, config: DockerConfig, registryHost: string): { username: string; password: string } {
	if (typeof entry.auth !== "string" || entry.auth === "") {
		return { username: textOr(entry.username), password: textOr(entry.password) };
	}
	const [, username, password] = /^([^:]+):([\s\S]*)$/.exec(Buffer.from(entry.auth, "base64").toString("utf8")) ?? [];
	if (username === undefined || password === undefined) {
		throw new DeploymillError(
			"registry_auth_failed",
			`auths of ${quoteFile(config.file)}: the auth of ${quote(registryHost)} is not base64 of user:password`,
			{
				hint: "Log in to the registry again with docker login.",
			},
		);
	}
	// Old clients padded the password with NULs.
	return { username, password: password.replace(/\0+$/, "") };
}

/** The entry of a registry: filed under exactly its name, else under any address of it. */
function lookUp(entries: unknown, registryHost: string): unknown {
	const all = Object.entries(asObject(entries) ?? {});
	const exact = all.find(([key]) => key === serverAddressOf(registryHost));
	return (exact ?? all.find(([key]) => isSameRegistry(key, registryHost)))?.[1];
}

function textOr(value: unknown): string {
	return typeof value === "string" ? value : "";
}
