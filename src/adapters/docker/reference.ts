// Splits an image reference into its parts, and tells which registry it belongs to.
import { dockerHub } from "../../config/registry-name.ts";

/** `host:5000/team/app:v1` and `host:5000/team/app@sha256:…`: a colon before the last slash belongs to the host's port. */
export function splitReference(reference: string): { repository: string; tag?: string; digest?: string } {
	const [named = reference, digest] = reference.split("@");
	const colon = named.indexOf(":", named.lastIndexOf("/") + 1);
	const repository = colon < 0 ? named : named.slice(0, colon);
	const tag = colon < 0 ? undefined : named.slice(colon + 1);
	return { repository, ...(tag ? { tag } : {}), ...(digest ? { digest } : {}) };
}

/** `host[:port]` of the registry a reference is of; Docker Hub's where none is named. */
export function registryOf(reference: string): string {
	const [first = "", ...rest] = reference.split("/");
	return rest.length > 0 && /[.:]|^localhost$/.test(first) ? first : dockerHub;
}
