// Splits an image reference into its parts, and tells which registry it belongs to.

/** `host:5000/team/app:v1` and `host:5000/team/app@sha256:…`: a colon before the last slash belongs to the host's port. */
export function splitReference(reference: string): { repository: string; tag?: string; digest?: string } {
	const [named = reference, digest] = reference.split("@");
	const colon = named.indexOf(":", named.lastIndexOf("/") + 1);
	const repository = colon < 0 ? named : named.slice(0, colon);
	const tag = colon < 0 ? undefined : named.slice(colon + 1);
	return { repository, ...(tag ? { tag } : {}), ...(digest ? { digest } : {}) };
}

/** `host[:port]` of the registry a reference is of; Docker Hub's where none is named. */
export function registryHost(reference: string): string {
	const [first = "", ...rest] = reference.split("/");
	return rest.length > 0 && /[.:]|^localhost$/.test(first) ? first : dockerHub;
}

/** Whether two hosts (or login addresses) are the same registry. Docker Hub goes by several names. */
export function sameRegistry(a: string, b: string): boolean {
	return canonical(a) === canonical(b);
}

function canonical(address: string): string {
	const host = address
		.toLowerCase()
		.replace(/^https?:\/\//, "")
		.replace(/\/.*$/, "");
	return /^(?:index|registry-1)\.docker\.io$/.test(host) ? dockerHub : host;
}

const dockerHub = "docker.io";
