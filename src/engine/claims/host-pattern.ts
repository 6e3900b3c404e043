// Tells whether a pattern that an ingress is given for host names covers a certain host: names, wildcards, placeholders, regular expressions.
import { domainToASCII } from "node:url";
import { RE2JS } from "re2js";

/** `unsure`: it depends on what is not to be read here. */
export type Coverage = "no" | "yes" | "unsure";

/** Tells of a host, lower-cased ASCII. */
export type HostMatcher = (host: string) => Coverage;

/** Longer ones are not looked into: RE2 takes time in proportion to an expression, and one of this length takes 60 ms at worst. */
const longestPattern = 300;

/** Go templates, Caddy's placeholders and environment, a shell's: their text comes from elsewhere. */
const placeholder = /\{\{[^{}]*\}\}|\$?\{[^{}]*\}|\$[A-Za-z_]\w*/;
const variable = new RegExp(`${placeholder.source}|\\*\\*|\\*`, "g");

/**
 * A name as Traefik's `Host` and Caddy's addresses take it: in any case, with a dot at the end or without. `*` stands for one label,
 * `**` for any number of them, and `*` alone for every host.
 */
export function nameMatcher(name: string): HostMatcher {
	const trimmed = name.trim().replace(/\.$/, "");
	if (trimmed.length > longestPattern) return () => "unsure";
	const found = placeholder.test(trimmed) ? "unsure" : "yes";
	if (found === "yes" && !trimmed.includes("*")) {
		const ascii = asciiOf(trimmed);
		return (host) => (host === ascii ? "yes" : "no");
	}
	const pattern = namePattern(trimmed);
	return (host) => (matches(pattern, host) ? found : "no");
}

/**
 * A value of Traefik's `HostRegexp`. Version 3 takes a regular expression that may match anywhere; version 2 takes a name with
 * `{label:expression}` in it that matches the whole. Nobody says which one is meant, so either counts.
 */
export function expressionMatcher(expression: string): HostMatcher {
	if (expression.length > longestPattern) return () => "unsure";
	const anywhere = compile(expression);
	const braced = bracedPattern(expression);
	const whole = braced === undefined ? undefined : compile(braced);
	const otherwise = anywhere ? "no" : "unsure";
	return (host) => ([anywhere, whole].some((pattern) => pattern && matches(pattern, host)) ? "yes" : otherwise);
}

export function surest(coverages: Coverage[]): Coverage {
	if (coverages.includes("yes")) return "yes";
	return coverages.includes("unsure") ? "unsure" : "no";
}

function namePattern(name: string): RE2JS {
	if (name === "*") return RE2JS.compile(".+");
	const parts: string[] = [];
	let end = 0;
	for (const { 0: text, index } of name.matchAll(variable)) {
		parts.push(RE2JS.quote(name.slice(end, index)), wildcards[text] ?? ".*");
		end = index + text.length;
	}
	return RE2JS.compile(`^${parts.join("")}${RE2JS.quote(name.slice(end))}$`, RE2JS.CASE_INSENSITIVE);
}

const wildcards: Record<string, string> = { "*": "[^.]+", "**": ".+" };

/** Undefined for what version 2 would refuse. */
function bracedPattern(template: string): string | undefined {
	let pattern = "";
	let depth = 0;
	let start = 0;
	for (let at = 0; at < template.length; at++) {
		if (template[at] === "{" && depth++ === 0) {
			pattern += RE2JS.quote(template.slice(start, at));
			start = at + 1;
		} else if (template[at] === "}" && --depth === 0) {
			pattern += labelPattern(template.slice(start, at));
			start = at + 1;
		}
		if (depth < 0) return undefined;
	}
	return depth === 0 ? `^${pattern}${RE2JS.quote(template.slice(start))}$` : undefined;
}

/** `name:expression`, or a name alone, which stands for one label. */
function labelPattern(text: string): string {
	const colon = text.indexOf(":");
	return colon < 0 ? "[^.]+" : `(?:${text.slice(colon + 1)})`;
}

function compile(pattern: string): RE2JS | undefined {
	try {
		return RE2JS.compile(pattern, RE2JS.CASE_INSENSITIVE);
	} catch {
		// Not an expression that RE2, and so an ingress written in Go, can read.
		return undefined;
	}
}

function matches(pattern: RE2JS, host: string): boolean {
	return pattern.matcher(host).find();
}

function asciiOf(name: string): string {
	return /[^\0-\x7f]/.test(name) ? domainToASCII(name) : name.toLowerCase();
}
