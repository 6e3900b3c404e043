// Puts registry credentials into the form that the Engine API takes them in (X-Registry-Auth, POST /auth).
import type { RegistryCredentials } from "../../engine/ports/swarm.ts";

/** In the Engine API's own words. An identity token stands in place of the password: sent beside one, the password wins. */
export type AuthConfig = { serveraddress: string } & ({ username: string; password: string } | { identitytoken: string });

export function authConfig({ username, password, serverAddress, identityToken }: RegistryCredentials): AuthConfig {
	const serveraddress = serverAddress;
	return identityToken ? { identitytoken: identityToken, serveraddress } : { username, password, serveraddress };
}

/** Nothing without credentials, so that the header is not sent at all. */
export function registryAuth(credentials: RegistryCredentials | undefined): { authconfig?: AuthConfig } {
	return credentials ? { authconfig: authConfig(credentials) } : {};
}
