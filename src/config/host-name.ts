// Owns what a host name is: labels of letters, digits and hyphens, and the addresses that are none.
import { isIP } from "node:net";

const label = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;
const longestHostName = 253;

/** Whether lower-cased text is a host name by its form. An IP address is none. */
export function isHostName(host: string): boolean {
	if (host.length === 0 || host.length > longestHostName) return false;
	const labels = host.split(".");
	// Browsers and URL parsers read a last label of digits as the end of an IPv4 address.
	return labels.every((part) => label.test(part)) && !/^\d+$/.test(labels.at(-1) ?? "");
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
