// Parses single settings: text of an environment variable in, typed value or Refusal out.
import { isHostName, isIpAddress, parsePort } from "./host-name.ts";
import { quote } from "./quote.ts";
import { Refusal } from "./refusal.ts";
import { didYouMean } from "./suggestion.ts";

const reservedNetworks = ["host", "bridge", "none", "ingress"];

/** One of a few words. */
export function oneOf<const Word extends string>(...words: Word[]): (text: string) => Word {
	return (text) => {
		const word = words.find((candidate) => candidate === text);
		if (word === undefined) throw new Refusal(`got ${quote(text)}, allowed ${words.join(", ")}${didYouMean(text, words)}`);
		return word;
	};
}

/** A comma-separated list of a few words, each once, in the order given. */
export function someOf<const Word extends string>(...words: Word[]): (text: string) => readonly Word[] {
	const parseWord = oneOf(...words);
	return (text) => {
		const parts = text.split(",").map((part) => part.trim());
		return Object.freeze([...new Set(parts.map(parseWord))]);
	};
}

export function parseBoolean(text: string): boolean {
	if (text === "true" || text === "1") return true;
	if (text === "false" || text === "0") return false;
	throw new Refusal(`got ${quote(text)}, allowed true, false, 1, 0`);
}

export function wholeNumber(lowest: number, highest: number): (text: string) => number {
	return (text) => {
		const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
		if (value >= lowest && value <= highest) return value;
		throw new Refusal(`got ${quote(text)}, expected a whole number ${lowest}-${highest}`);
	};
}

/** Name of a Docker network; Docker's own networks cannot be the one shared with the ingress. */
export function parseNetworkName(text: string): string {
	if (!/^[a-zA-Z0-9][a-zA-Z0-9_.-]{0,127}$/.test(text)) {
		throw new Refusal(`got ${quote(text)}, expected a network name: letters, digits, _ . - and a letter or digit first`);
	}
	if (reservedNetworks.includes(text))
		throw new Refusal(`got ${quote(text)}, which is one of Docker's own networks: name an overlay network`);
	return text;
}

/** Name of something in Traefik's own configuration. It ends up in a label, where a comma or a backtick would change the rule. */
export function parseTraefikName(text: string): string {
	if (!/^[a-zA-Z0-9][\w-]{0,63}$/.test(text)) throw new Refusal(`got ${quote(text)}, expected letters, digits, - and _`);
	return text;
}

/** Host a token is sent to, `host[:port]`, lower-cased. */
export function parseTokenHost(text: string): string {
	const [host = "", port, ...rest] = text.toLowerCase().split(":");
	if (!(isHostName(host) || isIpAddress(host)) || rest.length > 0 || (port !== undefined && parsePort(port) === undefined)) {
		throw new Refusal(`got ${quote(text)}, expected host[:port] without a scheme, e.g. git.example.com`);
	}
	return text.toLowerCase();
}
