// Parses the address of the registry that images are pushed to, as docker reads image references.
import { isIPv6 } from "node:net";
import { isHostName, isIpAddress, parsePort } from "./host-name.ts";
import { quote } from "./quote.ts";
import { Refusal } from "./refusal.ts";
import { dockerHub, registryNamed } from "./registry-name.ts";

export interface RegistryAddress {
	/** `host[:port]`, what credentials belong to. */
	readonly host: string;
	/** Path in front of every repository, e.g. `acme/apps`. */
	readonly namespace?: string;
	/** `host[:port][/namespace]`: repositories are this, a slash and the application's id. */
	readonly prefix: string;
}

const pathComponent = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*$/;
/** A reference's name may have 255 characters; the rest is left to the application's id. */
const longestPrefix = 180;

/** Reads `host[:port][/namespace]`. The host is lower-cased. */
export function parseRegistryAddress(text: string): RegistryAddress {
	// Whoever writes a password here must not find it in a log.
	const shown = quote(text.includes("@") ? `***${text.slice(text.lastIndexOf("@"))}` : text);
	const refuse = (why: string) => new Refusal(`got ${shown}, ${why}`);
	if (text.includes("@")) throw refuse("expected no credentials: use DEPLOYMILL_REGISTRY_USERNAME and DEPLOYMILL_REGISTRY_PASSWORD_FILE");
	if (text.includes("://")) throw refuse(`expected no scheme: write ${quote(text.replace(/^.*?:\/\//, "").replace(/\/+$/, ""))}`);
	const [rawHost = "", ...path] = text.split("/");
	const host = registryNamed(rawHost);
	if (!isRegistryHost(host)) throw refuse("expected host[:port][/namespace], e.g. registry.example.com:5000/apps");
	// Docker takes a first part without dot, port or "localhost" for a Docker Hub user.
	if (!/[.:]/.test(host) && host !== "localhost") throw refuse(`which docker reads as a Docker Hub user: write docker.io/${host}`);
	if (text.length > longestPrefix) throw refuse(`expected at most ${longestPrefix} characters`);
	if (!path.every((component) => pathComponent.test(component))) {
		throw refuse("expected a namespace of lower-case letters and digits, with . _ - between them and / between its parts");
	}
	if (host === dockerHub && path.length === 0) throw refuse("expected your Docker Hub user or organisation too: docker.io/NAME");
	const namespace = path.join("/");
	return Object.freeze({ host, ...(namespace ? { namespace } : {}), prefix: namespace ? `${host}/${namespace}` : host });
}

function isRegistryHost(text: string): boolean {
	const [, bracketed, plain = "", port] = /^(?:\[([^\]]*)\]|([^:]*))(?::(.*))?$/.exec(text) ?? [];
	if (port !== undefined && parsePort(port) === undefined) return false;
	return bracketed === undefined ? isHostName(plain) || isIpAddress(plain) : isIPv6(bracketed);
}
