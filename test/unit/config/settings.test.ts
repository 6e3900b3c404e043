import { homedir } from "node:os";
import { expect, test } from "vitest";
import { readSettings } from "../../../src/config/settings.ts";
import { settingNames } from "../../../src/config/settings-schema.ts";
import { DeploymillError } from "../../../src/errors.ts";

const home = { HOME: "/home/ada", PATH: "/usr/bin" };

function failure(env: NodeJS.ProcessEnv): DeploymillError {
	try {
		readSettings({ ...home, ...env });
	} catch (error) {
		if (error instanceof DeploymillError) return error;
		throw error;
	}
	throw new Error("the settings were taken");
}

test("defaults, from an environment that holds only HOME and PATH", () => {
	expect(readSettings(home)).toEqual({
		dataFolder: "/home/ada/.local/share/deploymill",
		keyFile: "/home/ada/.local/share/deploymill/key",
		registry: undefined,
		network: "deploymill",
		endpointMode: "vip",
		ingress: { kind: "traefik", traefikEntrypoint: "websecure", traefikCertResolver: "letsencrypt" },
		edge: { scheme: "https", address: undefined },
		git: { protocols: ["https", "ssh"], tokenHost: "github.com" },
		keepRollbacks: 10,
		readOnly: false,
		approve: [],
		maxFailedDeploys: 5,
		notify: undefined,
		logLevel: "info",
	});
});

test("every setting", () => {
	const settings = readSettings({
		...home,
		DEPLOYMILL_DATA_DIR: "/srv/deploymill",
		DEPLOYMILL_KEY_FILE: "~/key",
		DEPLOYMILL_REGISTRY: "Registry.example.com:5000/acme/apps",
		DEPLOYMILL_REGISTRY_USERNAME: "ada",
		DEPLOYMILL_REGISTRY_PASSWORD: "correct horse",
		DEPLOYMILL_NETWORK: "edge",
		DEPLOYMILL_ENDPOINT_MODE: "dnsrr",
		DEPLOYMILL_INGRESS: "caddy",
		DEPLOYMILL_TRAEFIK_ENTRYPOINT: "web",
		DEPLOYMILL_TRAEFIK_CERT_RESOLVER: "zero_ssl",
		DEPLOYMILL_EDGE_SCHEME: "http",
		DEPLOYMILL_EDGE_ADDRESS: "[::1]:8080",
		DEPLOYMILL_GIT_PROTOCOLS: "https, file,https",
		DEPLOYMILL_GIT_HOSTS: "GitHub.com, git.example.com:08443,127.0.0.1,[0:0::1]:22,github.com",
		DEPLOYMILL_GIT_TOKEN_FILE: "/run/secrets/git",
		DEPLOYMILL_GIT_TOKEN_HOST: "Git.example.com:8443",
		DEPLOYMILL_KEEP_ROLLBACKS: "3",
		DEPLOYMILL_READ_ONLY: "1",
		DEPLOYMILL_APPROVE: "deploy, env",
		DEPLOYMILL_MAX_FAILED_DEPLOYS: "0",
		DEPLOYMILL_NOTIFY_URL: "https://chat.example.com/hooks/correct-horse",
		DEPLOYMILL_NOTIFY_SECRET: "battery horse staple",
		DEPLOYMILL_NOTIFY_ON: "all",
		DEPLOYMILL_LOG_LEVEL: "silent",
	});
	expect(settings).toEqual({
		dataFolder: "/srv/deploymill",
		keyFile: "/home/ada/key",
		registry: { host: "registry.example.com:5000", namespace: "acme/apps", prefix: "registry.example.com:5000/acme/apps" },
		network: "edge",
		endpointMode: "dnsrr",
		ingress: { kind: "caddy", traefikEntrypoint: "web", traefikCertResolver: "zero_ssl" },
		edge: { scheme: "http", address: { host: "::1", port: 8080 } },
		git: {
			protocols: ["https", "file"],
			hosts: ["github.com", "git.example.com:8443", "127.0.0.1", "[::1]:22"],
			tokenHost: "git.example.com:8443",
		},
		keepRollbacks: 3,
		readOnly: true,
		approve: ["deploy", "env"],
		maxFailedDeploys: 0,
		notify: "all",
		logLevel: "silent",
	});
	expect(JSON.stringify(settings)).not.toMatch(/horse|chat\.example/);
	for (const value of [
		settings,
		settings.edge,
		settings.edge.address,
		settings.git,
		settings.git.protocols,
		settings.ingress,
		settings.registry,
	]) {
		expect(Object.isFrozen(value)).toBe(true);
	}
});

