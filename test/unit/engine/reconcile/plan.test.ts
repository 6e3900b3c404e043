import { describe, expect, test } from "vitest";
import type { ParsedProject } from "../../../../src/config/project.ts";
import type { Observed } from "../../../../src/engine/reconcile/observe.ts";
import { type Planned, type PlanSettings, planReconcile } from "../../../../src/engine/reconcile/plan.ts";
import type { Recorded, Wish } from "../../../../src/engine/reconcile/subject.ts";
import { digestField } from "../../../../src/engine/service/digests.ts";
import { wantedSpec } from "../../../../src/engine/service/spec.ts";
import { DeploymillError } from "../../../../src/errors.ts";
import type { Application, ApplicationConfig } from "../../../../src/model/application.ts";
import { repositoryHash } from "../../../../src/model/repository.ts";
import { labels, type ObservedService } from "../../../../src/model/service.ts";
import { digest, ingress } from "../../../support/reconcile-bench.ts";
import { application, config } from "../records.ts";

const hello = application({ domains: ["a.test"] });
const other: Application = {
	...application({ domains: ["b.test"] }),
	applicationId: "other",
	repoUrl: "https://git.example.com/other.git",
	repository: repositoryHash("https://git.example.com/other.git"),
};
const settings: PlanSettings = { ingress, registry: "registry:5000" };
const nothing: Observed = { services: [], volumes: new Map(), loginFault: undefined, apiVersion: "1.51" };

interface Case {
	wanted?: Partial<ApplicationConfig>;
	project?: Partial<ParsedProject>;
	wish?: Partial<Wish>;
	recorded?: Partial<Recorded>;
	observed?: Partial<Observed>;
	settings?: Partial<PlanSettings>;
}

function plan({ wanted, project, wish, recorded, observed, settings: own }: Case): Planned {
	return planReconcile(
		{
			repoUrl: hello.repoUrl,
			project: { config: config({ domains: ["a.test"], ...wanted }), declaresReplicas: true, ignored: [], warnings: [], ...project },
			commit: { sha: "abc1234def", message: "", author: "" },
			prune: false,
			...wish,
		},
		{
			applications: [hello],
			hasPoint: false,
			probePrograms: undefined,
			putNothing: true,
			held: { env: {}, isRecorded: () => false },
			baseOf: () => ({}),
			...recorded,
		},
		{ ...nothing, ...observed },
		{ ...settings, ...own },
	);
}

/** The service that deploymill made for the application, with the labels laid over its own; null takes one away. */
function serviceOf(of: Application, over: Record<string, string | null> = {}): ObservedService {
	const wanted = { application: of, env: {}, image: { reference: `r/h@${digest}`, digest }, deploymentId: "dep-1", gate: { on: false } };
	const spec = wantedSpec(wanted, { ingress, networkId: "n", apiVersion: "1.51" });
	const all = Object.entries({ ...spec.Labels, ...over }).filter((entry): entry is [string, string] => entry[1] !== null);
	return { id: of.applicationId, version: 1, spec: { ...spec, Labels: Object.fromEntries(all) } };
}

/** Somebody else's service of the same name. */
const byHand: ObservedService = { ...serviceOf(hello), spec: { ...serviceOf(hello).spec, Labels: { "traefik.enable": "false" } } };

function steps({ plan: { steps: all } }: Planned): string[] {
	return all.map(({ action, target }) => `${action} ${target}`);
}

