// Tells which response headers an app may name its release in: those that mean nothing to whatever stands between it and the prober.
import { quote } from "./quote.ts";
import { Refusal } from "./refusal.ts";

const longestName = 64;

/**
 * Fields of HTTP that a proxy takes away or writes itself, that browsers and caches act on, or that carry a secret. A release named in
 * one of them would get lost on its way, or change what becomes of the answer.
 */
const spokenFor = new Set([
	...["connection", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade", "http2-settings"],
	...["host", "forwarded", "via", "server", "date", "status", "age", "warning", "expect", "alt-svc", "early-data"],
	...["location", "refresh", "link", "allow", "vary", "etag", "expires", "pragma", "last-modified", "accept-ranges", "retry-after"],
	...["cookie", "set-cookie", "authorization", "www-authenticate", "authentication-info", "clear-site-data"],
	...["strict-transport-security", "public-key-pins", "expect-ct", "referrer-policy", "permissions-policy", "feature-policy", "origin"],
	...["nel", "report-to", "reporting-endpoints", "server-timing", "timing-allow-origin", "sourcemap", "x-frame-options", "x-sendfile"],
]);

/** The same of whole families: `x-accel-` are orders to nginx, `x-litespeed-` to LiteSpeed. */
const spokenForPrefixes = [
	...["content-", "cache-", "cdn-", "surrogate-", "proxy-", "access-control-", "cross-origin-", "sec-", "if-", "accept-"],
	...["x-accel-", "x-litespeed-", "x-forwarded-", "x-content-", "x-xss-", "x-dns-"],
];

/** Lower-cased, as header names compare. Letters, digits and hyphens alone: proxies drop names with `_`. */
export function parseReleaseHeader(text: string): string {
	const refuse = (why: string) => new Refusal(`got ${quote(text)}, ${why}`);
	if (text.length > longestName) throw refuse(`expected at most ${longestName} characters`);
	if (!/^[A-Za-z](?:[A-Za-z0-9-]*[A-Za-z0-9])?$/.test(text)) {
		throw refuse("expected a header name of letters, digits and -, beginning with a letter, e.g. X-Release");
	}
	const name = text.toLowerCase();
	if (spokenFor.has(name) || spokenForPrefixes.some((prefix) => name.startsWith(prefix))) {
		throw refuse("which has a meaning of its own on the way to the app; choose a name that nobody else uses, e.g. X-Release");
	}
	return name;
}