test.each([
	[{ XDG_DATA_HOME: "/data" }, "/data/deploymill"],
	[{ XDG_DATA_HOME: "relative" }, "/home/ada/.local/share/deploymill"],
	[{ DEPLOYMILL_DATA_DIR: "~" }, "/home/ada"],
	[{ DEPLOYMILL_DATA_DIR: "~/mill/" }, "/home/ada/mill"],
	[{ DEPLOYMILL_DATA_DIR: "mill" }, `${process.cwd()}/mill`],
	[{ DEPLOYMILL_DATA_DIR: "  " }, "/home/ada/.local/share/deploymill"],
	[{ HOME: undefined }, `${homedir()}/.local/share/deploymill`],
])("data folder of %j is %s", (env, expected) => {
	expect(readSettings({ ...home, ...env }).dataFolder).toBe(expected);
});

test("an empty value is as good as none", () => {
	const empty = Object.fromEntries(settingNames.map((name) => [name, ""]));
	expect(readSettings({ ...home, ...empty })).toEqual(readSettings(home));
});

test.each([[""], ["any"], ["Any"]])("git hosts %j are any", (text) => {
	expect(readSettings({ ...home, DEPLOYMILL_GIT_HOSTS: text }).git.hosts).toBeUndefined();
});

const anAddress = "expected an address that begins with https:// (or http://); it is not shown, for it may be a secret";

test.each([
	["true", true],
	["false", false],
	["1", true],
	["0", false],
])("READ_ONLY %s", (text, expected) => {
	expect(readSettings({ ...home, DEPLOYMILL_READ_ONLY: text }).readOnly).toBe(expected);
});

test.each([
	["registry.example.com", { host: "registry.example.com" }],
	["localhost/apps", { host: "localhost", namespace: "apps" }],
	["10.0.0.1:5000", { host: "10.0.0.1:5000" }],
	["[::1]:5000/a__b/c-d", { host: "[::1]:5000", namespace: "a__b/c-d" }],
	["index.docker.io/ada", { host: "docker.io", namespace: "ada" }],
])("registry %s", (text, expected) => {
	expect(readSettings({ ...home, DEPLOYMILL_REGISTRY: text }).registry).toMatchObject(expected);
});