test.each<[string, Case, { id: string; steps: string[]; reroutes: boolean }]>([
	[
		"a repository that is new gets an id and is registered",
		{ recorded: { applications: [] } },
		{ id: "hello", steps: ["register application", "set rollback", "set health", "set replicas", "add domains"], reroutes: false },
	],
	[
		"an id that an application has is not given twice",
		{ recorded: { applications: [{ ...other, applicationId: "hello" }] } },
		{ id: "hello-2", steps: ["register application", "set rollback", "set health", "set replicas", "add domains"], reroutes: false },
	],
	[
		"nor one that a service of another repository has",
		{ recorded: { applications: [] }, observed: { services: [serviceOf({ ...other, applicationId: "hello" })] } },
		{ id: "hello-2", steps: ["register application", "set rollback", "set health", "set replicas", "add domains"], reroutes: false },
	],
	["nothing to do", { observed: { services: [serviceOf(hello)] } }, { id: "hello", steps: [], reroutes: false }],
	[
		"one host more, on a service that is there",
		{ wanted: { domains: ["a.test", "c.test"] }, observed: { services: [serviceOf(hello)] } },
		{ id: "hello", steps: ["add domains"], reroutes: true },
	],
	[
		"one host more, and no service",
		{ wanted: { domains: ["a.test", "c.test"] } },
		{ id: "hello", steps: ["add domains"], reroutes: false },
	],
	[
		"one host less, pruned",
		{ wanted: { domains: ["c.test"] }, wish: { prune: true }, observed: { services: [serviceOf(hello)] } },
		{ id: "hello", steps: ["add domains", "remove domains"], reroutes: true },
	],
	[
		"what the next deploy puts there is no work of labels",
		{ wanted: { replicas: 3, port: 9000 }, observed: { services: [serviceOf(hello)] } },
		{ id: "hello", steps: ["set port", "set replicas"], reroutes: false },
	],
	[
		"labels that lack a host",
		{ observed: { services: [serviceOf(hello, { [labels.hosts]: "" })] } },
		{ id: "hello", steps: ["set ingress labels"], reroutes: true },
	],
	[
		"labels that have one too many, of which the record knows: what was left half done",
		{
			recorded: { putNothing: false, baseOf: () => ({ configDigests: { domains: digestField("domains", ["a.test", "x.test"]) } }) },
			observed: { services: [serviceOf(hello, { [labels.hosts]: "a.test x.test" })] },
		},
		{ id: "hello", steps: ["set ingress labels"], reroutes: true },
	],
	[
		"labels that have one more, which others put there",
		{ observed: { services: [serviceOf(application({ domains: ["a.test", "x.test"] }))] } },
		{ id: "hello", steps: ["adopt domains"], reroutes: false },
	],
	[
		"... pruned",
		{ wish: { prune: true }, observed: { services: [serviceOf(application({ domains: ["a.test", "x.test"] }))] } },
		{ id: "hello", steps: ["remove domains"], reroutes: true },
	],
	[
		"labels without a route",
		{ observed: { services: [serviceOf(hello, { "traefik.enable": null })] } },
		{ id: "hello", steps: ["set ingress labels"], reroutes: true },
	],
	[
		"the port that runs is not yet the one of the file",
		{ observed: { services: [serviceOf(application({ domains: ["a.test"], port: 1234 }))] } },
		{ id: "hello", steps: [], reroutes: false },
	],
	[
		"labels of an operator are no fault",
		{ observed: { services: [serviceOf(hello, { team: "blue", "traefik.http.routers.mine.middlewares": "auth" })] } },
		{ id: "hello", steps: [], reroutes: false },
	],
	[
		"another ingress than at the last deploy",
		{ observed: { services: [serviceOf(hello)] }, settings: { ingress: { ...ingress, dialect: "caddy" } } },
		{ id: "hello", steps: ["set ingress labels"], reroutes: true },
	],
	[
		"a service that is not the application's is none of its work",
		{ wanted: { domains: ["a.test", "c.test"] }, observed: { services: [byHand] } },
		{ id: "hello", steps: ["add domains"], reroutes: false },
	],
])("%s", (_name, input, expected) => {
	const planned = plan(input);
	expect({ id: planned.applicationId, steps: steps(planned), reroutes: planned.reroutes }).toEqual(expected);
	expect(planned.application?.applicationId).toBe(input.recorded?.applications ? undefined : "hello");
});

test.each<[string, Case, string]>([
	["another application of this server", { recorded: { applications: [hello, other] } }, "the application other answers for it"],
	["a service on the Swarm", { observed: { services: [serviceOf(other)] } }, "the service other answers for it"],
	[
		"a service that has the name of our route",
		{ observed: { services: [{ ...serviceOf(hello), spec: { ...serviceOf(hello).spec, Name: "copy" } }] } },
		"as this application's is to be",
	],
])("a host is blocked by %s, and the rest applies", (_name, input, reason) => {
	const planned = plan({ ...input, wanted: { domains: ["b.test", "a.test"], replicas: 2 } });
	expect(planned.plan.domains).toMatchObject({
		add: [],
		blocked: [{ host: "b.test", code: "host_taken", reason: expect.stringContaining(reason) }],
	});
	expect(planned.config).toMatchObject({ domains: ["a.test"], replicas: 2 });
});

test.each<[string, Case]>([
	[
		"another application mounts it",
		{ recorded: { applications: [hello, { ...other, config: config({ mounts: [{ volumeName: "data", mountPath: "/d" }] }) }] } },
	],
	["it exists, and nobody knows whose it is", { observed: { volumes: new Map([["data", {}]]) } }],
])("a volume is refused: %s", (_name, input) => {
	expect(() => plan({ ...input, wanted: { mounts: [{ volumeName: "data", mountPath: "/data" }] } })).toThrow(
		expect.objectContaining({ code: "name_taken" }) as Error,
	);
});

