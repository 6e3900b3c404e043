// Whether an ingress is one that loses requests in swaps.
import { expect, test } from "vitest";
import { losesRequests } from "../../../../src/commands/doctor/ingress.ts";

const proxy = "lucaslorentz/caddy-docker-proxy:2.9-alpine@sha256:abc";

test.each<[string, string, string[], boolean]>([
	["caddy-docker-proxy as delivered", proxy, [], true],
	["told to ask tasks", proxy, ["CADDY_DOCKER_PROXY_SERVICE_TASKS=true"], true],
	["told to ask services by their names", proxy, ["A=1", "CADDY_DOCKER_PROXY_SERVICE_TASKS=false"], false],
	["in other words", proxy, ["CADDY_DOCKER_PROXY_SERVICE_TASKS=0"], false],
	["in a word that the program takes for no", proxy, ["CADDY_DOCKER_PROXY_SERVICE_TASKS=no"], false],
	["told to ask tasks in other words", proxy, ["CADDY_DOCKER_PROXY_SERVICE_TASKS=Yes"], true],
	["by an argument, which the variable overrules", proxy, ["CADDY_DOCKER_PROXY_SERVICE_TASKS=true", "--proxy-service-tasks=false"], true],
	["by an argument beside an empty variable", proxy, ["CADDY_DOCKER_PROXY_SERVICE_TASKS=", "--proxy-service-tasks=false"], false],
	["by an argument", proxy, ["docker-proxy", "--proxy-service-tasks=false"], false],
	["another variable of that end", proxy, ["NO_CADDY_DOCKER_PROXY_SERVICE_TASKS=false"], true],
	["a Caddy with a file of its own", "caddy:2", [], false],
	["Traefik", "traefik:v3", [], false],
])("%s", (_name, image, options, expected) => {
	expect(losesRequests({ image, options })).toBe(expected);
});
