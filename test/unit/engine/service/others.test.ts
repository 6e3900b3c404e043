import { describe, expect, test } from "vitest";
import { digestsOf } from "../../../../src/engine/service/digests.ts";
import { type Base, baseOf, findOthers, type Others, withOthers } from "../../../../src/engine/service/others.ts";
import { type ServiceSettings, wantedSpec } from "../../../../src/engine/service/spec.ts";
import type { ApplicationConfig } from "../../../../src/model/application.ts";
import type { Deployment } from "../../../../src/model/deployment.ts";
import { labels, type ObservedService } from "../../../../src/model/service.ts";
import { ingress } from "../../../support/reconcile-bench.ts";
import { application, deployment, imageOf } from "../records.ts";

type Env = Record<string, string>;

/** Tells values apart as the real one does, and tests can read it. */
const digestEnv = (values: Env): Env => Object.fromEntries(Object.entries(values).map(([name, value]) => [name, `digest of ${value}`]));
const data = { volumeName: "data", mountPath: "/data" };
const media = { volumeName: "media", mountPath: "/media" };
const settings: ServiceSettings = { ingress, networkId: "n", apiVersion: "1.51" };

interface Put {
	env?: Env;
	config?: Partial<ApplicationConfig>;
}

function service({ env = {}, config = {} }: Put, deploymentId = "dep-1"): ObservedService {
	const wanted = { application: application(config), env, image: imageOf("a"), deploymentId, gate: { on: false } };
	return { id: "s", version: 1, spec: wantedSpec(wanted, settings) };
}

const base = ({ env = {}, config = {} }: Put): Base => digestsOf({ digestEnv }, env, application(config).config);

function others(there: Put, here: Put, known: Base): Others {
	const own = { env: here.env ?? {}, config: application(here.config).config };
	return findOthers(service(there), own, known, digestEnv);
}

describe("an env var, as it was, is here, and is there", () => {
	const env = (value: string | undefined): Env => (value === undefined ? {} : { A: value });
	test.each<[string, was: string | undefined, here: string | undefined, there: string | undefined, Partial<Others>]>([
		["untouched", "1", "1", "1", {}],
		["set here", undefined, "1", undefined, {}],
		["set here to another value", "1", "2", "1", {}],
		["unset here", "1", undefined, "1", {}],
		["set by others", undefined, undefined, "1", { env: { A: "1" } }],
		["set by others to another value", "1", "1", "2", { env: { A: "2" } }],
		["set by others to another value, and unset here", "1", undefined, "2", { env: { A: "2" } }],
		["set to the same by both", "1", "2", "2", {}],
		["set to two values", "1", "2", "3", { overruled: ["A"] }],
		["new to both, with two values", undefined, "1", "2", { overruled: ["A"] }],
		["taken off by others", "1", "1", undefined, { restored: ["A"] }],
		["taken off by others, and set here to another value", "1", "2", undefined, {}],
		["taken off by both", "1", undefined, undefined, {}],
		["set to nothing by others", "1", "1", "", { env: { A: "" } }],
	])("%s", (_name, was, here, there, expected) => {
		const found = others({ env: env(there) }, { env: env(here) }, base({ env: env(was) }));
		expect(found).toEqual({ env: {}, hosts: [], mounts: [], overruled: [], restored: [], ...expected });
	});

	test.each<[string, here: string | undefined, there: string | undefined, Partial<Others>]>([
		["only there: nobody knows who set it, and it is nobody's to drop", undefined, "1", { env: { A: "1" } }],
		["with another value: what was set here is wanted", "1", "2", {}],
		["only here", "1", undefined, {}],
	])("without a record: %s", (_name, here, there, expected) => {
		expect(others({ env: env(there) }, { env: env(here) }, {})).toMatchObject({ env: {}, overruled: [], restored: [], ...expected });
	});

	test("by a name that objects have", () => {
		const names = JSON.parse('{"__proto__": "1", "constructor": "2"}') as Env;
		expect(JSON.stringify(others({ env: names }, {}, base({})).env)).toBe('{"__proto__":"1","constructor":"2"}');
	});
});

