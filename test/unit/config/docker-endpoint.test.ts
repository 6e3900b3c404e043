import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { resolveDockerEndpoint } from "../../../src/config/docker-endpoint.ts";
import { DeploymillError } from "../../../src/errors.ts";
import { Redactor } from "../../../src/redact.ts";

let home: string;
beforeEach(() => {
	home = mkdtempSync(join(tmpdir(), "deploymill-endpoint-"));
});
afterEach(() => rmSync(home, { recursive: true }));

function write(path: string, content: unknown): void {
	const file = join(home, ".docker", path);
	mkdirSync(join(file, ".."), { recursive: true });
	writeFileSync(file, typeof content === "string" ? content : JSON.stringify(content));
}

function writeContext(name: string, endpoint: object): string {
	const id = createHash("sha256").update(name).digest("hex");
	write(`contexts/meta/${id}/meta.json`, { Name: name, Metadata: {}, Endpoints: { docker: endpoint } });
	return id;
}

function resolve(env: NodeJS.ProcessEnv = {}, redactor = new Redactor()) {
	return resolveDockerEndpoint({ HOME: home, ...env }, redactor);
}

function failure(env: NodeJS.ProcessEnv): DeploymillError {
	try {
		resolve(env);
	} catch (error) {
		if (error instanceof DeploymillError) return error;
		throw error;
	}
	throw new Error("an endpoint was found");
}

test("the default socket, where nothing says otherwise", () => {
	expect(resolve()).toEqual({ description: "unix:///var/run/docker.sock (docker's default)", host: "unix:///var/run/docker.sock" });
});

test.each([
	["unix:///run/user/1000/docker.sock", "unix:///run/user/1000/docker.sock"],
	["unix://", "unix:///var/run/docker.sock"],
	["tcp://10.0.0.1", "tcp://10.0.0.1:2375"],
	["tcp://docker.example.com:2375/", "tcp://docker.example.com:2375"],
	["10.0.0.1:2375", "tcp://10.0.0.1:2375"],
	["tcp://[::1]:2375", "tcp://[::1]:2375"],
	["http://10.0.0.1:80", "http://10.0.0.1:80"],
	["ssh://ada@box", "ssh://ada@box"],
	["ssh://ada@my_box:2222/run/docker.sock", "ssh://ada@my_box:2222/run/docker.sock"],
	["npipe:////./pipe/docker_engine", "npipe:////./pipe/docker_engine"],
])("DOCKER_HOST %s is %s", (text, host) => {
	expect(resolve({ DOCKER_HOST: text })).toEqual({ description: `${host} (DOCKER_HOST)`, host });
});

test.each([
	["ftp://x", 'DOCKER_HOST: got "ftp://x", expected unix://, tcp://, ssh://, http://, https:// or npipe://'],
	["unix://run/x", 'DOCKER_HOST: got "unix://run/x", expected unix:// and an absolute path, e.g. unix:///var/run/docker.sock'],
	[
		"tcp://a b",
		'DOCKER_HOST: got "tcp://a b", expected unix://, tcp://, ssh://, http://, https:// or npipe:// and an address without spaces',
	],
	["tcp://x:99999", 'DOCKER_HOST: got "tcp://x:99999", expected host:port behind the scheme, an IPv6 address in brackets'],
	["tcp://::1:2375", 'DOCKER_HOST: got "tcp://::1:2375", expected host:port behind the scheme, an IPv6 address in brackets'],
	["ssh://ada:hunter22@box", 'DOCKER_HOST: got "ssh://***@box", expected no password: ssh uses your keys and agent'],
	["ssh://-oProxyCommand=id", 'DOCKER_HOST: got "ssh://-oProxyCommand=id", expected ssh://[user@]host[:port]'],
	["ssh://-l@box", 'DOCKER_HOST: got "ssh://-l@box", expected ssh://[user@]host[:port]'],
	["ssh://box/$(id)", 'DOCKER_HOST: got "ssh://box/$(id)", expected a plain path behind the host, or none'],
])("DOCKER_HOST %s is refused", (text, message) => {
	const error = failure({ DOCKER_HOST: text });
	expect(error.code).toBe("invalid_input");
	expect(error.message).toBe(message);
});

