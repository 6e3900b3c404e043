// Checks host names: labels of letters, digits and hyphens, and no IP address in any notation.
import { isIP } from "node:net";

const label = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;
const longestHostName = 253;

/** Whether lower-cased text is a host name by its form. An IP address is none, and neither is what a URL parser reads as one. */
export function isHostName(host: string): boolean {
	if (host.length === 0 || host.length > longestHostName) return false;
	return host.split(".").every((part) => label.test(part)) && isReadAsWritten(host);
}

/**
 * Browsers, curl and URL parsers take `0x7f000001`, `127.1` and `0177.0.0.1` for IPv4 addresses, and refuse `app.0x1`: a last
 * label that is a number, in any writing, ends an address.
 */
function isReadAsWritten(host: string): boolean {
	if (/(?:^|\.)(?:\d+|0x[0-9a-f]*)$/.test(host)) return false;
	return urlHost(host) === host;
}

/** What a URL parser makes of a host; undefined where it makes nothing. */
export function urlHost(host: string): string | undefined {
	const url = `http://${host}/`;
	return URL.canParse(url) ? new URL(url).hostname : undefined;
}

/** Whether a lower-cased host name is one that machines have for themselves, whatever DNS says. */
export function isLoopbackName(host: string): boolean {
	return /^(?:localhost[46]?|ip6-localhost|ip6-loopback|loopback)$|(?:^|\.)localhost$|^localhost[46]?\.localdomain[46]?$/.test(host);
}

/** Whether text is an IP address, IPv6 with or without brackets. */
export function isIpAddress(host: string): boolean {
	return isIP(host.replace(/^\[(.*)\]$/, "$1")) !== 0;
}

/** The port that digits name, undefined when they name none. */
export function parsePort(text: string): number | undefined {
	if (!/^\d{1,5}$/.test(text)) return undefined;
	const port = Number(text);
	return port >= 1 && port <= 65535 ? port : undefined;
}
