// Describes a registry's login, and lists the names a registry goes by: host, address, and Docker Hub's old one.

/** What a registry is logged in with. `identityToken` stands in place of the password where a login handed one out. */
export interface RegistryLogin {
	username: string;
	password: string;
	/** As docker names the registry: `host[:port]`, for Docker Hub `https://index.docker.io/v1/`. */
	serverAddress: string;
	identityToken?: string;
}

const dockerHubAddress = "https://index.docker.io/v1/";
const dockerHubHosts = ["docker.io", "index.docker.io", "registry-1.docker.io"];

/** The name docker files a registry's login under. */
export function serverAddressOf(registryHost: string): string {
	return dockerHubHosts.includes(registryHost) ? dockerHubAddress : registryHost;
}

/** Whether a key of docker's config (`host[:port]`, or an http(s) address with any path) means this registry. */
export function namesRegistry(key: string, registryHost: string): boolean {
	return plainHost(key) === plainHost(registryHost);
}

function plainHost(key: string): string {
	const host = key
		.toLowerCase()
		.replace(/^https?:\/\//, "")
		.replace(/\/.*$/, "");
	return dockerHubHosts.includes(host) ? "docker.io" : host;
}
