// Reads host names of applications: their one written form, and what is refused.
import { domainToASCII } from "node:url";
import { isHostName, isIpAddress, isLoopbackName, urlHost } from "./host-name.ts";
import { quote } from "./quote.ts";
import { Refusal } from "./refusal.ts";

/** Lower-cased host name without a trailing dot, international names in their ASCII form (`xn--…`). */
export function parseDomainName(text: string): string {
	const host = text.trim();
	const refuse = (why: string) => new Refusal(`got ${quote(text)}, ${why}`);
	if (/^[a-z][a-z0-9+.-]*:\/\//i.test(host)) throw refuse("expected a host name without a scheme, e.g. app.example.com");
	if (isIpAddress(host)) throw refuse("expected a host name, not an IP address");
	if (host.includes("*")) throw refuse("wildcards are not supported: name every host");
	if (/[/?#]/.test(host)) throw refuse("expected a host name without a path");
	if (/^[^:]+:\d+$/.test(host)) throw refuse("expected a host name without a port");
	const ascii = toAscii(host).replace(/\.$/, "");
	const address = urlHost(ascii);
	if (ascii !== "" && address !== undefined && isIpAddress(address))
		throw refuse(`which is another way to write the IP address ${address}`);
	if (isLoopbackName(ascii)) throw refuse("a name by which every machine means itself");
	if (!isHostName(ascii)) {
		throw refuse(
			"expected a host name such as app.example.com: labels of letters, digits and inner hyphens, 63 characters a label, 253 in all",
		);
	}
	return ascii;
}

/** Empty for what cannot be a host name. ASCII is kept from the URL parser, which would decode `%41` and read `1.2` as an IP. */
function toAscii(host: string): string {
	if (/[^A-Za-z0-9.-]/.test(host.replace(/[\u0080-\u{10ffff}]/gu, ""))) return "";
	const ascii = /[\u0080-\u{10ffff}]/u.test(host) || /(^|\.)xn--/i.test(host) ? domainToASCII(host) : host;
	return isIpAddress(ascii) ? "" : ascii.toLowerCase();
}
