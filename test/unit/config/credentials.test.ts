import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { askCredentialHelper } from "../../../src/config/credential-helper.ts";
import { readBaseImageLogin, readGitToken, readRegistryCredentials } from "../../../src/config/credentials.ts";
import { Redactor } from "../../../src/redact.ts";

const registry = "r.example.com:5000";
let home: string;
let env: NodeJS.ProcessEnv;
beforeEach(() => {
	home = mkdtempSync(join(tmpdir(), "deploymill-credentials-"));
	env = { HOME: home, PATH: `${join(home, "bin")}:/usr/bin:/bin` };
});
afterEach(() => rmSync(home, { recursive: true }));

function file(name: string, content: string): string {
	const path = join(home, name);
	mkdirSync(join(path, ".."), { recursive: true });
	writeFileSync(path, content);
	return path;
}

function dockerConfig(config: object): void {
	file(".docker/config.json", JSON.stringify(config));
}

/** A real program on PATH that notes what it was asked. */
function helper(name: string, body: string): void {
	chmodSync(file(`bin/docker-credential-${name}`, `#!/bin/sh\nread server\necho "$1 $server" >> "${home}/asked"\n${body}\n`), 0o755);
}

const base64 = (text: string) => Buffer.from(text).toString("base64");
const read = (more: NodeJS.ProcessEnv = {}, host = registry, redactor = new Redactor()) =>
	readRegistryCredentials({ ...env, ...more }, host, redactor);
const notThere = { name: "DeploymillError", code: "registry_auth_failed" };

test("nothing anywhere is no login", async () => {
	expect(await read()).toBeUndefined();
});

test("the environment's pair goes before docker's config, and is masked from then on", async () => {
	dockerConfig({ auths: { [registry]: { auth: base64("other:other") } } });
	const redactor = new Redactor();
	const login = await read({ DEPLOYMILL_REGISTRY_USERNAME: "ada", DEPLOYMILL_REGISTRY_PASSWORD: "hunter22" }, registry, redactor);
	expect(login).toEqual({ username: "ada", password: "hunter22", serverAddress: registry });
	expect(redactor.mask(`hunter22 ${base64("ada:hunter22")}`)).not.toMatch(/hunter22|YWRh/);
});

test("a password file is read anew each time, without its last newline", async () => {
	const path = file("password", "first one \n");
	const more = { DEPLOYMILL_REGISTRY_USERNAME: "ada", DEPLOYMILL_REGISTRY_PASSWORD_FILE: path };
	expect((await read(more))?.password).toBe("first one ");
	writeFileSync(path, "second one\r\n");
	expect((await read(more))?.password).toBe("second one");
	expect((await read({ ...more, DEPLOYMILL_REGISTRY_PASSWORD_FILE: "~/password" }))?.password).toBe("second one");
});

test.each([
	[
		{ DEPLOYMILL_REGISTRY_USERNAME: "ada" },
		"invalid_input",
		"DEPLOYMILL_REGISTRY_PASSWORD (or DEPLOYMILL_REGISTRY_PASSWORD_FILE) is not set, but the other half of the registry's login is",
	],
	[
		{ DEPLOYMILL_REGISTRY_PASSWORD: "hunter22" },
		"invalid_input",
		"DEPLOYMILL_REGISTRY_USERNAME is not set, but the other half of the registry's login is",
	],
	[
		{ DEPLOYMILL_REGISTRY_PASSWORD: "hunter22", DEPLOYMILL_REGISTRY_PASSWORD_FILE: "/x" },
		"invalid_input",
		"DEPLOYMILL_REGISTRY_PASSWORD stands beside DEPLOYMILL_REGISTRY_PASSWORD_FILE: give one of the two",
	],
	[
		{ DEPLOYMILL_REGISTRY_USERNAME: "ada", DEPLOYMILL_REGISTRY_PASSWORD_FILE: "/no/such/file" },
		"registry_auth_failed",
		'DEPLOYMILL_REGISTRY_PASSWORD_FILE: cannot read "/no/such/file" (ENOENT)',
	],
	[
		{ DEPLOYMILL_REGISTRY_USERNAME: "ada", DEPLOYMILL_REGISTRY_PASSWORD_FILE: "/dev/null" },
		"registry_auth_failed",
		'DEPLOYMILL_REGISTRY_PASSWORD_FILE: "/dev/null" is empty',
	],
])("%j is refused", async (more, code, message) => {
	await expect(read(more)).rejects.toMatchObject({ code, message });
});

