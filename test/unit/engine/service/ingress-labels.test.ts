import { expect, test } from "vitest";
import { type IngressSettings, ingressLabelPrefixes, ingressLabels } from "../../../../src/engine/service/ingress-labels.ts";
import { routeName, routingLabels } from "../../../../src/engine/service/spec.ts";
import { application, config } from "../records.ts";

const settings = (over: Partial<IngressSettings> = {}): IngressSettings => ({
	dialect: "traefik",
	network: "deploymill",
	endpointMode: "vip",
	edgeScheme: "https",
	traefikEntrypoint: "websecure",
	traefikCertResolver: "letsencrypt",
	...over,
});
const one = ["hello.example.com"];
const several = ["hello.example.com", "www.hello.example.com", "xn--hllo-bpa.example.org"];

test.each<[string, string[], Partial<IngressSettings>]>([
	["traefik-https-vip", one, {}],
	["traefik-https-dnsrr", one, { endpointMode: "dnsrr" }],
	["traefik-http-vip", one, { edgeScheme: "http", traefikEntrypoint: "web" }],
	["traefik-several-domains", several, { traefikCertResolver: "internal", network: "edge" }],
	["caddy-https", one, { dialect: "caddy" }],
	["caddy-http", one, { dialect: "caddy", edgeScheme: "http" }],
	["caddy-several-domains", several, { dialect: "caddy" }],
	["caddy-http-several-domains", several, { dialect: "caddy", edgeScheme: "http" }],
	["none", one, { dialect: "none" }],
])("labels of %s", async (name, domains, over) => {
	const labels = ingressLabels("hello", { domains, port: 8080 }, settings(over));
	await expect(`${JSON.stringify(labels, null, "\t")}\n`).toMatchFileSnapshot(`golden/ingress-labels/${name}.json`);
	for (const key of Object.keys(labels)) expect(ingressLabelPrefixes.some((prefix) => key.startsWith(prefix))).toBe(true);
});

test("a worker has no route, and Traefik is told so: it would make one and call it by the service's name", () => {
	const { port: _port, ...worker } = config({ workload: "worker", domains: [] });
	const labels = (over: Partial<IngressSettings>) => routingLabels({ ...application(), config: worker }, settings(over));
	expect(labels({})).toEqual({ "traefik.enable": "false" });
	expect(labels({ dialect: "caddy" })).toEqual({});
	expect(labels({ dialect: "none" })).toEqual({});
});

test("an app whose domains are all held elsewhere claims none", () => {
	const labels = (over: Partial<IngressSettings>) => ingressLabels("hello", { domains: [], port: 80 }, settings(over));
	expect(labels({})).toEqual({ "traefik.enable": "false" });
	expect(labels({ dialect: "caddy" })).toEqual({});
	expect(labels({ dialect: "none" })).toEqual({});
});

test("a route is named after the repository too: the id alone is its author's to choose", () => {
	const keys = Object.keys(routingLabels(application(), settings()));
	const names = keys.flatMap((key) => /^traefik\.http\.(?:routers|services)\.([^.]+)\./.exec(key)?.[1] ?? []);
	expect(new Set(names)).toEqual(new Set([routeName(application())]));
	expect(routeName(application())).toMatch(/^deploymill-hello-[0-9a-f]{8}$/);
	expect(routeName({ ...application(), repository: "0123456789abcdef" })).not.toBe(routeName(application()));
});

test("hosts and port are on the service whatever the dialect", () => {
	expect(routingLabels(application({ domains: several }), settings({ dialect: "none" }))).toEqual({
		"deploymill.hosts": "hello.example.com www.hello.example.com xn--hllo-bpa.example.org",
		"deploymill.port": "8080",
	});
});

const hostile: [string, string][] = [
	["ends the quote", "a`) || Host(`evil.example"],
	["a backtick", "a`b.example"],
	["a matcher", "a.example) || PathPrefix(/"],
	["a space", "a.example b.example"],
	["a comma", "a.example,b.example"],
	["a newline", "a.example\nb.example"],
	["a newline at the end", "a.example\n"],
	["a carriage return", "a.example\r"],
	["a brace, as of a template", "{{.Node.Hostname}}"],
	["a Caddy placeholder", "{env.HOME}.example"],
	["a Caddy block", "a.example { respond evil }"],
	["a quote", 'a".example'],
	["an apostrophe", "a'.example"],
	["a regular expression", "{host:.+}"],
	["a wildcard", "*.example.com"],
	["a scheme", "http://a.example"],
	["a path", "a.example/admin"],
	["a port", "a.example:81"],
	["a dollar", "$host.example"],
	["a backslash", "a\\.example"],
	["a NUL", "a\0.example"],
	["upper case", "A.example"],
	["not ASCII", "ä.example"],
	["a full-width backtick", "a\uff40.example"],
	["right to left", "a\u202e.example"],
	["empty", ""],
	["a dash first", "-a.example"],
	["a dot first", ".a.example"],
	["a dot last", "a.example."],
	["a comment", "a.example#b"],
	["an ampersand", "a.example&&b"],
	["longer than a host name", `${"a".repeat(300)}.example`],
];

test.each(hostile)("a domain with %s never becomes a label", (_name, domain) => {
	for (const dialect of ["traefik", "caddy"] as const) {
		const label = () => ingressLabels("hello", { domains: ["good.example", domain], port: 80 }, settings({ dialect }));
		expect(label).toThrow("not a host name");
	}
});

test("whatever is let through, the rule holds just the hosts", () => {
	const alphabet = "ab9.-`)(|{} \n\"'/:*$\\é";
	let seed = 11;
	const random = (below: number) => {
		seed = (Math.imul(seed, 1103515245) + 12345) & 0x7fffffff;
		return (seed >> 8) % below;
	};
	let accepted = 0;
	for (let round = 0; round < 5000; round++) {
		const domain = Array.from({ length: random(6) + 1 }, () => alphabet[random(alphabet.length)]).join("");
		try {
			const labels = ingressLabels("hello", { domains: [domain], port: 80 }, settings());
			expect(labels["traefik.http.routers.hello.rule"]).toMatch(/^Host\(`[a-z0-9.-]+`\)$/);
			accepted++;
		} catch (error) {
			expect(String(error)).toContain("not a host name");
		}
	}
	expect(accepted).toBeGreaterThan(50);
});