test.each<[string, Case, string[]]>([
	["of the file", { project: { warnings: ["secrets: ignored"] } }, ["secrets: ignored"]],
	[
		"of a login that fails",
		{ observed: { loginFault: new DeploymillError("registry_auth_failed", "The password is wrong.") } },
		["The password is wrong. Deploys will fail until that is mended (registry_auth_failed)."],
	],
	[
		"of mounts",
		{ wanted: { mounts: [{ volumeName: "data", mountPath: "/data" }] } },
		["an app with mounts rolls stop-first: two tasks must not share a volume, so a swap interrupts it for a moment"],
	],
	[
		"of a service that only has the name",
		{ observed: { services: [byHand] } },
		["a Swarm service named hello exists that this application did not make: deploy will refuse to touch it (service_not_ours)"],
	],
])("it warns %s", (_name, input, warnings) => {
	expect(plan(input).plan.warnings).toEqual(warnings);
});

test("it tells what rollback was and will be, how the gate is, and what is ignored", () => {
	const planned = plan({
		wanted: { rollback: { enabled: true, auto: true }, healthDeclared: true },
		project: { ignored: ["secrets"] },
		recorded: { probePrograms: ["curl"] },
	});
	expect(planned.plan).toMatchObject({
		rollback: { enabled: true, auto: true, registry: "registry:5000", was: { enabled: true, auto: false } },
		orchestratorGate: { on: true, command: expect.arrayContaining(["curl"]), monitorMs: 6000 },
	});
	expect(plan({ wanted: { healthDeclared: false } }).plan.orchestratorGate).toMatchObject({ on: false, monitorMs: 5000 });
	expect(plan({ project: { ignored: ["secrets"] } }).plan.ignored).toEqual(["secrets"]);
	expect(plan({ recorded: { applications: [] } }).plan.rollback.was).toEqual({ enabled: false, auto: false });
	expect(plan({ settings: { registry: undefined } }).plan.rollback).not.toHaveProperty("registry");
});

const nothingYet =
	"rollback is turned on: what was deployed while it was off was not captured, so nothing can be gone back to until one deploy has run";
const wasOff = { applications: [application({ domains: ["a.test"], rollback: { enabled: false, auto: false } })] };
const on = { rollback: { enabled: true, auto: false } };

test.each<[string, Case, string[]]>([
	["to true", { wanted: on, recorded: wasOff }, [nothingYet]],
	["to auto", { wanted: { rollback: { enabled: true, auto: true } }, recorded: wasOff }, [nothingYet]],
	[
		"on again, with images from before",
		{ wanted: on, recorded: { ...wasOff, hasPoint: true } },
		[expect.stringMatching(/only images from before it was off can be gone back to$/)],
	],
	["from true to auto", { wanted: { rollback: { enabled: true, auto: true } } }, []],
	["not at all", { wanted: { rollback: { enabled: false, auto: false } }, recorded: wasOff }, []],
	["with the first registration, when nothing runs yet", { wanted: on, recorded: { applications: [] } }, []],
])("rollback is turned %s", (_name, input, warnings) => {
	expect(plan(input).plan.warnings).toEqual(warnings);
});

test("a worker's plan speaks of no health gate", () => {
	const { port: _port, ...worker } = config({ workload: "worker", domains: [] });
	const project = { config: worker };
	for (const healthDeclared of [false, true]) {
		const { plan: shown } = plan({ project: { config: { ...worker, healthDeclared } }, recorded: { applications: [] } });
		expect(shown).toMatchObject({ health: {}, orchestratorGate: { on: false, because: "a worker has no port to ask" } });
		expect(shown.health).toEqual({});
		expect(shown.steps.map(({ target }) => target)).toEqual(["application", "rollback", "replicas"]);
	}
	const baked = { ...worker, health: { ...worker.health, bake: "10m" } };
	expect(plan({ project: { ...project, config: baked }, recorded: { applications: [] } }).plan.health).toEqual({ bake: "10m" });
});