test.each([
	["bare host", { [registry]: { auth: base64("ada:pass:word") } }, { username: "ada", password: "pass:word" }],
	["address", { [`https://${registry}/v1/`]: { auth: base64("ada:word") } }, { username: "ada", password: "word" }],
	["padded", { [registry]: { auth: base64("ada:word\0\0") } }, { username: "ada", password: "word" }],
	["apart", { [registry]: { username: "ada", password: "word" } }, { username: "ada", password: "word" }],
	["token", { [registry]: { auth: base64("ada:"), identitytoken: "tok" } }, { username: "ada", password: "", identityToken: "tok" }],
	[
		"exact first",
		{ [`http://${registry}`]: { auth: base64("x:x") }, [registry]: { auth: base64("ada:w") } },
		{ username: "ada", password: "w" },
	],
])("docker's auths: %s", async (_case, auths, expected) => {
	dockerConfig({ auths });
	expect(await read()).toEqual({ ...expected, serverAddress: registry });
});

test("docker's auths: Docker Hub under its old address; another registry; an empty entry; nonsense", async () => {
	dockerConfig({ auths: { "https://index.docker.io/v1/": { auth: base64("ada:word") }, "other.example.com": {}, [registry]: {} } });
	expect(await read({}, "docker.io")).toEqual({ username: "ada", password: "word", serverAddress: "https://index.docker.io/v1/" });
	expect(await read({}, "unknown.example.com")).toBeUndefined();
	expect(await read()).toBeUndefined();
	dockerConfig({ auths: { [registry]: { auth: base64("no colon, secret") } } });
	await expect(read()).rejects.toMatchObject({
		...notThere,
		message: `auths of "${home}/.docker/config.json": the auth of "${registry}" is not base64 of user:password`,
	});
});

test("DOCKER_CONFIG says where docker's config is; a broken one is told without its content", async () => {
	file("elsewhere/config.json", JSON.stringify({ auths: { [registry]: { auth: base64("ada:word") } } }));
	expect((await read({ DOCKER_CONFIG: join(home, "elsewhere") }))?.username).toBe("ada");
	file("broken/config.json", '{"auths": "c2VjcmV0');
	await expect(read({ DOCKER_CONFIG: join(home, "broken") })).rejects.toMatchObject({
		...notThere,
		message: `"${home}/broken/config.json" is not a JSON object`,
	});
});

test("a helper for this registry goes before the store for all, and is asked by the registry's name", async () => {
	helper("one", `echo '{"ServerURL":"x","Username":"ada","Secret":"from one"}'`);
	helper("all", `echo '{"Username":"<token>","Secret":"from all"}'`);
	dockerConfig({ credHelpers: { [registry]: "one" }, credsStore: "all", auths: { [registry]: {} } });
	const redactor = new Redactor();
	expect(await read({}, registry, redactor)).toEqual({ username: "ada", password: "from one", serverAddress: registry });
	expect(redactor.mask("a from one b")).toBe("a *** b");
	expect(await read({}, "docker.io")).toEqual({
		username: "",
		password: "",
		identityToken: "from all",
		serverAddress: "https://index.docker.io/v1/",
	});
	expect(readFileSync(join(home, "asked"), "utf8")).toBe(`get ${registry}\nget https://index.docker.io/v1/\n`);
});

test("a helper that knows nothing leaves it to auths", async () => {
	helper("store", 'echo "credentials not found in native keychain"; exit 1');
	dockerConfig({ credsStore: "store", auths: { [registry]: { auth: base64("ada:word") } } });
	expect(await read()).toMatchObject({ username: "ada" });
	expect(await read({}, "other.example.com")).toBeUndefined();
});

test("a helper gets none of our settings", async () => {
	helper("env", `env | grep -c DEPLOYMILL_ > "${home}/count"; echo '{"Username":"ada","Secret":"word"}'`);
	dockerConfig({ credsStore: "env" });
	await read({ DEPLOYMILL_GIT_TOKEN: "ghp_token" });
	expect(readFileSync(join(home, "count"), "utf8")).toBe("0\n");
});