test("TLS from the environment, in ~/.docker unless DOCKER_CERT_PATH says where", () => {
	write("ca.pem", "CA");
	write("certs/ca.pem", "other CA");
	write("certs/cert.pem", "CERT");
	write("certs/key.pem", "the private key");
	const redactor = new Redactor();
	const env = { DOCKER_HOST: "tcp://10.0.0.1", DOCKER_TLS_VERIFY: "1" };
	expect(resolve(env)).toMatchObject({ host: "tcp://10.0.0.1:2376", tls: { ca: "CA", verify: true } });
	expect(resolve({ ...env, DOCKER_CERT_PATH: join(home, ".docker/certs") }, redactor).tls).toEqual({
		ca: "other CA",
		cert: "CERT",
		key: "the private key",
		verify: true,
	});
	expect(redactor.mask("found the private key")).toBe("found ***");
	expect(resolve({ ...env, DOCKER_HOST: "unix:///x.sock" }).tls).toBeUndefined();
	expect(resolve({ DOCKER_HOST: "https://10.0.0.1" })).toMatchObject({ host: "https://10.0.0.1:2376", tls: { verify: true } });
});

test("TLS files that are missing", () => {
	const env = { DOCKER_HOST: "tcp://10.0.0.1", DOCKER_TLS_VERIFY: "1" };
	const folder = join(home, ".docker");
	expect(failure(env).message).toBe(`DOCKER_TLS_VERIFY is set, but there is no ca.pem in "${folder}"`);
	write("cert.pem", "CERT");
	expect(failure(env).message).toBe(`cert.pem and key.pem belong together, but "${folder}" has only one of them`);
});

test("a context of DOCKER_CONTEXT, before the current one and behind DOCKER_HOST", () => {
	write("config.json", { currentContext: "current" });
	writeContext("current", { Host: "unix:///current.sock", SkipTLSVerify: false });
	writeContext("named", { Host: "unix:///named.sock", SkipTLSVerify: false });
	const file = join(home, ".docker/config.json");
	expect(resolve()).toEqual({
		description: `unix:///current.sock (context "current", currentContext of "${file}")`,
		host: "unix:///current.sock",
	});
	expect(resolve({ DOCKER_CONTEXT: "named" })).toEqual({
		description: 'unix:///named.sock (context "named", DOCKER_CONTEXT)',
		host: "unix:///named.sock",
	});
	expect(resolve({ DOCKER_CONTEXT: "default" }).host).toBe("unix:///var/run/docker.sock");
	expect(resolve({ DOCKER_CONTEXT: "named", DOCKER_HOST: "unix:///host.sock" }).host).toBe("unix:///host.sock");
	expect(resolve({ DOCKER_CONFIG: join(home, "elsewhere") }).host).toBe("unix:///var/run/docker.sock");
});

test("a context with TLS", () => {
	const id = writeContext("secure", { Host: "tcp://10.0.0.1:2376", SkipTLSVerify: false });
	for (const name of ["ca", "cert", "key"]) write(`contexts/tls/${id}/docker/${name}.pem`, `${name} text`);
	expect(resolve({ DOCKER_CONTEXT: "secure" }).tls).toEqual({ ca: "ca text", cert: "cert text", key: "key text", verify: true });
	writeContext("lax", { Host: "tcp://10.0.0.1:2376", SkipTLSVerify: true });
	expect(resolve({ DOCKER_CONTEXT: "lax" }).tls).toEqual({ verify: false });
});

test("a context that is not there, or of no use", () => {
	const meta = (name: string) => join(home, ".docker/contexts/meta", createHash("sha256").update(name).digest("hex"), "meta.json");
	const missing = failure({ DOCKER_CONTEXT: "nope" });
	expect(missing).toMatchObject({ code: "docker_unreachable", retryable: false });
	expect(missing.message).toBe(`docker context "nope" (DOCKER_CONTEXT) does not exist: no "${meta("nope")}"`);
	writeContext("kubernetes", {});
	expect(failure({ DOCKER_CONTEXT: "kubernetes" }).message).toContain(
		'docker context "kubernetes" (DOCKER_CONTEXT) names no Docker endpoint in',
	);
	writeContext("odd", { Host: "gopher://x" });
	expect(failure({ DOCKER_CONTEXT: "odd" }).message).toBe(
		'context "odd", DOCKER_CONTEXT: got "gopher://x", expected unix://, tcp://, ssh://, http://, https:// or npipe://',
	);
});

test("a config.json that is broken does not show what is in it", () => {
	write("config.json", '{"auths": {"r": {"auth": "c2VjcmV0"');
	const error = failure({});
	expect(error.code).toBe("docker_unreachable");
	expect(error.message).toBe(`"${join(home, ".docker/config.json")}" is not a JSON object`);
	expect(failure({ DOCKER_HOST: "" }).code).toBe("docker_unreachable");
	expect(resolve({ DOCKER_HOST: "unix:///x.sock" }).host).toBe("unix:///x.sock");
});
