// Decides which repository addresses git is given: their form, their protocol, their host, and that they carry no password.
import { canonicalHost } from "../../config/git-host.ts";
import { DeploymillError } from "../../errors.ts";

/** What the server's settings allow. */
export interface AddressRules {
	/** Of `https`, `http`, `ssh`, `file`. */
	protocols: readonly string[];
	/** `host` (on any port) or `host:port`, lower-cased. Undefined: any. Local repositories have no host. */
	hosts?: readonly string[] | undefined;
}

export interface RepositoryAddress {
	/** As git is given it. */
	url: string;
	protocol: string;
	/** Of http and https addresses: `host[:port]`, lower-cased, the protocol's own port left out. */
	host?: string;
}

const known = new Set(["https", "http", "ssh", "file"]);
/** `user@host:path`, ssh's short form. Neither user, host nor path can be taken for an option. */
const shortForm = /^\w[\w.+-]*@(?:\w[\w.-]*|\[[\da-f:.]+\]):[^-:\s][^\s]*$/i;
const userAndHost = /^(?:\w[\w.+-]*@)?(?:\w[\w.-]*|\[[\da-f:.]+\])(?::\d+)?$/i;
/** A password before the host, in the long form and in the short one. */
const password = /^[a-z][a-z0-9+.-]*:\/\/[^/]*:[^/]*@|^[^/@]+:[^/@]*@/i;
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for
const unfit = /[\u0000-\u001f\u007f-\u009f\\]|\p{Cf}|\p{Zl}|\p{Zp}/u;

/** Where no port is given. */
const usualPorts: Record<string, string> = { https: "443", http: "80", ssh: "22" };

/**
 * Reads the address of a repository: `https://`, `http://`, `ssh://`, `git@host:path`, `file:///` or an absolute path, where
 * the protocol and the host are allowed. Nothing of an address that is refused is echoed but the name of its protocol.
 *
 * @throws repo_not_allowed
 */
export function parseRepositoryAddress(text: string, rules: AddressRules): RepositoryAddress {
	const allowed = rules.protocols;
	if (text.length > 2048 || text.startsWith("-") || unfit.test(text)) throw refuse("the address is not one of a git repository", allowed);
	if (password.test(text)) throw refuseCredentials(allowed);
	const protocol = protocolOf(text);
	if (!protocol) throw refuse("the address is neither a URL, user@host:path nor an absolute path", allowed);
	if (!known.has(protocol) || !allowed.includes(protocol)) {
		const details = { protocol, allowed: [...allowed] };
		throw refuse(`the protocol ${protocol} is not allowed for repositories; allowed are ${allowed.join(", ")}`, allowed, details);
	}
	if (protocol === "file") return localAddress(text, allowed);
	return protocol === "ssh" ? sshAddress(text, rules) : webAddress(text, protocol, rules);
}

/** `ext::command` and its like come first: git would run them. */
function protocolOf(text: string): string | undefined {
	const scheme = /^([a-z][a-z0-9+.-]{0,19})(?:::|:\/\/)/i.exec(text)?.[1];
	if (scheme) return scheme.toLowerCase();
	if (text.startsWith("/")) return "file";
	return shortForm.test(text) ? "ssh" : undefined;
}

/** Git is given the address as it was parsed here, so that both see the same host in it. */
function webAddress(text: string, protocol: string, rules: AddressRules): RepositoryAddress {
	const allowed = rules.protocols;
	const url = URL.parse(text);
	if (!url || !/^https?:\/\/[^/\s][^\s]*$/i.test(text)) throw refuse(`the ${protocol} address is malformed`, allowed);
	// A user name alone is refused too: over https it is as often a token.
	if (url.username || url.password) throw refuseCredentials(allowed);
	if (url.search || url.hash) throw refuse(`the ${protocol} address has a query or a fragment, which repositories do not have`, allowed);
	checkHost(url.hostname, url.port, protocol, rules);
	return { url: url.href, protocol, host: url.host };
}

function sshAddress(text: string, rules: AddressRules): RepositoryAddress {
	const authority = /^ssh:\/\/([^/]+)\/[^\s]+$/i.exec(text)?.[1];
	const fits = authority === undefined ? shortForm.test(text) : userAndHost.test(authority);
	if (!fits) throw refuse("the ssh address is malformed", rules.protocols);
	const [host, port] = sshHost(authority ?? text);
	checkHost(host, port, "ssh", rules);
	return { url: text, protocol: "ssh" };
}

/** As git reads it: also `[host:port]` in brackets. @param text begins with what was found to be user and host */
function sshHost(text: string): [host: string, port: string] {
	const [, bracketed, plain = "", port = ""] = /^(?:[^@]*@)?(?:\[([^\]]*)\]|([^:]*))(?::(\d+)$)?/.exec(text) ?? [];
	if (bracketed === undefined) return [plain, port];
	const [, host, inner] = /^([^:]*):(\d+)$/.exec(bracketed) ?? [];
	return host === undefined || inner === undefined ? [`[${bracketed}]`, port] : [host, inner];
}

function localAddress(text: string, allowed: readonly string[]): RepositoryAddress {
	if (!text.startsWith("/") && !/^file:\/\/\//i.test(text)) throw refuse("a file address names no host: file:///path", allowed);
	return { url: text, protocol: "file" };
}

function checkHost(host: string, port: string, protocol: string, { hosts }: AddressRules): void {
	if (!hosts) return;
	const name = canonicalHost(host);
	if (hosts.includes(name) || hosts.includes(`${name}:${port || usualPorts[protocol]}`)) return;
	const message = `the address's host is not one that repositories may be on; allowed are ${hosts.join(", ")} (DEPLOYMILL_GIT_HOSTS)`;
	throw new DeploymillError("repo_not_allowed", message, {
		hint: "Use a repository on one of these hosts. The operator of the server may add a host to DEPLOYMILL_GIT_HOSTS.",
		details: { allowedHosts: [...hosts] },
	});
}

function refuseCredentials(allowed: readonly string[]): DeploymillError {
	return new DeploymillError("repo_not_allowed", "the address holds a user name or password, which would be stored and shown", {
		hint: "Remove it from the address. For private https repositories set DEPLOYMILL_GIT_TOKEN on the server, or use an ssh address.",
		details: { allowed: [...allowed] },
	});
}

function refuse(message: string, allowed: readonly string[], details?: Record<string, unknown>): DeploymillError {
	return new DeploymillError("repo_not_allowed", message, { details: details ?? { allowed: [...allowed] } });
}
