import { expect, test } from "vitest";
import { findHeldHosts, type OtherHolders } from "../../../../src/engine/claims/held-hosts.ts";
import type { ObservedService } from "../../../../src/model/service.ts";
import { application, config, service } from "../records.ts";

type Labels = Record<string, string>;

function serviceWith(name: string, labels: Labels): ObservedService {
	const observed = service("dep-1");
	return { ...observed, spec: { ...observed.spec, Name: name, Labels: labels } };
}

function find(wanted: string[], over: Partial<OtherHolders>) {
	return findHeldHosts(wanted, { applications: [], services: [], entrypoint: undefined, ...over });
}

/** What is held of a.example and b.example by a service with these labels: a question mark where it cannot be told. */
function heldBy(labels: Labels): string {
	const { held } = find(["a.example", "b.example"], { services: [serviceWith("other", labels)] });
	return [...held].map(([host, reason]) => (reason.startsWith("whether") ? `${host}?` : host)).join(" ");
}

const rule = (text: string) => ({ "traefik.http.routers.x.rule": text });
const tcp = (text: string) => ({ "traefik.tcp.routers.x.rule": text });
const all = "a.example b.example";
const unsure = "a.example? b.example?";

test.each<[string, Labels, string]>([
	["our own label", { "deploymill.hosts": "a.example b.example" }, all],
	["our own label, empty", { "deploymill.hosts": "" }, ""],
	["no label", {}, ""],
	["others' labels", { "com.example.host": "a.example", "traefiks.rule": "Host(`a.example`)", caddyfile: "a.example" }, ""],
])("our label and others': %s", (_name, labels, expected) => {
	expect(heldBy(labels)).toBe(expected);
});