test.each([
	["DEPLOYMILL_REGISTRY", "https://r.example.com/", 'got "https://r.example.com/", expected no scheme: write "r.example.com"'],
	["DEPLOYMILL_REGISTRY", "ada", 'got "ada", which docker reads as a Docker Hub user: write docker.io/ada'],
	["DEPLOYMILL_REGISTRY", "docker.io", 'got "docker.io", expected your Docker Hub user or organisation too: docker.io/NAME'],
	[
		"DEPLOYMILL_REGISTRY",
		"ada:hunter2@r.example.com",
		'got "***@r.example.com", expected no credentials: use DEPLOYMILL_REGISTRY_USERNAME and DEPLOYMILL_REGISTRY_PASSWORD_FILE',
	],
	[
		"DEPLOYMILL_REGISTRY",
		"r.example.com:99999",
		'got "r.example.com:99999", expected host[:port][/namespace], e.g. registry.example.com:5000/apps',
	],
	[
		"DEPLOYMILL_REGISTRY",
		"r_x.example.com",
		'got "r_x.example.com", expected host[:port][/namespace], e.g. registry.example.com:5000/apps',
	],
	[
		"DEPLOYMILL_REGISTRY",
		"r.example.com/Apps",
		'got "r.example.com/Apps", expected a namespace of lower-case letters and digits, with . _ - between them and / between its parts',
	],
	[
		"DEPLOYMILL_REGISTRY",
		"r.example.com/",
		'got "r.example.com/", expected a namespace of lower-case letters and digits, with . _ - between them and / between its parts',
	],
	["DEPLOYMILL_NETWORK", "ingress", `got "ingress", which is one of Docker's own networks: name an overlay network`],
	["DEPLOYMILL_NETWORK", "a b", 'got "a b", expected a network name: letters, digits, _ . - and a letter or digit first'],
	["DEPLOYMILL_ENDPOINT_MODE", "dnsr", 'got "dnsr", allowed vip, dnsrr; did you mean dnsrr?'],
	["DEPLOYMILL_INGRESS", "nginx", 'got "nginx", allowed traefik, caddy, none'],
	["DEPLOYMILL_TRAEFIK_ENTRYPOINT", "a`b", 'got "a`b", expected letters, digits, - and _'],
	["DEPLOYMILL_EDGE_SCHEME", "HTTPS", 'got "HTTPS", allowed http, https; did you mean https?'],
	["DEPLOYMILL_EDGE_ADDRESS", "10.0.0.1", 'got "10.0.0.1", expected host:port without a scheme, an IPv6 address in brackets: [::1]:443'],
	["DEPLOYMILL_EDGE_ADDRESS", "::1:443", 'got "::1:443", expected host:port without a scheme, an IPv6 address in brackets: [::1]:443'],
	[
		"DEPLOYMILL_EDGE_ADDRESS",
		"http://a:1",
		'got "http://a:1", expected host:port without a scheme, an IPv6 address in brackets: [::1]:443',
	],
	[
		"DEPLOYMILL_EDGE_ADDRESS",
		"0x7f000001:80",
		'got "0x7f000001:80", expected host:port without a scheme, an IPv6 address in brackets: [::1]:443',
	],
	["DEPLOYMILL_EDGE_ADDRESS", "a.0x1:80", 'got "a.0x1:80", expected host:port without a scheme, an IPv6 address in brackets: [::1]:443'],
	["DEPLOYMILL_EDGE_ADDRESS", "a:0", 'got "a:0", expected host:port without a scheme, an IPv6 address in brackets: [::1]:443'],
	["DEPLOYMILL_GIT_PROTOCOLS", "https,sshh", 'got "sshh", allowed https, ssh, file, http; did you mean ssh?'],
	["DEPLOYMILL_GIT_PROTOCOLS", "https,", 'got "", allowed https, ssh, file, http'],
	...["https://github.com", "github.com/acme", "github.com,", "*.example.com", "git@github.com", "github.com:0", "::1"].map(
		(hosts): [string, string, string] => [
			"DEPLOYMILL_GIT_HOSTS",
			hosts,
			`got ${JSON.stringify(hosts.split(",").at(-1))}, expected a comma list of host or host:port without a scheme, e.g. github.com,git.example.com:8443`,
		],
	),
	[
		"DEPLOYMILL_GIT_TOKEN_HOST",
		"https://git.example.com",
		'got "https://git.example.com", expected host[:port] without a scheme, e.g. git.example.com',
	],
	["DEPLOYMILL_KEEP_ROLLBACKS", "0", 'got "0", expected a whole number 1-1000'],
	["DEPLOYMILL_KEEP_ROLLBACKS", "1e2", 'got "1e2", expected a whole number 1-1000'],
	["DEPLOYMILL_KEEP_ROLLBACKS", "1001", 'got "1001", expected a whole number 1-1000'],
	["DEPLOYMILL_READ_ONLY", "yes", 'got "yes", allowed true, false, 1, 0'],
	["DEPLOYMILL_LOG_LEVEL", "verbose", 'got "verbose", allowed trace, debug, info, warn, error, fatal, silent'],
	["DEPLOYMILL_DATA_DIR", "$HOME/mill", 'got "$HOME/mill", but no shell expands the $ here: write the path out'],
	["DEPLOYMILL_REGISTRY_USERNAME", "ada", "needs DEPLOYMILL_REGISTRY_PASSWORD or DEPLOYMILL_REGISTRY_PASSWORD_FILE beside it"],
	["DEPLOYMILL_REGISTRY_PASSWORD", "hunter22", "needs DEPLOYMILL_REGISTRY_USERNAME beside it"],
	["DEPLOYMILL_REGISTRY_PASSWORD_FILE", "/x", "needs DEPLOYMILL_REGISTRY_USERNAME beside it"],
	["DEPLOYMILL_NOTIFY_ON", "problem", 'got "problem", allowed problems, all; did you mean problems?'],
	["DEPLOYMILL_NOTIFY_SECRET", "hunter22", "needs DEPLOYMILL_NOTIFY_URL or DEPLOYMILL_NOTIFY_URL_FILE beside it"],
	["DEPLOYMILL_NOTIFY_URL", "chat.example.com/hooks/hunter22", `got 31 characters, ${anAddress}`],
	["DEPLOYMILL_NOTIFY_URL", "ftp://chat.example.com/hunter22", `got 31 characters, ${anAddress}`],
	["DEPLOYMILL_NOTIFY_URL", `https://chat.example.com/${"h".repeat(2048)}`, `got 2073 characters, ${anAddress}`],
	[
		"DEPLOYMILL_NOTIFY_URL",
		"https://me:hunter22@chat.example.com/",
		"holds a user or a password, which are not sent: give an address without them",
	],
])("%s=%s", (name, value, expected) => {
	const error = failure({ [name]: value });
	expect(error.code).toBe("invalid_input");
	expect(error.message).toBe(`${name}: ${expected}`);
});

