import { describe, expect, test } from "vitest";
import { openStore } from "../../../../src/adapters/sqlite/store.ts";
import { type Adoption, type Held, planAdoption } from "../../../../src/engine/reconcile/adoption.ts";
import { adoptionWarnings } from "../../../../src/engine/reconcile/adoption-words.ts";
import type { Found } from "../../../../src/engine/reconcile/found.ts";
import { wantedSpec } from "../../../../src/engine/service/spec.ts";
import { DeploymillError } from "../../../../src/errors.ts";
import type { ApplicationConfig } from "../../../../src/model/application.ts";
import { labels, type ObservedService, type ServiceSpec } from "../../../../src/model/service.ts";
import { VirtualClock } from "../../../simulation/virtual-clock.ts";
import { ingress } from "../../../support/reconcile-bench.ts";
import { application, config, digestOf, imageOf } from "../records.ts";

const sha = "c".repeat(40);
const commit = { sha, message: "One", author: "Ada" };
const data = { volumeName: "data", mountPath: "/data" };
const secret = "s3cret-value-of-theirs";

type Change = (spec: ServiceSpec) => void;

/** As another data folder's deploymill put it there, with what a hand did since. */
function serviceOf(
	over: Partial<ApplicationConfig> = {},
	env: Record<string, string> = {},
	change: Change = () => undefined,
): ObservedService {
	const of = application({ domains: ["a.test"], ...over });
	const wanted = { application: of, env, image: imageOf("a"), deploymentId: "dep-theirs", commit: sha, gate: { on: false } };
	const spec = wantedSpec(wanted, { ingress, networkId: "n", apiVersion: "1.51" });
	change(spec);
	return { id: "service-1", version: 7, spec };
}

const found = (over: Partial<Found> = {}): Found => ({
	service: serviceOf(),
	runs: true,
	image: { state: "there" },
	source: { state: "read", commit, migrationFiles: [] },
	...over,
});
const holdsNothing: Held = { env: {}, isRecorded: () => false };

interface Case {
	found?: Partial<Found>;
	held?: Partial<Held>;
	applied?: Partial<ApplicationConfig>;
}

function plan({ found: over, held, applied }: Case): Adoption & { warnings: string[] } {
	const all = found(over);
	const holds = { ...holdsNothing, ...held };
	const adoption = planAdoption(all, holds);
	return { ...adoption, warnings: adoptionWarnings(all, adoption, holds, config(applied)) };
}

test("all of it: the release with its point, env, hosts, mounts and replicas; of values only the names are shown", () => {
	const service = serviceOf({ domains: ["a.test", "b.test"], mounts: [data], replicas: 3 }, { TOKEN: secret, B: "{{ x" });
	const { release, env, setup, shown, warnings } = plan({ found: { service }, applied: { replicas: 3 } });
	expect(release).toEqual({
		deploymentId: "dep-theirs",
		image: imageOf("a"),
		hasPoint: true,
		source: { state: "read", commit, migrationFiles: [] },
	});
	expect(env).toEqual({ TOKEN: secret, B: "{{ x" });
	expect(setup).toEqual({ env, hosts: ["a.test", "b.test"], mounts: [data], replicas: 3 });
	expect(shown).toEqual({
		deploymentId: "dep-theirs",
		digest: digestOf("a"),
		commit: sha,
		rollbackPoint: true,
		env: ["B", "TOKEN"],
		hosts: ["a.test", "b.test"],
		mounts: [data],
		replicas: 3,
	});
	expect(warnings).toEqual([]);
});

const setImage =
	(reference: string): Change =>
	(spec) => {
		spec.TaskTemplate.ContainerSpec.Image = reference;
	};
const unknown = new DeploymillError("registry_unreachable", "Docker could not reach the registry r.");
const local = { reference: digestOf("f"), digest: digestOf("f"), nodeId: "node-9" };
const makeLocal: Change = (spec) => {
	setImage(local.reference)(spec);
	spec.Labels[labels.digest] = local.digest;
	spec.TaskTemplate.Placement.Constraints = [`node.id==${local.nodeId}`];
};

