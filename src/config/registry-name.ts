// Tells which registry a name means: a host, or the address that docker files its login under. Docker Hub goes by several.

/** Where references without a host go. */
export const dockerHub = "docker.io";

const dockerHubHosts = [dockerHub, "index.docker.io", "registry-1.docker.io"];
const dockerHubAddress = "https://index.docker.io/v1/";

/** `host[:port]`, lower-cased, of a host or of an http(s) address with any path; Docker Hub's one name for all that it has. */
export function registryNamed(name: string): string {
	const host = name
		.toLowerCase()
		.replace(/^https?:\/\//, "")
		.replace(/\/.*$/, "");
	return dockerHubHosts.includes(host) ? dockerHub : host;
}

export function isSameRegistry(one: string, other: string): boolean {
	return registryNamed(one) === registryNamed(other);
}

/** The name docker files a registry's login under. */
export function serverAddressOf(registryHost: string): string {
	return registryNamed(registryHost) === dockerHub ? dockerHubAddress : registryHost;
}
