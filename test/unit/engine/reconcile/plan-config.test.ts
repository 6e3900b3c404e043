import { describe, expect, test } from "vitest";
import { type PlanInput, type PlannedConfig, planConfig } from "../../../../src/engine/reconcile/plan-config.ts";
import type { ApplicationConfig } from "../../../../src/model/application.ts";
import { config } from "../records.ts";

function plan(applied: ApplicationConfig | undefined, wanted: ApplicationConfig, over: Partial<PlanInput> = {}): PlannedConfig {
	return planConfig({ applied, wanted, declaresReplicas: true, heldHosts: new Map(), prune: false, commit: "abc1234", ...over });
}

/** Steps in short, e.g. `set port 80 -> 81`. */
function inShort({ steps }: PlannedConfig): string[] {
	const show = (value: unknown) => (typeof value === "string" ? value : JSON.stringify(value));
	return steps.map(({ action, target, from, to }) =>
		[action, target, ...(from === undefined ? [] : [show(from), "->"]), ...(to === undefined ? [] : [show(to)])].join(" "),
	);
}

const data = { volumeName: "data", mountPath: "/data" };
const media = { volumeName: "media", mountPath: "/media" };
const a = config({ domains: ["a.example"] });
const ab = config({ domains: ["a.example", "b.example"] });
const later = "project.json at abc1234; takes effect at the next deploy or rollback";

test("the first reconcile registers, and says what is set", () => {
	const planned = plan(undefined, config({ domains: ["a.example"], mounts: [data], rollback: { enabled: true, auto: true } }));
	expect(planned.steps).toEqual([
		{ action: "register", target: "application", to: "Hello", cause: "the repository is new to this server" },
		{ action: "set", target: "rollback", to: { enabled: true, auto: true }, cause: "project.json at abc1234" },
		{ action: "set", target: "health", to: planned.config.health, cause: "project.json at abc1234" },
		{ action: "set", target: "replicas", to: 1, cause: "project.json at abc1234" },
		{ action: "add", target: "domains", to: "a.example", cause: "project.json at abc1234" },
		{ action: "add", target: "mounts", to: data, cause: later },
	]);
});

const { port: _port, ...worker } = config({ workload: "worker", domains: [] });

