import { expect, test } from "vitest";
import { authConfig, registryAuth } from "../../../../src/adapters/docker/registry-auth.ts";

const login = { username: "ci", password: "hunter2", serverAddress: "registry.example.com" };

test("a login is sent with its password, or with the identity token that it was handed, never with both", () => {
	expect(authConfig(login)).toEqual({ username: "ci", password: "hunter2", serveraddress: "registry.example.com" });
	expect(authConfig({ ...login, password: "", identityToken: "token" })).toEqual({
		identitytoken: "token",
		serveraddress: "registry.example.com",
	});
});

test("without a login no header is sent at all", () => {
	expect(registryAuth(undefined)).toEqual({});
	expect(registryAuth(login)).toEqual({ authconfig: authConfig(login) });
});