test("a misspelt name is told without its value, with the nearest name and all names", () => {
	const error = failure({ DEPLOYMILL_REGISTRY_PASSWROD: "hunter22" });
	expect(error.message).toBe("DEPLOYMILL_REGISTRY_PASSWROD: unknown setting; did you mean DEPLOYMILL_REGISTRY_PASSWORD?");
	for (const name of settingNames) expect(error.hint).toContain(name);
});

test("all that is wrong is told at once, and no secret with it", () => {
	const error = failure({
		DEPLOYMILL_GIT_TOKEN: "ghp_secret-token",
		DEPLOYMILL_GIT_TOKEN_FILE: "/x",
		DEPLOYMILL_GIT_TOKEN_HOST: "ghp_secret-token",
		DEPLOYMILL_REGISTRY_USERNAME: "ada",
		DEPLOYMILL_REGISTRY_PASSWORD: "hunter22",
		DEPLOYMILL_REGISTRY_PASSWORD_FILE: "/x",
		DEPLOYMILL_READ_ONLY: "hunter22",
	});
	expect(error.message.split("\n")).toEqual([
		"DEPLOYMILL_REGISTRY_PASSWORD: stands beside DEPLOYMILL_REGISTRY_PASSWORD_FILE: give one of the two",
		"DEPLOYMILL_GIT_TOKEN: stands beside DEPLOYMILL_GIT_TOKEN_FILE: give one of the two",
		'DEPLOYMILL_GIT_TOKEN_HOST: got "***", expected host[:port] without a scheme, e.g. git.example.com',
		'DEPLOYMILL_READ_ONLY: got "***", allowed true, false, 1, 0',
	]);
});

test("every variable is looked at, whatever is wrong with the others: a line each, unknown ones first", () => {
	const wrong = settingNames.filter((name) => name !== "DEPLOYMILL_REGISTRY_USERNAME");
	const error = failure({ ...Object.fromEntries(settingNames.map((name) => [name, "$ !"])), DEPLOYMILL_INGRES: "" });
	expect(error.message.split("\n").map((line) => line.split(":")[0])).toEqual(["DEPLOYMILL_INGRES", ...wrong]);
});