test.each<[string, ApplicationConfig, ApplicationConfig, Partial<PlanInput>, string[], Partial<ApplicationConfig>]>([
	["nothing changed", a, a, {}, [], a],
	[
		"rollback on",
		config({ rollback: { enabled: false, auto: false } }),
		config(),
		{},
		['set rollback {"enabled":false,"auto":false} -> {"enabled":true,"auto":false}'],
		{ rollback: { enabled: true, auto: false } },
	],
	[
		"rollback armed",
		config(),
		config({ rollback: { enabled: true, auto: true } }),
		{},
		['set rollback {"enabled":true,"auto":false} -> {"enabled":true,"auto":true}'],
		{ rollback: { enabled: true, auto: true } },
	],
	[
		"rollback off, and disarmed",
		config({ rollback: { enabled: true, auto: true } }),
		config({ rollback: { enabled: false, auto: false } }),
		{},
		['set rollback {"enabled":true,"auto":true} -> {"enabled":false,"auto":false}'],
		{ rollback: { enabled: false, auto: false } },
	],
	["the port", a, { ...a, port: 9090 }, {}, ["set port 8080 -> 9090"], { port: 9090 }],
	["a web app becomes a worker", a, worker, {}, ["set workload web -> worker", "set port 8080 ->"], { domains: ["a.example"] }],
	["a health block", config(), config({ healthDeclared: true }), {}, ["set healthDeclared false -> true"], { healthDeclared: true }],
	[
		"replicas and limits",
		a,
		{ ...a, replicas: 2, resources: { cpu: 1 } },
		{},
		['set resources {} -> {"cpu":1}', "set replicas 1 -> 2"],
		{ replicas: 2 },
	],
	["a domain more", a, ab, {}, ["add domains b.example"], { domains: ["a.example", "b.example"] }],
	["a domain less stays", ab, a, {}, [], { domains: ["a.example", "b.example"] }],
	["a domain less, pruned", ab, a, { prune: true }, ["remove domains b.example ->"], { domains: ["a.example"] }],
	[
		"a blocked domain",
		a,
		ab,
		{ heldHosts: new Map([["b.example", "the application other answers for it"]]) },
		[],
		{ domains: ["a.example"] },
	],
	[
		"an applied domain that somebody claims later",
		a,
		a,
		{ heldHosts: new Map([["a.example", "the service other answers for it"]]) },
		[],
		{ domains: ["a.example"] },
	],
	[
		"... is not lost beside another change",
		a,
		{ ...a, replicas: 2 },
		{ heldHosts: new Map([["a.example", "the service other answers for it"]]) },
		["set replicas 1 -> 2"],
		{ domains: ["a.example"] },
	],
	[
		"... nor by prune",
		ab,
		ab,
		{ prune: true, heldHosts: new Map([["b.example", "the service other answers for it"]]) },
		[],
		{ domains: ["a.example", "b.example"] },
	],
	["a mount more", config(), config({ mounts: [data] }), {}, [`add mounts ${JSON.stringify(data)}`], { mounts: [data] }],
	["a mount less stays", config({ mounts: [data] }), config(), {}, [], { mounts: [data] }],
	[
		"a mount less, pruned",
		config({ mounts: [data] }),
		config(),
		{ prune: true },
		[`remove mounts ${JSON.stringify(data)} ->`],
		{ mounts: [] },
	],
	[
		"a mount replaced at its path",
		config({ mounts: [data, media] }),
		config({ mounts: [{ volumeName: "other", mountPath: "/data" }, media] }),
		{},
		['add mounts {"volumeName":"other","mountPath":"/data"}', `remove mounts ${JSON.stringify(data)} ->`],
		{ mounts: [{ volumeName: "other", mountPath: "/data" }, media] },
	],
	[
		"a mount at another path",
		config({ mounts: [data] }),
		config({ mounts: [{ ...data, mountPath: "/new" }] }),
		{},
		['add mounts {"volumeName":"data","mountPath":"/new"}'],
		{ mounts: [{ ...data, mountPath: "/new" }, data] },
	],
])("%s", (_name, applied, wanted, over, steps, expected) => {
	const planned = plan(applied, wanted, over);
	expect(inShort(planned)).toEqual(steps);
	expect(planned.config).toMatchObject(expected);
	const again = plan(JSON.parse(JSON.stringify(planned.config)) as ApplicationConfig, wanted, over);
	expect(again.steps).toEqual([]);
	expect(again.config).toEqual(planned.config);
});

test("a blocked host is named with who holds it, and the rest applies", () => {
	const planned = plan(undefined, ab, { heldHosts: new Map([["a.example", "the application other answers for it"]]) });
	expect(planned.domains).toEqual({
		add: ["b.example"],
		remove: [],
		blocked: [{ host: "a.example", code: "host_taken", reason: "the application other answers for it" }],
	});
	expect(planned.config.domains).toEqual(["b.example"]);
	expect(planned.warnings).toEqual([]);
});

test.each<[string, ApplicationConfig | undefined, ApplicationConfig, Partial<PlanInput>, string[]]>([
	["a domain that stays", ab, a, {}, ["b.example is no longer in the project file; it stays until a reconcile with prune: true"]],
	[
		"a mount that stays",
		config({ mounts: [data] }),
		config(),
		{},
		["volume data is no longer in the project file; it stays mounted until a reconcile with prune: true"],
	],
	[
		"nothing left to judge by",
		undefined,
		a,
		{ heldHosts: new Map([["a.example", "x"]]) },
		["no domain is left to reach or judge this app by"],
	],
	[
		"a host that is claimed by another, too",
		a,
		a,
		{ heldHosts: new Map([["a.example", "the service other answers for it"]]) },
		["a.example was applied before and stays, but the service other answers for it"],
	],
	["a worker has none", undefined, worker, {}, []],
	["pruned, so nothing stays", ab, a, { prune: true }, []],
])("warns of %s", (_name, applied, wanted, over, warnings) => {
	expect(plan(applied, wanted, over).warnings).toEqual(warnings);
});