test.each<[string, Case, Partial<Adoption["release"] & object> | undefined, RegExp[]]>([
	["an image that the registry lost", { found: { image: { state: "missing" } } }, { hasPoint: false }, [/^the registry does not have/]],
	[
		"a registry that cannot be asked: not known is not no",
		{ found: { image: { state: "unknown", fault: unknown } } },
		{ hasPoint: true },
		[/is not known; a rollback to it asks again \(registry_unreachable: Docker could not reach/],
	],
	[
		"an image that was never pushed, which stays on its node",
		{ found: { service: serviceOf({}, {}, makeLocal), image: { state: "local" } } },
		{ hasPoint: false, image: local, deploymentId: "dep-theirs" },
		[/^the image that runs was never pushed/],
	],
	[
		"an image by a tag alone",
		{ found: { service: serviceOf({}, {}, setImage("r/hello:latest")), image: { state: "unnamed" } } },
		undefined,
		[/named by a tag alone/],
	],
	[
		"another image that a hand put there",
		{ found: { service: serviceOf({}, {}, setImage(imageOf("b").reference)) } },
		{ deploymentId: undefined, image: imageOf("b"), hasPoint: true, source: { state: "unnamed" } },
		[/the label of "dep-theirs", which is not this image's/, /does not say from which commit/],
	],
	[
		"no stamp at all",
		{ found: { service: serviceOf({}, {}, ({ Labels }) => delete Labels[labels.deployment]) } },
		{ deploymentId: undefined, hasPoint: true },
		[/carries no deployment's label/, /does not say from which commit/],
	],
	[
		"a stamp that is no id",
		{ found: { service: serviceOf({}, {}, ({ Labels }) => (Labels[labels.deployment] = "Ignore all <b>")) } },
		{ deploymentId: undefined },
		[/the label of "Ignore all <b>"/],
	],
	["a stamp that is a deployment of this server", { held: { isRecorded: () => true } }, { deploymentId: undefined }, [/the label of/]],
	[
		"tasks that do not all run",
		{ found: { runs: false } },
		undefined,
		[/not every task runs it.*a later reconcile_project takes it over$/],
	],
	[
		"an update under way",
		{ found: { runs: false, service: { ...serviceOf(), updateStatus: { state: "updating" } } } },
		undefined,
		[/an update is under way/],
	],
	["no commit", { found: { source: { state: "unnamed" } } }, {}, [/does not say from which commit/]],
	[
		"a commit that is gone",
		{ found: { source: { state: "unreadable", sha, fault: new DeploymillError("ref_not_found", "gone") } } },
		{},
		[/^the commit ccccccc that its image was made from cannot be read \(ref_not_found\)/],
	],
])("the release, with %s", (_name, input, expected, warnings) => {
	const { release, shown, warnings: said } = plan(input);
	if (expected === undefined) expect(release).toBeUndefined();
	else expect(release).toMatchObject(expected);
	expect(shown.rollbackPoint).toBe(release?.hasPoint ?? false);
	expect(said).toEqual(warnings.map((pattern) => expect.stringMatching(pattern)));
});

const addEnv =
	(...entries: string[]): Change =>
	(spec) => {
		spec.TaskTemplate.ContainerSpec.Env.push(...entries);
	};

test.each<[string, ObservedService, Partial<Held>, Record<string, string>, RegExp[]]>([
	["braces as they were set", serviceOf({}, { A: "{{.Node.ID}}" }), {}, { A: "{{.Node.ID}}" }, []],
	[
		"what no set_env_vars can set stays where it is",
		serviceOf({}, { A: "1" }, addEnv("NODE={{.Node.Hostname}}", "BARE", "my.name=1", "")),
		{},
		{ A: "1" },
		[/^env: "NODE", "BARE", "my.name", "" of the service cannot be set here/],
	],
	["of a name that is there twice the last one", serviceOf({}, {}, addEnv("A=1", "A=2")), {}, { A: "2" }, []],
	["not the stamp of a release", serviceOf({}, {}, addEnv("DEPLOYMILL_RELEASE=dep-theirs")), {}, {}, []],
	["not what was set here before", serviceOf({}, { A: "1", B: "1" }), { env: { A: "1", B: "2" } }, {}, [/^env: B has another value here/]],
	[
		"none of more than an application can have",
		serviceOf({}, Object.fromEntries(Array.from({ length: 1001 }, (_, at) => [`V${at}`, ""]))),
		{},
		{},
		[/^env: the service has more than 1000 variables/],
	],
	[
		"none, where Swarm left the empty list out",
		serviceOf({}, {}, (spec) => delete (spec.TaskTemplate.ContainerSpec as never as { Env?: [] }).Env),
		{},
		{},
		[],
	],
])("env: %s", (_name, service, held, env, warnings) => {
	const planned = plan({ found: { service }, held });
	expect(planned.env).toEqual(env);
	expect(planned.shown.env).toEqual(Object.keys(env).sort());
	expect(planned.warnings).toEqual(warnings.map((pattern) => expect.stringMatching(pattern)));
});

test("of hosts, what is none is left out; of mounts, what a hand made stays on the service, unmanaged", () => {
	const service = serviceOf({ mounts: [data] }, {}, (spec) => {
		spec.Labels[labels.hosts] = "a.test A.test `x` 127.1 localhost b.test";
		spec.TaskTemplate.ContainerSpec.Mounts.push({ Type: "bind", Source: "/srv/<b>", Target: "/srv" } as never, {
			Type: "volume",
			Source: "theirs",
			Target: "/theirs",
		});
	});
	const { setup, warnings } = plan({ found: { service } });
	expect(setup).toMatchObject({ hosts: ["a.test", "b.test"], mounts: [data] });
	expect(warnings).toEqual([expect.stringContaining('"/srv/<b>" at "/srv"'), expect.stringContaining('"theirs" at "/theirs"')]);
});

test.each([
	[5, 2, ["replicas: the service has 5; the next deploy or rollback makes that 2"]],
	[0, 1, ["replicas: the service has 0; the next deploy or rollback makes that 1"]],
	[5, 5, []],
])("%i replicas, where %i are applied", (there, applied, warnings) => {
	const service = serviceOf({}, {}, ({ Mode }) => (Mode.Replicated.Replicas = there));
	expect(plan({ found: { service }, applied: { replicas: applied } }).warnings).toEqual(warnings);
});

describe("recorded", () => {
	test("a deployment that is over comes first in the history, with its point", () => {
		const store = openStore(":memory:", "/nonexistent", () => undefined, new VirtualClock());
		store.registerApplication("https://git.example.com/hello.git", ["hello"], config(), "c0ffee");
		const image = imageOf("a");
		const facts = { image, rollbackId: "rb-1", rolledOver: true, envDigests: { A: "1" } };
		const end = { status: "done", outcome: "live", facts } as const;
		const adopted = { deploymentId: "dep-1", applicationId: "hello", requestedBy: "a test", reason: "found", end };
		store.recordAdopted({ ...adopted, point: { rollbackId: "rb-1", image } });
		const [deployment, ...others] = store.listDeployments("hello", 10);
		expect(others).toEqual([]);
		expect(deployment).toMatchObject({
			...{ deploymentId: "dep-1", kind: "adopted", status: "done", outcome: "live", verdict: null, phase: "finished" },
			...{ ...facts, phases: [], requestedBy: "a test", reason: "found", finishedAt: deployment?.startedAt },
		});
		expect(store.listRollbackPoints("hello")).toMatchObject([{ rollbackId: "rb-1", deploymentId: "dep-1", image }]);
		expect(() => store.recordAdopted({ ...adopted, point: { rollbackId: "rb-2", image } })).toThrow();
		expect(store.listRollbackPoints("hello")).toHaveLength(1);
		store.close();
	});
});
