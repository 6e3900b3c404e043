// Parses hosts of repositories: which are allowed and which gets the token; and normalises a host so that two can be compared.
import { isHostName, isIpAddress, parsePort } from "./host-name.ts";
import { quote } from "./quote.ts";
import { Refusal } from "./refusal.ts";

/** A comma-separated list of `host` or `host:port`, each once; undefined for `any`. IPv6 addresses stand in brackets. */
export function parseGitHosts(text: string): readonly string[] | undefined {
	if (text.toLowerCase() === "any") return undefined;
	return Object.freeze([...new Set(text.split(",").map((part) => parseGitHost(part.trim())))]);
}

/** Lower-cased, and an address of any spelling (`0x7f000001`, `[0:0::1]`) as URL parsers write it (`127.0.0.1`, `[::1]`). */
export function canonicalHost(host: string): string {
	return URL.parse(`http://${host}/`)?.hostname ?? host.toLowerCase();
}

/** Host a token is sent to, `host[:port]`, lower-cased. */
export function parseTokenHost(text: string): string {
	const [host = "", port, ...rest] = text.toLowerCase().split(":");
	if (!(isHostName(host) || isIpAddress(host)) || rest.length > 0 || (port !== undefined && parsePort(port) === undefined)) {
		throw new Refusal(`got ${quote(text)}, expected host[:port] without a scheme, e.g. git.example.com`);
	}
	return text.toLowerCase();
}

function parseGitHost(text: string): string {
	const [, host = "", port] = /^(\[[\da-fA-F:.]+\]|[^:]*)(?::(.*))?$/s.exec(text) ?? [];
	const known = isHostName(host.toLowerCase()) || isIpAddress(host);
	if (known && (port === undefined || parsePort(port) !== undefined)) {
		return `${canonicalHost(host)}${port === undefined ? "" : `:${Number(port)}`}`;
	}
	throw new Refusal(
		`got ${quote(text)}, expected a comma list of host or host:port without a scheme, e.g. github.com,git.example.com:8443`,
	);
}