describe("what others put on the service", () => {
	const found = { hosts: ["a.example", "b.example"], mounts: [data], replicas: 3 };

	test.each<[string, ApplicationConfig, Partial<PlanInput>, string[], Partial<ApplicationConfig>]>([
		[
			"is as good as applied: what the file does not name stays",
			a,
			{ declaresReplicas: false },
			[],
			{ domains: ["a.example", "b.example"], mounts: [data], replicas: 3, replicasAdopted: true },
		],
		["is not added again", { ...ab, mounts: [data] }, {}, [], { domains: ["a.example", "b.example"], mounts: [data] }],
		[
			"is removed with prune",
			a,
			{ prune: true },
			["remove domains b.example ->", `remove mounts ${JSON.stringify(data)} ->`],
			{ mounts: [] },
		],
		["gives way to the file where it says how many replicas", a, {}, [], { replicas: 1 }],
		["is not taken over scaled to nothing", a, { declaresReplicas: false, found: { ...found, replicas: 0 } }, [], { replicas: 1 }],
		[
			"gives way to another volume at its path",
			config({ ...a, mounts: [{ volumeName: "other", mountPath: "/data" }] }),
			{},
			['add mounts {"volumeName":"other","mountPath":"/data"}', `remove mounts ${JSON.stringify(data)} ->`],
			{ mounts: [{ volumeName: "other", mountPath: "/data" }] },
		],
		[
			"is not blocked by another's claim",
			ab,
			{ heldHosts: new Map([["b.example", "the service other answers for it"]]) },
			[],
			{ domains: ["a.example", "b.example"] },
		],
	])("%s", (_name, wanted, over, changes, expected) => {
		const planned = plan(undefined, wanted, { found, ...over });
		const initial = ["register", "set rollback", "set health", "set replicas"];
		expect(inShort(planned).filter((step) => !initial.some((first) => step.startsWith(first)))).toEqual(changes);
		expect(planned.config).toMatchObject(expected);
		const again = plan(planned.config, wanted, { ...over, found: undefined });
		expect(again.steps).toEqual([]);
		expect(again.config).toEqual(planned.config);
	});

	test("replicas that an operator chose go when the file names a number, and do not come back with it", () => {
		const adopted: ApplicationConfig = { ...a, replicas: 3, replicasAdopted: true };
		const declared = plan(adopted, { ...a, replicas: 2 });
		expect(inShort(declared)).toEqual(["set replicas 3 -> 2"]);
		expect(declared.config).not.toHaveProperty("replicasAdopted");
		expect(inShort(plan(declared.config, a, { declaresReplicas: false }))).toEqual(["set replicas 2 -> 1"]);
	});
});

test("of build arguments the names are told, and which have a new value, but no value", () => {
	const before = config({
		build: { dockerfile: "Dockerfile", context: ".", args: { KEPT: "s3cret-a", CHANGED: "s3cret-b", GONE: "s3cret-c" } },
	});
	const after = config({
		build: { dockerfile: "Dockerfile", context: ".", args: { KEPT: "s3cret-a", CHANGED: "s3cret-d", NEW: "s3cret-e" } },
	});
	const { steps } = plan(before, after);
	expect(steps).toMatchObject([
		{ target: "build", from: { args: ["KEPT", "CHANGED", "GONE"] }, to: { args: ["KEPT", "CHANGED (new value)", "NEW"] } },
	]);
	expect(JSON.stringify(steps)).not.toContain("s3cret");
});
