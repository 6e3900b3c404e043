// Parses the address that probes connect to in place of what DNS says.
import { isIPv6 } from "node:net";
import { isHostName, isIpAddress, parsePort } from "./host-name.ts";
import { quote } from "./quote.ts";
import { Refusal } from "./refusal.ts";

/** `host` is a host name or an IP address, IPv6 without brackets. */
export interface EdgeAddress {
	readonly host: string;
	readonly port: number;
}

/** Reads `host:port` or `[ipv6]:port`. */
export function parseEdgeAddress(text: string): EdgeAddress {
	const bracketed = /^\[(.+)\]:(\d+)$/.exec(text);
	const [, host = "", digits = ""] = bracketed ?? /^([^:]+):(\d+)$/.exec(text) ?? [];
	const port = parsePort(digits);
	const known = bracketed ? isIPv6(host) : isHostName(host.toLowerCase()) || isIpAddress(host);
	if (!known || port === undefined) {
		throw new Refusal(`got ${quote(text)}, expected host:port without a scheme, an IPv6 address in brackets: [::1]:443`);
	}
	return Object.freeze({ host: host.toLowerCase(), port });
}
