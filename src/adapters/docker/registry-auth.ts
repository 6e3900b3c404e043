// Owns how registry credentials are put into the Engine API's X-Registry-Auth header.
import type { RegistryCredentials } from "../../engine/ports/swarm.ts";

interface RegistryAuth {
	authconfig?: { username: string; password: string; serveraddress: string };
}

/** Nothing without credentials, so that the header is not sent at all. */
export function registryAuth(credentials: RegistryCredentials | undefined): RegistryAuth {
	if (!credentials) return {};
	const { username, password, serverAddress } = credentials;
	return { authconfig: { username, password, serveraddress: serverAddress } };
}
