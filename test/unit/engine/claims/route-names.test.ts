import { expect, test } from "vitest";
import { ensureRouteNameFree, hasEarlierRouteName, whoHasRouteName } from "../../../../src/engine/claims/route-names.ts";
import type { IngressSettings } from "../../../../src/engine/service/ingress-labels.ts";
import { routeName, routingLabels } from "../../../../src/engine/service/spec.ts";
import type { ObservedService } from "../../../../src/model/service.ts";
import { application, service } from "../records.ts";

const traefik: IngressSettings = {
	dialect: "traefik",
	network: "deploymill",
	endpointMode: "vip",
	edgeScheme: "https",
	traefikEntrypoint: "websecure",
	traefikCertResolver: "letsencrypt",
};
const name = routeName(application());

function serviceWith(Name: string, Labels: Record<string, string>): ObservedService {
	const observed = service("dep-1");
	return { ...observed, id: Name, spec: { ...observed.spec, Name, Labels } };
}

test.each([
	["a router", { [`traefik.http.routers.${name}.rule`]: "Host(`a.example`)" }, true],
	["a router that is not shown", { [`traefik.http.routers.${name}.rule`]: "Host(`a.example`)", "traefik.enable": "false" }, true],
	["a service", { [`traefik.http.services.${name}.loadbalancer.server.port`]: "80" }, true],
	["a TCP router", { [`traefik.tcp.routers.${name}.rule`]: "HostSNI(`*`)" }, true],
	["other letter case", { [`Traefik.HTTP.Routers.${name.toUpperCase()}.Rule`]: "Host(`a.example`)" }, true],
	["a middleware", { [`traefik.http.middlewares.${name}.compress`]: "true" }, false],
	["a longer name", { [`traefik.http.routers.${name}-2.rule`]: "Host(`a.example`)" }, false],
	["a router that leads to it", { "traefik.http.routers.x.service": name }, false],
	["the application's id alone", { "traefik.http.routers.hello.rule": "Host(`a.example`)" }, false],
])("taken by %s: %o", (_name, labels, isTaken) => {
	const other = serviceWith("other", labels);
	expect(whoHasRouteName(application(), traefik, [other], undefined)).toBe(isTaken ? "other" : undefined);
	const ensure = () => ensureRouteNameFree(application(), traefik, [other], undefined);
	if (isTaken) expect(ensure).toThrow(expect.objectContaining({ code: "host_taken", details: { routeName: name, serviceName: "other" } }));
	else expect(ensure).not.toThrow();
});

test("what the application's own service has is not lost to whoever takes it later", () => {
	const own = serviceWith("hello", routingLabels(application(), traefik));
	const other = serviceWith("other", { [`traefik.http.routers.${name}.rule`]: "Host(`a.example`)" });
	expect(whoHasRouteName(application(), traefik, [own], own)).toBeUndefined();
	expect(whoHasRouteName(application(), traefik, [other, own], own)).toBeUndefined();
});

test("nothing is in the way where no such name is given", () => {
	const other = serviceWith("other", { [`traefik.http.routers.${name}.rule`]: "Host(`a.example`)" });
	expect(whoHasRouteName(application(), { ...traefik, dialect: "caddy" }, [other], undefined)).toBeUndefined();
	expect(() => ensureRouteNameFree(application({ domains: [] }), traefik, [other], undefined)).not.toThrow();
});

test("knows a service that still has the name that earlier versions gave", () => {
	const earlier = serviceWith("hello", { "traefik.http.routers.hello.rule": "Host(`a.example`)" });
	expect(hasEarlierRouteName(earlier, traefik)).toBe(true);
	expect(hasEarlierRouteName(earlier, { ...traefik, dialect: "none" })).toBe(false);
	expect(hasEarlierRouteName(serviceWith("hello", routingLabels(application(), traefik)), traefik)).toBe(false);
});
