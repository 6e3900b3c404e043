import { expect, test } from "vitest";
import { handedSettings, handOver } from "../../../src/config/handed-settings.ts";
import { readSettings } from "../../../src/config/settings.ts";

const home = { HOME: "/home/ada", PATH: "/usr/bin" };

test.each<[string, NodeJS.ProcessEnv]>([
	["the defaults", {}],
	[
		"a registry, an edge, a list",
		{ DEPLOYMILL_REGISTRY: "r.test/apps", DEPLOYMILL_EDGE_ADDRESS: "[::1]:8080", DEPLOYMILL_GIT_HOSTS: "a.test,b.test:22" },
	],
	["paths", { DEPLOYMILL_DATA_DIR: "mill", DEPLOYMILL_KEY_FILE: "~/key" }],
])("%s arrive as they were read", (_name, env) => {
	const settings = readSettings({ ...home, ...env });
	expect(handedSettings(handOver({ ...home, ...env }, settings))).toEqual(settings);
});

test("what a worker reads itself is named from the root, and the rest of the environment stays", () => {
	const env = {
		...home,
		DEPLOYMILL_GIT_TOKEN_FILE: " secrets/git ",
		DEPLOYMILL_REGISTRY_PASSWORD_FILE: "~/registry",
		DEPLOYMILL_REGISTRY_USERNAME: "ada",
		DOCKER_CONFIG: "docker",
		DOCKER_CERT_PATH: "/certs",
	};
	expect(handOver(env, readSettings(env))).toEqual({
		...env,
		DEPLOYMILL_GIT_TOKEN_FILE: `${process.cwd()}/secrets/git`,
		DEPLOYMILL_REGISTRY_PASSWORD_FILE: "/home/ada/registry",
		DOCKER_CONFIG: `${process.cwd()}/docker`,
		DEPLOYMILL_WORKER_SETTINGS: expect.any(String),
	});
});

test("a process that no server started is handed none", () => {
	expect(handedSettings(home)).toBeUndefined();
});
