import { expect, test } from "vitest";
import { changedSince, howEnvChanged, ranWith } from "../../../../src/engine/history/changed-since.ts";
import { digestsOf } from "../../../../src/engine/service/digests.ts";
import type { ApplicationConfig } from "../../../../src/model/application.ts";
import type { Deployment } from "../../../../src/model/deployment.ts";
import { application, deployment, imageOf } from "../records.ts";

type Env = Record<string, string>;

const digests = (env: Env, over: Partial<ApplicationConfig> = {}) =>
	digestsOf({ digestEnv: (values) => values }, env, application(over).config);
const released = (deploymentId: string, env: Env, over: Partial<Deployment> = {}) =>
	deployment({ deploymentId, image: imageOf("a"), ...digests(env), ...over });
const since = (newestFirst: Deployment[], now: ReturnType<typeof digests>) =>
	changedSince({ deployments: newestFirst, points: [] }, newestFirst.at(-1) as Deployment, now);

test.each<[string, Env, Env, string[]]>([
	["nothing", { A: "1" }, { A: "1" }, []],
	["a value", { A: "1", B: "1" }, { A: "2", B: "1" }, ["A"]],
	["one that was added", {}, { B: "1" }, ["B"]],
	["one that was removed", { B: "1" }, {}, ["B"]],
	["names in their order", { B: "1", A: "1" }, {}, ["A", "B"]],
])("env: %s", (_name, then, now, env) => {
	expect(since([released("dep-1", then)], digests(now))).toEqual({ env, config: [] });
});

test.each<[string, Partial<ApplicationConfig>, string[]]>([
	["nothing", {}, []],
	["health", { health: { path: "/", retries: 3, intervalMs: 3000, timeoutMs: 5000 } }, ["health"]],
	["port and replicas", { port: 80, replicas: 2 }, ["port", "replicas"]],
	["mounts and domains", { mounts: [{ volumeName: "v", mountPath: "/v" }], domains: [] }, ["domains", "mounts"]],
	[
		"how it is built, called and rolled back",
		{ name: "New", build: { dockerfile: "D", context: ".", args: {} }, rollback: { enabled: false, auto: false } },
		[],
	],
])("configuration: %s", (_name, over, config) => {
	expect(since([released("dep-1", {})], digests({}, over))).toEqual({ env: [], config });
});

test("what counts is when the image was put live last, not when it was built", () => {
	const back = released("dep-3", { A: "2" }, { kind: "rollback" });
	expect(since([back, released("dep-1", { A: "1" })], digests({ A: "2" }))).toEqual({ env: [], config: [] });
	expect(since([{ ...back, rolledOver: false }, released("dep-1", { A: "1" })], digests({ A: "2" }))?.env).toEqual(["A"]);
});

test("of a release whose env was not recorded nothing is claimed", () => {
	expect(since([deployment({ image: imageOf("a") })], digests({ A: "1" }))).toBeUndefined();
});

test("of one that an earlier version put live, only the env is known", () => {
	const { configDigests: _unknown, ...old } = released("dep-1", { A: "1" });
	expect(since([old], digests({ A: "1" }, { port: 80 }))).toEqual({ env: [], config: [] });
});

test("how a variable came to be another one, and with which deployment; or after which, where it is not live yet", () => {
	const at = (minute: number) => ({ sequence: minute, startedAt: `2026-01-01T00:0${minute}:00.000Z` });
	const target = released("dep-1", { A: "1", GONE: "1" }, at(1));
	const later = released("dep-2", { A: "2" }, { ...at(2), image: imageOf("b") });
	const how = howEnvChanged({ deployments: [later, target], points: [] }, target, digests({ A: "2", NEW: "1" }));
	expect(["A", "GONE", "NEW"].map(how)).toEqual([
		"changed by 2026-01-01T00:02:00.000Z, live with dep-2",
		"removed by 2026-01-01T00:02:00.000Z, live with dep-2",
		"added after 2026-01-01T00:02:00.000Z, not live yet",
	]);
});

test("the target's app reads what it was put live with, and not what came later", () => {
	const target = released("dep-1", { A: "1", GONE: "1" });
	expect(ranWith({ deployments: [target], points: [] }, target, ["A", "GONE", "NEW"])).toEqual(["A", "GONE"]);
	expect(ranWith({ deployments: [], points: [] }, target, ["A"])).toEqual([]);
});