describe("a service that another data folder's deploymill made for the repository", () => {
	const found = (service: ObservedService): Partial<Observed> => ({
		services: [service],
		found: { service, runs: true, image: { state: "there" }, source: { state: "unnamed" } },
	});
	const registered = ["register application", "set rollback", "set health", "set replicas"];

	test.each<[string, Case, { id: string; steps: string[]; reroutes: boolean; adopted: boolean }]>([
		[
			"is taken over with the registration, under its name",
			{ recorded: { applications: [] }, observed: found(serviceOf({ ...hello, applicationId: "earlier-name" })) },
			{ id: "earlier-name", steps: [...registered, "adopt service"], reroutes: false, adopted: true },
		],
		[
			"gets the hosts that it lacks at once",
			{ recorded: { applications: [] }, wanted: { domains: ["a.test", "c.test"] }, observed: found(serviceOf(hello)) },
			{ id: "hello", steps: [...registered, "add domains", "adopt service"], reroutes: true, adopted: true },
		],
		[
			"is routed as this server does",
			{ recorded: { applications: [] }, observed: found(serviceOf(hello)), settings: { ingress: { ...ingress, dialect: "caddy" } } },
			{ id: "hello", steps: [...registered, "adopt service", "set ingress labels"], reroutes: true, adopted: true },
		],
		[
			"keeps hosts that the file does not name",
			{ recorded: { applications: [] }, observed: found(serviceOf(application({ domains: ["a.test", "x.test"] }))) },
			{ id: "hello", steps: [...registered, "adopt service"], reroutes: false, adopted: true },
		],
		[
			"is known however its address is spelled",
			{ wish: { repoUrl: "git@git.example.com:hello" }, recorded: { applications: [] }, observed: found(serviceOf(hello)) },
			{ id: "hello", steps: [...registered, "adopt service"], reroutes: false, adopted: true },
		],
		[
			"is taken over later where nothing was ever put there from here",
			{ observed: found(serviceOf(hello)) },
			{ id: "hello", steps: ["adopt service"], reroutes: false, adopted: true },
		],
		[
			"... but not where something was",
			{ recorded: { putNothing: false }, observed: found(serviceOf(hello)) },
			{ id: "hello", steps: [], reroutes: false, adopted: false },
		],
		[
			"cannot be, where another application has its name",
			{ recorded: { applications: [{ ...other, applicationId: "hello" }] }, observed: found(serviceOf(hello)) },
			{ id: "hello-2", steps: registered, reroutes: false, adopted: false },
		],
	])("%s", (_name, input, expected) => {
		const planned = plan(input);
		const adopted = planned.adoption !== undefined;
		expect({ id: planned.applicationId, steps: steps(planned), reroutes: planned.reroutes, adopted }).toEqual(expected);
		expect("adopted" in planned.plan).toBe(adopted);
		if (adopted) expect(planned.repository).toBe(hello.repository);
	});

	test("nothing is left to take over of one whose release does not run", () => {
		const service = serviceOf(hello);
		const planned = plan({
			observed: { services: [service], found: { ...found(service).found, runs: false } as Observed["found"] & object },
		});
		expect(steps(planned)).toEqual([]);
		expect(planned.plan.warnings).toContainEqual(expect.stringContaining("was not taken over as a deployment"));
	});

	test("its name is another's here: the hosts it answers for are blocked, and why is said", () => {
		const planned = plan({
			recorded: { applications: [{ ...other, applicationId: "hello" }] },
			observed: found(serviceOf(hello)),
		});
		expect(planned.plan.domains.blocked).toMatchObject([
			{ host: "a.test", reason: expect.stringContaining("the service hello answers for it") },
		]);
		expect(planned.plan.warnings).toContainEqual(expect.stringContaining("hello is an application of another repository here"));
	});
});

describe("how often a started container asks itself", () => {
	const block = { healthDeclared: true, health: { path: "/healthz", retries: 3, intervalMs: 400, timeoutMs: 1000 } };
	const gateWarnings = (over: Partial<ApplicationConfig>, apiVersion: string) =>
		plan({ wanted: over, observed: { apiVersion } }).plan.warnings.filter((warning) => warning.startsWith("health.containerIntervalMs"));

	test.each([
		[{}, 2000],
		[{ intervalMs: 3000 }, 3000],
		[{ containerIntervalMs: 60_000 }, 60_000],
	])("is shown: of %j, %i", (times, expected) => {
		const { health } = plan({ wanted: { ...block, health: { ...block.health, ...times } } }).plan;
		expect(health).toEqual({ ...block.health, ...times, containerIntervalMs: expected });
	});

	test("an application of an earlier version has no step for the default", () => {
		const applied = { ...hello, config: config({ domains: ["a.test"], ...block }) };
		expect(steps(plan({ wanted: block, recorded: { applications: [applied] } }))).toEqual([]);
	});

	test("an engine that has no start interval is warned of, where there is a check", () => {
		expect(gateWarnings(block, "1.41")).toEqual([
			expect.stringContaining('this Docker Engine (API "1.41") asks a starting container no more often than a started one'),
		]);
		expect(gateWarnings(block, "1.41")[0]).toContain("after 2000 ms at the earliest");
		expect(gateWarnings(block, "1.44")).toEqual([]);
		expect(gateWarnings({ healthDeclared: false }, "1.41")).toEqual([]);
	});
});