test.each<[string, Labels, string]>([
	["one host", rule("Host(`a.example`)"), "a.example"],
	["without traefik.enable, as Traefik shows all services by default", rule("Host(`a.example`)"), "a.example"],
	["traefik.enable=true", { ...rule("Host(`a.example`)"), "traefik.enable": "true" }, "a.example"],
	["traefik.enable=false: no route", { ...rule("Host(`a.example`)"), "traefik.enable": "False" }, ""],
	["traefik.enable that is no boolean", { ...rule("Host(`a.example`)"), "traefik.enable": "no" }, "a.example"],
	["several matchers", rule("Host(`a.example`) && PathPrefix(`/x`)"), "a.example"],
	["matchers in the other order", rule("PathPrefix(`/x`) && Host(`a.example`)"), "a.example"],
	["a choice", rule("Host(`a.example`) || Host(`b.example`) && PathPrefix(`/x`)"), all],
	["a choice in parentheses", rule("(Host(`a.example`) || Host(`c.example`)) && (Path(`/x`) || Method(`GET`))"), "a.example"],
	["version 2: several values", rule("Host(`a.example`, `b.example`)"), all],
	["version 2: HostHeader", rule("HostHeader(`a.example`)"), "a.example"],
	["a Host header", rule("Header(`Host`, `a.example`)"), "a.example"],
	["version 2: Host headers", rule("Headers(`host`, `a.example`)"), "a.example"],
	["a Host header's expression", rule("HeaderRegexp(`Host`, `^a\\.`)"), "a.example"],
	["another header of that value", rule("Host(`c.example`) && Header(`Origin`, `a.example`)"), ""],
	["double quotes", rule('Host("a.example")'), "a.example"],
	["an escape in double quotes", rule('Host("\\u0061.example")'), "a.example"],
	["single quotes, which Traefik refuses", rule("Host('a.example')"), "a.example"],
	["no quotes, which Traefik refuses", rule("Host(a.example)"), "a.example"],
	["other letter case: of the host", rule("Host(`A.Example`)"), "a.example"],
	["other letter case: of the matcher", rule("HOST(`a.example`)"), "a.example"],
	["other letter case: of the label", { "Traefik.HTTP.Routers.X.Rule": "Host(`a.example`)" }, "a.example"],
	["a dot at the end", rule("Host(`a.example.`)"), "a.example"],
	["spaces and line breaks", rule(" Host ( `a.example` ,\n\t`b.example` ) "), all],
	["a part of the name", rule("Host(`www.a.example`) || Host(`example`) || Host(`aa.example`)"), ""],
	["a wildcard for one label", rule("Host(`*.example`)"), all],
	["a wildcard for one label of more", rule("Host(`*.a.example`)"), ""],
	["a wildcard for several labels", rule("Host(`**.example`)"), all],
	["not this host", rule("!Host(`a.example`) && PathPrefix(`/x`)"), ""],
	["not not this host", rule("!(!Host(`a.example`))"), "a.example"],
	["not of a choice", rule("!(!Host(`a.example`) || PathPrefix(`/x`))"), "a.example"],
	["a host that nothing can match", rule("Host(`a.example`) && Host(`c.example`)"), ""],
	["a path alone", rule("PathPrefix(`/dashboard`)"), ""],
	["a path named as the host", rule("PathPrefix(`/a.example`)"), ""],
	[
		"a priority, a certificate, a middleware",
		{
			"traefik.http.routers.x.rule": "Host(`c.example`)",
			"traefik.http.routers.x.tls.domains[0].main": "a.example",
			"traefik.http.middlewares.x.redirectregex.regex": "`a.example`",
			"traefik.http.middlewares.x.headers.accesscontrolalloworiginlist": "https://a.example",
		},
		"",
	],
	["an expression", rule("HostRegexp(`^[a-z]\\.example$`)"), all],
	["an expression that matches anywhere", rule("HostRegexp(`\\.example`)"), all],
	["an expression for others", rule("HostRegexp(`^[c-z]\\.example$`)"), ""],
	["an expression in other letter case", rule("HostRegexp(`^A\\.EXAMPLE$`)"), "a.example"],
	["version 2: a braced expression", rule("HostRegexp(`{sub:[a-z]{1,3}}.example`)"), all],
	["version 2: a braced expression for others", rule("HostRegexp(`{sub:[c-z]}.example`)"), ""],
	["version 2: a braced name", rule("HostRegexp(`{sub}.example`)"), all],
	["version 2: expressions among names", rule("HostRegexp(`c.example`, `{sub:[ac]}.example`)"), "a.example"],
	["an expression for every host", rule("HostRegexp(`.+`)"), ""],
	["version 2: an expression for every host", rule("HostRegexp(`{any:.*}`)"), ""],
	["every host by expression, and one by name", rule("HostRegexp(`.+`) || Host(`a.example`)"), "a.example"],
	["every host under a path, and one by name", rule("PathPrefix(`/x`) || (Host(`a.example`) && PathPrefix(`/y`))"), "a.example"],
	["an expression that is none", rule("HostRegexp(`^(?!www)[a-z]+`)"), unsure],
	["an expression that is none, of another host's route", rule("Host(`c.example`) && HostRegexp(`[`)"), ""],
	["an expression of any length", rule(`HostRegexp(\`${"a?".repeat(2000)}\`)`), unsure],
	["a placeholder", rule('Host(`{{ env "DOMAIN" }}`)'), unsure],
	["a placeholder in a name", rule("Host(`a.$DOMAIN`)"), "a.example?"],
	["a placeholder in a name of others", rule("Host(`$SUB.example.org`)"), ""],
	["a matcher of a version to come", rule("HostGlob(`?.example`)"), unsure],
	["another matcher of a version to come", rule("Weather(`rain`)"), ""],
	["an unfinished rule", rule("Host(`c.example`"), unsure],
	["a rule of another language", rule("Host:c.example;PathPrefix:/x"), unsure],
	["an escape that is not known", rule('Host("\\x61.example")'), unsure],
	["parentheses without end", rule("(".repeat(5000)), unsure],
	["a rule without end", rule(`Host(${"`c.example`,".repeat(1000)}\`c.example\`)`), unsure],
	["TLS by name", tcp("HostSNI(`a.example`)"), "a.example"],
	["TLS by names", tcp("HostSNI(`a.example`, `b.example`)"), all],
	["TLS by expression", tcp("HostSNIRegexp(`^a\\.`)"), "a.example"],
	["version 2: TLS by braced expression", tcp("HostSNIRegexp(`{sub:a}.example`)"), "a.example"],
	["every TLS connection", tcp("HostSNI(`*`)"), ""],
	["a label of version 1, which no later one reads", { "traefik.frontend.rule": "Host:a.example" }, ""],
])("Traefik: %s", (_name, labels, expected) => {
	expect(heldBy(labels)).toBe(expected);
});

