import { describe, expect, it } from "vitest";
import { classifyRegistryFault } from "../../../../src/adapters/docker/registry-faults.ts";

/** As Docker 28.5 and distribution 2.8, Docker Hub and containerd said them. */
const said: Record<string, string[]> = {
	registry_auth_failed: [
		"no basic auth credentials",
		"unauthorized: authentication required",
		'Head "http://10.0.0.2:5000/v2/app/manifests/1": no basic auth credentials',
		"login attempt to http://10.0.0.2:5000/v2/ failed with status: 401 Unauthorized",
		"denied: requested access to the resource is denied",
		'Get "https://registry-1.docker.io/v2/": unauthorized: incorrect username or password',
		"pull access denied for app, repository does not exist or may require 'docker login'",
		"push access denied, repository does not exist or may require authorization: server message: insufficient_scope: authorization failed",
		"unexpected status from HEAD request to https://ghcr.io/v2/a/b/manifests/1: 403 Forbidden",
	],
	image_missing: [
		"manifest unknown: manifest unknown",
		"name unknown: repository name not known to registry",
		"manifest for app:2 not found: manifest unknown: manifest unknown",
		'failed to resolve reference "10.0.0.2:5000/app:2": 10.0.0.2:5000/app:2: not found',
	],
	registry_unreachable: [
		'Get "http://127.0.0.1:1/v2/": dial tcp 127.0.0.1:1: connect: connection refused',
		'Get "http://10.0.0.77:5000/v2/": dial tcp 10.0.0.77:5000: connect: no route to host',
		'Get "https://nope.invalid/v2/": dial tcp: lookup nope.invalid on 10.0.0.1:53: no such host',
		'Get "https://10.0.0.2:5000/v2/": http: server gave HTTP response to HTTPS client',
		'Get "https://reg.test/v2/": tls: failed to verify certificate: x509: certificate signed by unknown authority',
		'Get "https://reg.test/v2/": net/http: request canceled while waiting for connection (Client.Timeout exceeded while awaiting headers)',
		"received unexpected HTTP status: 503 Service Unavailable",
		'Get "http://10.0.0.2:5000/v2/": dial tcp 10.0.0.2:5000: connect: permission denied',
	],
	none: ["An image does not exist locally with the tag: 10.0.0.2:5000/app", "filesystem layer verification failed for digest sha256:1", ""],
};

describe("classifyRegistryFault", () => {
	for (const [fault, texts] of Object.entries(said)) {
		for (const text of texts) {
			it(`${fault}: ${text}`, () => expect(classifyRegistryFault(text) ?? "none").toBe(fault));
		}
	}
});