test.each([
	["missing", undefined, "is not in the PATH of the deploymill server"],
	["failing", "echo the-secret; echo the-secret >&2; exit 3", "failed with exit code 3"],
	["odd", "echo the-secret", "answered something other than a login"],
	["half", `echo '{"Username":"the-secret"}'`, "answered something other than a login"],
])("a helper that is %s is named, its output is not", async (name, body, why) => {
	if (body) helper(name, body);
	dockerConfig({ credsStore: name });
	const error = await read().catch((reason: unknown) => reason);
	expect(error).toMatchObject({ ...notThere, message: `docker's credential helper "docker-credential-${name}" ${why}` });
	expect(JSON.stringify(error)).not.toContain("the-secret");
});

test("a helper that hangs is given up, also when its child holds the pipe", async () => {
	helper("slow", "sleep 20");
	const startedAt = performance.now();
	await expect(askCredentialHelper("slow", registry, env, 200)).rejects.toMatchObject({
		...notThere,
		message: 'docker\'s credential helper "docker-credential-slow" gave no answer within 200 ms',
	});
	expect(performance.now() - startedAt).toBeLessThan(5000);
});

test("a helper's name cannot be a path", async () => {
	dockerConfig({ credsStore: "../../bin/evil" });
	await expect(read()).rejects.toMatchObject({
		...notThere,
		message: 'docker\'s credential helper "docker-credential-../../bin/evil" has a name that is none: letters, digits, . _ - are allowed',
	});
});

test("the git token comes from the environment or a file, and is masked", async () => {
	const redactor = new Redactor();
	expect(await readGitToken(env, redactor)).toBeUndefined();
	expect(await readGitToken({ ...env, DEPLOYMILL_GIT_TOKEN: "ghp_one-token" }, redactor)).toBe("ghp_one-token");
	const path = file("token", "ghp_two-token\n");
	expect(await readGitToken({ ...env, DEPLOYMILL_GIT_TOKEN_FILE: path }, redactor)).toBe("ghp_two-token");
	expect(redactor.mask("ghp_one-token ghp_two-token")).toBe("*** ***");
	writeFileSync(path, "two\nlines");
	await expect(readGitToken({ ...env, DEPLOYMILL_GIT_TOKEN_FILE: path }, redactor)).rejects.toMatchObject({
		code: "repo_auth_failed",
		message: "DEPLOYMILL_GIT_TOKEN or its file holds more than a token: there is white space in it",
	});
	await expect(readGitToken({ ...env, DEPLOYMILL_GIT_TOKEN_FILE: "/no/such/file" }, redactor)).rejects.toMatchObject({
		code: "repo_auth_failed",
		message: 'DEPLOYMILL_GIT_TOKEN_FILE: cannot read "/no/such/file" (ENOENT)',
	});
});

test.each<[string, string, object | undefined]>([
	["our own registry: the variables", registry, { username: "env", password: "from-env" }],
	["another that docker is logged in to: its own login", "other.example.com", { username: "other", password: "their-password" }],
	["another that docker is not logged in to: none", "third.example.com", undefined],
	["Docker Hub by BuildKit's name for it", "registry-1.docker.io", { username: "hub", password: "hub-password" }],
	["one that only looks like ours", `${registry}.evil.example`, undefined],
])("for a base image of %s", async (_name, host, login) => {
	dockerConfig({
		auths: {
			"other.example.com": { auth: base64("other:their-password") },
			"https://index.docker.io/v1/": { auth: base64("hub:hub-password") },
		},
	});
	const own = { DEPLOYMILL_REGISTRY_USERNAME: "env", DEPLOYMILL_REGISTRY_PASSWORD: "from-env" };
	const redactor = new Redactor();
	const found = await readBaseImageLogin({ ...env, ...own }, host, registry, redactor);
	if (!login) return expect(found).toBeUndefined();
	expect(found).toMatchObject(login);
	expect(redactor.mask(`it is ${found?.password}!`)).not.toContain(String(found?.password));
});