test.each<[string, Labels, string[], string]>([
	["a service without a router", { "traefik.enable": "true" }, ["my-app", "my-app.example", "app.example"], "my-app? my-app.example?"],
	["a router without a rule", { "traefik.http.routers.x.entrypoints": "web" }, ["my-app.example"], "my-app.example?"],
	["a router with an empty rule", rule(""), ["my-app.example"], "my-app.example?"],
	["a router with a rule", rule("Host(`c.example`)"), ["my-app.example"], ""],
	["a router for TCP alone", tcp("HostSNI(`*`)"), ["my-app.example"], ""],
	["a service that is not shown", { "traefik.enable": "false" }, ["my-app.example"], ""],
	["a service without a label of Traefik", { team: "shop" }, ["my-app.example"], ""],
])("Traefik's default rule goes by the service's name: %s", (_name, labels, wanted, expected) => {
	const { held } = find(wanted, { services: [serviceWith("my_app", labels)] });
	expect([...held].map(([host, reason]) => (reason.startsWith("whether") ? `${host}?` : host)).join(" ")).toBe(expected);
});

test.each<[string, Labels, string]>([
	["one site", { caddy: "a.example" }, "a.example"],
	["schemes and commas", { caddy: "http://a.example, https://b.example" }, all],
	["spaces alone", { caddy: "a.example b.example" }, all],
	["numbered sites", { caddy_0: "a.example", caddy_1: "b.example" }, all],
	["a port", { caddy: "a.example:443" }, "a.example"],
	["a scheme and a port", { caddy: "https://a.example:8443" }, "a.example"],
	["a path", { caddy: "a.example/api/*" }, "a.example"],
	["a wildcard", { caddy: "*.example" }, all],
	["a wildcard of another depth", { caddy: "*.*.example" }, ""],
	["upper case", { caddy: "HTTP://A.Example" }, "a.example"],
	["an international name", { caddy: "bücher.example" }, ""],
	["quotes", { caddy: '"a.example" `b.example`' }, all],
	["a dot at the end", { caddy: "a.example." }, "a.example"],
	["another host", { caddy: "c.example" }, ""],
	["a part of the name", { caddy: "www.a.example" }, ""],
	["a port alone", { caddy: ":443" }, ""],
	["a scheme alone", { caddy: "http://" }, ""],
	["an IPv6 address", { caddy: "[::1]:80" }, ""],
	["a snippet", { caddy: "(a.example)", "caddy.respond": "a.example" }, ""],
	["a named route", { caddy: "&(a.example)" }, ""],
	["global options", { "caddy.email": "a@a.example" }, ""],
	["the environment", { caddy: "{$DOMAIN}" }, unsure],
	["the environment, with a default", { caddy: "{$DOMAIN:c.example}" }, unsure],
	["the environment in a name", { caddy: "a.{$DOMAIN}" }, "a.example?"],
	["the environment in a port", { caddy: "c.example:{$PORT}" }, ""],
	["the environment in others' names", { caddy: "{$SUB}.example.org" }, ""],
	["a template", { caddy: '{{ index .Labels "host" }}' }, unsure],
	["a brace without end", { caddy: "{$DOMAIN" }, unsure],
	["an address without end", { caddy: "c.example ".repeat(1000) }, unsure],
	["a matcher within a site for every host", { caddy: ":80", "caddy.1_@admin": "host a.example c.example" }, "a.example"],
	["a matcher in a block", { caddy: ":80", "caddy.@admin.host": "a.example" }, "a.example"],
	["a matcher by expression", { caddy: ":80", "caddy.@admin": "expression {host} == 'a.example'" }, "a.example"],
	["a pattern of the Host header", { caddy: ":443", "caddy.@x.header_regexp": "Host ^a\\.example$" }, unsure],
	["a pattern in one label", { caddy: ":443", "caddy.@x": "header_regexp Host ^a\\.example$" }, unsure],
	["a pattern of a variable", { caddy: ":443", "caddy.@x.vars_regexp": "{host} ^a\\." }, unsure],
	["an expression that is more than equal", { caddy: ":443", "caddy.@x.expression": "{host}.endsWith('.example')" }, unsure],
	["a pattern of something else", { caddy: "c.example", "caddy.@x.header_regexp": "User-Agent curl" }, ""],
	["a matcher for a path", { caddy: "c.example", "caddy.@admin": "path /a.example/*" }, ""],
	["the first version's addresses", { "caddy.address": "a.example" }, "a.example"],
	["where a site leads", { caddy: "c.example", "caddy.reverse_proxy": "a.example:80", "caddy.redir": "https://b.example{uri}" }, ""],
	["its network", { caddy_ingress_network: "a.example" }, ""],
])("Caddy: %s", (_name, labels, expected) => {
	expect(heldBy(labels)).toBe(expected);
});