test.each<[string, Put["config"], here: Put["config"], there: Put["config"], Partial<Others>]>([
	["nothing", {}, {}, {}, {}],
	["a host that others added", { domains: ["a.test"] }, { domains: ["a.test"] }, { domains: ["a.test", "b.test"] }, { hosts: ["b.test"] }],
	[
		"a host that was pruned here, and is there still",
		{ domains: ["a.test", "b.test"] },
		{ domains: ["a.test"] },
		{ domains: ["a.test", "b.test"] },
		{},
	],
	["a host that was added here", { domains: ["a.test"] }, { domains: ["a.test", "b.test"] }, { domains: ["a.test"] }, {}],
	["a volume that others mounted", {}, {}, { mounts: [data] }, { mounts: [data] }],
	["a volume that was pruned here", { mounts: [data] }, {}, { mounts: [data] }, {}],
	[
		"a volume at a path that has another here",
		{},
		{ mounts: [{ ...data, volumeName: "mine" }] },
		{ mounts: [data, media] },
		{ mounts: [media] },
	],
	["replicas that others scaled", { replicas: 1 }, { replicas: 1 }, { replicas: 5 }, { replicas: 5 }],
	["replicas that the project file changed", { replicas: 1 }, { replicas: 2 }, { replicas: 1 }, {}],
	["replicas that both changed: the file's", { replicas: 1 }, { replicas: 2 }, { replicas: 5 }, {}],
	["an app that was scaled to nothing is to run again", { replicas: 2 }, { replicas: 2 }, { replicas: 0 }, {}],
])("%s", (_name, was, here, there, expected) => {
	const found = others({ config: there ?? {} }, { config: here ?? {} }, base({ config: was ?? {} }));
	expect(found).toEqual({ env: {}, hosts: [], mounts: [], overruled: [], restored: [], ...expected });
});

test("what others set is the application's", () => {
	const found = { hosts: ["b.test"], mounts: [data], replicas: 5, overruled: [], restored: [] };
	const { config } = withOthers(application({ domains: ["a.test"] }), found);
	expect(config).toEqual(application({ domains: ["a.test", "b.test"], mounts: [data], replicas: 5, replicasAdopted: true }).config);
	expect(withOthers(application(), { hosts: [], mounts: [], overruled: [], restored: [] })).toEqual(application());
});

describe("what a service is compared with", () => {
	const one = deployment({ deploymentId: "dep-1", sequence: 1, image: imageOf("a"), envDigests: { A: "1" } });
	const two = deployment({ deploymentId: "dep-2", sequence: 2, image: imageOf("b"), envDigests: { A: "2" } });
	const of = (observed: ObservedService, newestFirst: Deployment[]) =>
		baseOf(
			{
				findDeployment: (id) => newestFirst.find(({ deploymentId }) => deploymentId === id),
				findLastPut: () => newestFirst[0],
			},
			"hello",
			observed,
		).envDigests;

	test("is how the deployment that is stamped on it put it there: a hand may have gone back", () => {
		expect(of(service({}, "dep-2"), [two, one])).toEqual({ A: "2" });
		expect(of(service({}, "dep-1"), [two, one])).toEqual({ A: "1" });
	});

	test("is how this data folder last put it there, where the stamp is another's or gone", () => {
		expect(of(service({}, "dep-theirs"), [two, one])).toEqual({ A: "2" });
		const unstamped = service({});
		delete unstamped.spec.Labels[labels.deployment];
		expect(of(unstamped, [two, one])).toEqual({ A: "2" });
		expect(of(service({}, "dep-1"), [two, { ...one, applicationId: "other" }])).toEqual({ A: "2" });
	});

	test("is nothing before anything was put there, and unknown where an earlier version kept no record", () => {
		expect(of(service({}, "dep-theirs"), [])).toEqual({});
		const { envDigests: _none, ...old } = one;
		expect(of(service({}, "dep-1"), [old])).toBeUndefined();
	});
});
