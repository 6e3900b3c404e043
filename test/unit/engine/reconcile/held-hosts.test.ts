import { expect, test } from "vitest";
import { findHeldHosts } from "../../../../src/engine/reconcile/held-hosts.ts";
import type { ObservedService } from "../../../../src/model/service.ts";
import { application, config, service } from "../records.ts";

function serviceWith(name: string, labels: Record<string, string>): ObservedService {
	const observed = service("dep-1");
	return { ...observed, spec: { ...observed.spec, Name: name, Labels: labels } };
}

const rule = (text: string) => ({ "traefik.http.routers.x.rule": text });

test.each<[string, Record<string, string>, string[]]>([
	["our own label", { "deploymill.hosts": "a.example b.example" }, ["a.example", "b.example"]],
	["our own label, empty", { "deploymill.hosts": "" }, []],
	["a Traefik rule", rule("Host(`a.example`)"), ["a.example"]],
	["a Traefik rule over two hosts", rule("Host(`a.example`) || Host(`b.example`) && PathPrefix(`/x`)"), ["a.example", "b.example"]],
	["Traefik's older form", rule("Host(`a.example`, `b.example`)"), ["a.example", "b.example"]],
	["a Traefik rule with double quotes", rule('Host("a.example")'), ["a.example"]],
	["upper case", rule("Host(`A.Example`)"), ["a.example"]],
	["another of Traefik's labels", { "traefik.http.middlewares.x.redirectregex.regex": "`a.example`" }, []],
	["Caddy", { caddy: "a.example" }, ["a.example"]],
	["Caddy with schemes and commas", { caddy: "http://a.example, https://b.example" }, ["a.example", "b.example"]],
	["another host", { caddy: "c.example" }, []],
	["a part of the name", { caddy: "www.a.example" }, []],
	["no label", {}, []],
])("held by a service through %s", (_name, labels, expected) => {
	const held = findHeldHosts(["a.example", "b.example"], "hello", [], [serviceWith("other", labels)]);
	expect([...held]).toEqual(expected.map((host) => [host, "the service other"]));
});

test("what the application itself holds is free", () => {
	const own = { ...application({ domains: ["a.example"] }), applicationId: "hello" };
	expect(findHeldHosts(["a.example"], "hello", [own], [serviceWith("hello", { caddy: "a.example" })]).size).toBe(0);
});

test("another application holds a host before it is deployed, and is named rather than its service", () => {
	const other = { ...application(), applicationId: "other", config: config({ domains: ["a.example"] }) };
	const held = findHeldHosts(["a.example"], undefined, [other], [serviceWith("other", { "deploymill.hosts": "a.example" })]);
	expect([...held]).toEqual([["a.example", "the application other"]]);
});