test("an expression takes no time to speak of, whatever it is", () => {
	const host = `${"a".repeat(63)}.${"a".repeat(63)}.${"a".repeat(63)}`;
	const services = [serviceWith("other", rule("HostRegexp(`^((a+)+[.]?)+b$`)"))];
	expect(find([host], { services }).held.size).toBe(0);
});

test("an international name is the same in either writing", () => {
	const other = serviceWith("other", { caddy: "bücher.example", "traefik.http.routers.x.rule": "Host(`xn--hllo-bpa.example`)" });
	expect([...find(["xn--bcher-kva.example", "xn--hllo-bpa.example"], { services: [other] }).held.keys()]).toHaveLength(2);
});

test("labels of containers count as those of services do: some ingresses read them", () => {
	const other = serviceWith("other", { "traefik.enable": "false" });
	other.spec.TaskTemplate.ContainerSpec.Labels = rule("Host(`a.example`)");
	expect(find(["a.example"], { services: [other] }).held.size).toBe(1);
});

test("a service may lack all that ours have", () => {
	const bare = { ...service("dep-1"), spec: { Name: "bare" } } as ObservedService;
	expect(find(["a.example"], { services: [bare] })).toEqual({ held: new Map(), warnings: [] });
});

test("another application holds a host before it is deployed, and is named rather than its service", () => {
	const other = { ...application(), applicationId: "other", config: config({ domains: ["a.example"] }) };
	const services = [serviceWith("other", { "deploymill.hosts": "a.example" })];
	expect([...find(["a.example"], { applications: [other], services }).held]).toEqual([
		["a.example", "the application other answers for it"],
	]);
});

test("says who answers for it by which label, and prefers what is certain", () => {
	const services = [serviceWith("first", { caddy: "{$DOMAIN}" }), serviceWith("second", { caddy_0: "a.example" })];
	expect([...find(["a.example", "b.example"], { services }).held.values()]).toEqual([
		'the service second answers for it (label "caddy_0")',
		'whether the service first answers for it cannot be told from its label "caddy"',
	]);
});

test("a label's key is shown escaped and cut", () => {
	const key = `caddy.@\u202e\n${"x".repeat(200)}.host`;
	const reason = find(["a.example"], { services: [serviceWith("other", { [key]: "a.example" })] }).held.get("a.example") ?? "";
	expect(reason).toMatch(/^[\x20-\x7e…]+$/);
	expect(reason.length).toBeLessThan(200);
});

test.each<[string, Labels, number]>([
	["a path alone", rule("PathPrefix(`/dashboard`)"), 1],
	["every host", rule("HostRegexp(`.+`)"), 1],
	["not some host", rule("!Host(`c.example`)"), 1],
	["every host at our entry point", { ...rule("PathPrefix(`/`)"), "traefik.http.routers.x.entrypoints": "web, websecure" }, 1],
	["every host at another entry point", { ...tcp("HostSNI(`*`)"), "traefik.tcp.routers.x.entrypoints": "postgres" }, 0],
	["a site for a port", { caddy: ":80" }, 1],
	["a host", rule("Host(`c.example`) && PathPrefix(`/`)"), 0],
	["this host", rule("Host(`a.example`) && PathPrefix(`/`)"), 0],
])("what answers for every host is warned of, and takes none: %s", (_name, labels, warned) => {
	const { warnings } = find(["a.example"], { services: [serviceWith("other", labels)], entrypoint: "websecure" });
	expect(warnings).toHaveLength(warned);
	expect(warnings.every((warning) => warning.includes("the service other answers for every host name"))).toBe(true);
});
