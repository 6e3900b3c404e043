// Reads caddy-docker-proxy's labels: the addresses of sites, and the hosts that matchers within a site are for.
import type { HostClaim } from "./host-claim.ts";
import { nameMatcher } from "./host-pattern.ts";

/** `caddy`, `caddy_0`, …; `caddy.address` is what the first version had. */
const siteLabel = /^caddy(?:_\d+)?(?:\.address)?$/;
/** A named matcher, and what stands below it: `caddy.1_@admin`, `caddy.@admin.host`. */
const matcherLabel = /^caddy(?:_\d+)?\.(?:.*\.)?(?:\d+_)?@[^.]*(?:\.(.*))?$/;

const longestLabel = 8192;

/** An address without a host: a port, or a scheme. */
const everyHost = "*";

/** Templates of Go, placeholders and environment of Caddy. */
const placeholder = /\{\{[^{}]*\}\}|\{[^{}]*\}/g;

/** None for a label that names no host. */
export function caddyClaims(label: string, value: string): HostClaim[] {
	if (!/^caddy(?:[._]|$)/.test(label)) return [];
	if (label.length + value.length > longestLabel) return [{ label, covers: () => "unsure" }];
	const matcher = matcherLabel.exec(label);
	if (!matcher && !siteLabel.test(label)) return [];
	// A brace that is left over begins something that is not read here.
	if (/[{}]/.test(value.replace(placeholder, ""))) return [{ label, covers: () => "unsure" }];
	if (matcher && isPatternOfHosts(matcher[1], value)) return [{ label, covers: () => "unsure" }];
	const names = matcher ? hostsOfMatcher(matcher[1], value) : wordsOf(value).flatMap(hostOfAddress);
	return names.map((name) => ({ label, covers: name === everyHost ? () => "every" : nameMatcher(name) }));
}

function wordsOf(value: string): string[] {
	const words = value.replace(placeholder, "{}").match(/[^\s,]+/g) ?? [];
	return words.map((word) => word.replace(/["`]/g, ""));
}

/** `[scheme://][host][:port][/path]`; none for a snippet `(name)`, a named route `&(name)` and an IPv6 address. */
function hostOfAddress(address: string): string[] {
	if (/^&?\(/.test(address)) return [];
	const host = address
		.replace(/^[a-z][a-z0-9+.-]*:\/\//i, "")
		.replace(/\/.*$/, "")
		.replace(/:[\d{}-]*$/, "");
	return host.startsWith("[") ? [] : [host === "" ? everyHost : host];
}

/** Matchers that are not about the host. */
const otherMatchers = new Set(["path", "path_regexp", "method", "remote_ip", "client_ip", "query", "protocol", "file"]);

function kindOf(below: string | undefined, value: string): string | undefined {
	return below === undefined ? wordsOf(value)[0] : below.replace(/^.*\./, "").replace(/^\d+_/, "");
}

/** A regular expression, or a condition that is more than equal, on the host: which hosts it means is not read here. */
function isPatternOfHosts(below: string | undefined, value: string): boolean {
	if (!/host/i.test(value)) return false;
	const kind = kindOf(below, value) ?? "";
	if (/regexp$/.test(kind)) return kind !== "path_regexp";
	return kind === "expression" && /!|\b(?:endsWith|startsWith|contains|matches|in)\b/.test(value);
}

/** @param below what stands below the matcher's name in the label's key */
function hostsOfMatcher(below: string | undefined, value: string): string[] {
	const words = wordsOf(value);
	const kind = kindOf(below, value);
	if (kind === "host") return below === undefined ? words.slice(1) : words;
	// An expression, a header: every word that may be a host name counts.
	return kind !== undefined && otherMatchers.has(kind) ? [] : (value.match(/[a-z0-9*-]+(?:\.[a-z0-9*-]+)+/gi) ?? []);
}
