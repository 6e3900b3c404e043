import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { knowHelperLogins, knowKey, knowNamedSecrets } from "../../../src/config/known-secrets.ts";
import { secretNames } from "../../../src/config/secret.ts";
import { settingNames } from "../../../src/config/settings-schema.ts";
import { Redactor } from "../../../src/redact.ts";

const folder = mkdtempSync(join(tmpdir(), "deploymill-known-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** A folder for docker's config. */
function dockerConfig(name: string, config: unknown): Record<string, string> {
	mkdirSync(join(folder, name));
	writeFileSync(join(folder, name, "config.json"), typeof config === "string" ? config : JSON.stringify(config));
	return { DOCKER_CONFIG: join(folder, name) };
}

function file(name: string, content: string | Buffer): string {
	writeFileSync(join(folder, name), content);
	return join(folder, name);
}

function pipe(): string {
	execFileSync("mkfifo", [join(folder, "pipe")]);
	return join(folder, "pipe");
}

const base64 = (text: string) => Buffer.from(text).toString("base64");
const nothing = { DOCKER_CONFIG: join(folder, "nowhere") };

test.each<[string, Record<string, string>, string[]]>([
	[
		"variables",
		{ ...nothing, DEPLOYMILL_REGISTRY_PASSWORD: "registry-pw", DEPLOYMILL_GIT_TOKEN: "git-token" },
		["registry-pw", "git-token"],
	],
	[
		"files",
		{
			...nothing,
			DEPLOYMILL_REGISTRY_PASSWORD_FILE: file("pw", "\ufeffregistry-pw\n"),
			DEPLOYMILL_GIT_TOKEN_FILE: file("token", "git-token\r\n"),
		},
		["registry-pw", "git-token"],
	],
	[
		"every login of docker's config",
		dockerConfig("logins", {
			auths: {
				"one.example.com": { auth: base64("user:pass:word-1") },
				"https://two.example.com/v1/": { auth: base64("user:"), identitytoken: "identity-token" },
				"three.example.com": { username: "user", password: "password-3", registrytoken: "registry-token" },
				"four.example.com": { auth: base64("user:padded-4\0\0") },
				"five.example.com": {},
				"six.example.com": null,
				"seven.example.com": { auth: 7 },
			},
		}),
		["pass:word-1", base64("user:pass:word-1"), "identity-token", "password-3", "registry-token", "padded-4"],
	],
])("are known: %s", (_name, env, secrets) => {
	const redactor = new Redactor();
	knowNamedSecrets(env, redactor);
	for (const secret of secrets) expect(redactor.maskSecrets(`[ ${secret} ]`)).toBe("[ *** ]");
});

test.each<[string, Record<string, string>]>([
	["a file that is not there", { ...nothing, DEPLOYMILL_GIT_TOKEN_FILE: join(folder, "nowhere") }],
	["a folder", { ...nothing, DEPLOYMILL_GIT_TOKEN_FILE: folder }],
	["a pipe, which would block", { ...nothing, DEPLOYMILL_GIT_TOKEN_FILE: pipe() }],
	["a path that nobody expanded", { ...nothing, DEPLOYMILL_GIT_TOKEN_FILE: "$HOME/token" }],
	["a config that is broken", dockerConfig("broken", "{oops")],
	["a config of other types", dockerConfig("odd", { auths: ["x"], credHelpers: 7 })],
])("%s is left for its use to tell", (_name, env) => {
	expect(() => knowNamedSecrets(env, new Redactor())).not.toThrow();
});

test("the key is known as text and as bytes are printed", () => {
	const key = Buffer.from(Array.from({ length: 32 }, (_, at) => (at * 37 + 129) % 256));
	const redactor = new Redactor();
	knowKey({ keyFile: join(folder, "nowhere") }, redactor);
	knowKey({ keyFile: file("key", key) }, redactor);
	for (const form of [
		key.toString("base64"),
		key.toString("base64url"),
		key.toString("hex"),
		key.toString("hex").toUpperCase(),
		key.toString("latin1"),
	]) {
		expect(redactor.maskSecrets(`[ ${form} ]`)).toMatch(/^\[ \*\*\*=* \]$/);
	}
});

test("what helpers hold is known, and one that fails takes nothing with it", async () => {
	const helper = (name: string, script: string) => chmodSync(file(`docker-credential-${name}`, `#!/bin/sh\n${script}\n`), 0o755);
	helper("fine", 'read host; printf \'{"Username":"u","Secret":"secret-of-%s"}\' "$host"');
	helper("token", 'printf \'{"Username":"<token>","Secret":"identity-token"}\'');
	helper("broken", "exit 3");
	const config = {
		credsStore: "fine",
		credHelpers: {
			"broken.example.com": "broken",
			"missing.example.com": "missing",
			"token.example.com": "token",
			"odd.example.com": "../odd",
		},
	};
	const env = { ...dockerConfig("helpers", config), PATH: `${folder}:${process.env.PATH}` };
	const redactor = new Redactor();
	await knowHelperLogins(env, "registry.example.com", redactor);
	expect(redactor.maskSecrets("secret-of-registry.example.com identity-token")).toBe("*** ***");
});

test("every setting that can stand in a file is known as a secret", () => {
	const names: readonly string[] = settingNames;
	const inFiles = names.filter((name) => names.includes(`${name}_FILE`));
	expect(inFiles.length).toBeGreaterThan(0);
	expect([...secretNames]).toEqual(expect.arrayContaining(inFiles));
});
