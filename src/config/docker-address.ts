// Parses addresses of Docker endpoints: which schemes there are, and their full form.
import { isIPv6 } from "node:net";
import { isHostName, isIpAddress, parsePort } from "./host-name.ts";
import { quote } from "./quote.ts";
import { Refusal } from "./refusal.ts";

const defaultSocket = "unix:///var/run/docker.sock";
const defaultPipe = "npipe:////./pipe/docker_engine";

/** Where docker listens when nobody says anything else. */
export const defaultDockerAddress = process.platform === "win32" ? defaultPipe : defaultSocket;

const schemes = "unix://, tcp://, ssh://, http://, https:// or npipe://";
const userName = /^[A-Za-z_][A-Za-z0-9_.-]*$/;

/** Checks an address and completes it: `10.0.0.1` becomes `tcp://10.0.0.1:2375`. */
export function parseDockerAddress(text: string, withTls: boolean): string {
	if (/[\s\p{C}]/u.test(text)) throw refusal(text, `expected ${schemes} and an address without spaces`);
	const [, scheme = "tcp", rest = ""] = /^(?:([a-z][a-z0-9+.-]*):\/\/)?(.*)$/i.exec(text) ?? [];
	switch (scheme.toLowerCase()) {
		case "unix":
			return unixAddress(text, rest);
		case "npipe":
			return rest === "" ? defaultPipe : `npipe://${rest}`;
		case "ssh":
			return sshAddress(text, rest);
		case "tcp":
			return `tcp://${hostAndPort(text, rest, withTls ? "2376" : "2375")}`;
		case "http":
			return `http://${hostAndPort(text, rest, "2375")}`;
		case "https":
			return `https://${hostAndPort(text, rest, "2376")}`;
		default:
			throw refusal(text, `expected ${schemes}`);
	}
}

function unixAddress(text: string, path: string): string {
	if (path === "") return defaultSocket;
	if (!path.startsWith("/")) throw refusal(text, "expected unix:// and an absolute path, e.g. unix:///var/run/docker.sock");
	return `unix://${path}`;
}

/** `user@host[:port][/socket]`. Nothing of it may begin with a hyphen, which ssh would take for an option. */
function sshAddress(text: string, rest: string): string {
	const [, user, host = "", port, path = ""] = /^(?:([^@/]*)@)?(\[[^\]]*\]|[^:/@]*)(?::([^/]*))?(\/.*)?$/.exec(rest) ?? [];
	if (user?.includes(":")) throw refusal(text, "expected no password: ssh uses your keys and agent");
	// Aliases of ssh_config may have an underscore.
	const known = isIpAddress(host) || isHostName(host.toLowerCase().replace(/(?<=[a-z0-9])_(?=[a-z0-9])/g, "-"));
	if (!known || (user !== undefined && !userName.test(user)) || (port !== undefined && parsePort(port) === undefined)) {
		throw refusal(text, "expected ssh://[user@]host[:port]");
	}
	if (!/^[\w./-]*$/.test(path)) throw refusal(text, "expected a plain path behind the host, or none");
	return `ssh://${user === undefined ? "" : `${user}@`}${host}${port === undefined ? "" : `:${port}`}${path === "/" ? "" : path}`;
}

function hostAndPort(text: string, rest: string, defaultPort: string): string {
	const address = rest.replace(/\/$/, "");
	const [, bracketed, plain = "", port = defaultPort] = /^(?:\[([^\]]*)\]|([^:/@]+))(?::(\d+))?$/.exec(address) ?? [];
	const known = bracketed === undefined ? isHostName(plain.toLowerCase()) || isIpAddress(plain) : isIPv6(bracketed);
	if (!known || parsePort(port) === undefined) throw refusal(text, "expected host:port behind the scheme, an IPv6 address in brackets");
	return `${bracketed === undefined ? plain : `[${bracketed}]`}:${port}`;
}

/** Shows the address without a password somebody may have put in. */
function refusal(text: string, expected: string): Refusal {
	return new Refusal(`got ${quote(text.replace(/\/\/[^@]*:[^@]*@/, "//***@"))}, ${expected}`);
}
