import { expect, test } from "vitest";
import { pinTo, releaseOf, repositoryHash, type ServiceSettings, wantedSpec } from "../../../../src/engine/service/spec.ts";
import type { ApplicationConfig } from "../../../../src/model/application.ts";
import { labels } from "../../../../src/model/service.ts";
import { application, digestOf, imageOf, service } from "../records.ts";

const settings: ServiceSettings = {
	ingress: {
		dialect: "none",
		network: "deploymill",
		endpointMode: "vip",
		edgeScheme: "https",
		traefikEntrypoint: "websecure",
		traefikCertResolver: "letsencrypt",
	},
	networkId: "network-1",
	apiVersion: "1.51",
};

function wanted(over: Partial<ApplicationConfig> = {}, env: Record<string, string> = {}, apiVersion = "1.51") {
	const gate = over.healthDeclared ? { on: true, command: ["wget", "url"] } : { on: false };
	return wantedSpec({ application: application(over), env, image: imageOf("a"), deploymentId: "dep-1", gate }, { ...settings, apiVersion });
}

test("the whole spec of a plain web app", () => {
	expect(wanted({}, { B: "2", A: "1" })).toEqual({
		Name: "hello",
		Labels: {
			"deploymill.application": "hello",
			"deploymill.repository": repositoryHash("https://git.example.com/hello.git"),
			"deploymill.hosts": "hello.example.com",
			"deploymill.port": "8080",
			"deploymill.deployment": "dep-1",
			"deploymill.digest": digestOf("a"),
		},
		TaskTemplate: {
			ContainerSpec: {
				Image: imageOf("a").reference,
				Labels: { "deploymill.application": "hello", "deploymill.deployment": "dep-1", "deploymill.digest": digestOf("a") },
				Env: ["A=1", "B=2"],
				Mounts: [],
			},
			Resources: { Limits: {} },
			RestartPolicy: { Condition: "any", Delay: 1_000_000_000 },
			Placement: { Constraints: [] },
			Networks: [{ Target: "network-1" }],
			ForceUpdate: 0,
		},
		Mode: { Replicated: { Replicas: 1 } },
		UpdateConfig: { Parallelism: 1, FailureAction: "rollback", Monitor: 5_000_000_000, MaxFailureRatio: 0, Order: "start-first" },
		RollbackConfig: { Parallelism: 1, FailureAction: "pause", Monitor: 5_000_000_000, MaxFailureRatio: 0, Order: "start-first" },
		EndpointSpec: { Mode: "vip" },
	});
});

test("an image that was not pushed is tied to the node that has it", () => {
	const image = { reference: digestOf("b"), digest: digestOf("b"), nodeId: "node-1" };
	const spec = wantedSpec({ application: application(), env: {}, image, deploymentId: "dep-1", gate: { on: false } }, settings);
	expect(spec.TaskTemplate.Placement).toEqual({ Constraints: [pinTo("node-1")] });
	expect(spec.TaskTemplate.ContainerSpec.Image).toBe(digestOf("b"));
});

test("an app with mounts stops before it starts, forward and back", () => {
	const spec = wanted({ mounts: [{ volumeName: "data", mountPath: "/data" }] });
	expect([spec.UpdateConfig.Order, spec.RollbackConfig.Order]).toEqual(["stop-first", "stop-first"]);
	expect(spec.TaskTemplate.ContainerSpec.Mounts).toEqual([
		{
			Type: "volume",
			Source: "data",
			Target: "/data",
			VolumeOptions: {
				Labels: {
					"deploymill.application": "hello",
					"deploymill.repository": repositoryHash("https://git.example.com/hello.git"),
				},
			},
		},
	]);
});

test.each([
	[1, 1],
	[4, 1],
	[5, 2],
	[8, 2],
	[100, 25],
])("%i replicas roll %i at a time", (replicas, parallelism) => {
	const { Mode, UpdateConfig } = wanted({ replicas });
	expect([Mode.Replicated.Replicas, UpdateConfig.Parallelism]).toEqual([replicas, parallelism]);
});

test("limits are Docker's units", () => {
	expect(wanted({ resources: { cpu: 0.5, memoryMb: 256 } }).TaskTemplate.Resources.Limits).toEqual({
		NanoCPUs: 500_000_000,
		MemoryBytes: 268_435_456,
	});
	expect(wanted({ resources: { cpu: 0.1 } }).TaskTemplate.Resources.Limits).toEqual({ NanoCPUs: 100_000_000 });
});

/** As Go's text/template reads what stands between double braces: a quoted string gives itself. */
function expand(template: string): string {
	return template.replace(/\{\{(.*?)\}\}/g, (whole, action: string) => {
		if (action !== '"{{"') throw new Error(`a template would be run: ${whole}`);
		return "{{";
	});
}

test.each(["plain", "{{.Node.ID}}", "{{ env }}", "{{{{", "{{{", "{", "}}", 'a{{"b"}}c', "{{}}", "{ {", '{{"{{"}}', "x{{y"])(
	"Swarm gives the app the value %s as it was set",
	(value) => {
		const [entry = ""] = wanted({}, { A: value }).TaskTemplate.ContainerSpec.Env;
		expect(expand(entry)).toBe(`A=${value}`);
	},
);

test.each([
	["1.51", true],
	["1.44", true],
	["1.43", false],
	["1.41", false],
	["1.9", false],
	["2.0", true],
])("on API %s the start interval is there: %s", (apiVersion, expected) => {
	const check = wanted({ healthDeclared: true }, {}, apiVersion).TaskTemplate.ContainerSpec.Healthcheck;
	expect(check).toEqual({
		Test: ["CMD", "wget", "url"],
		Interval: 3_000_000_000,
		Timeout: 5_000_000_000,
		Retries: 3,
		StartPeriod: 10_000_000_000,
		...(expected ? { StartInterval: 500_000_000 } : {}),
	});
});

test("an interval shorter than the start interval is kept while the app starts; the start period has a floor", () => {
	const health = { path: "/healthz", retries: 2, intervalMs: 200, timeoutMs: 1000 };
	const check = wanted({ healthDeclared: true, health }).TaskTemplate.ContainerSpec.Healthcheck;
	expect(check).toMatchObject({ Interval: 200_000_000, StartInterval: 200_000_000, StartPeriod: 10_000_000_000 });
});

test("a release is read from both stamps or not at all", () => {
	expect(releaseOf(service("dep-1"))).toEqual({ deploymentId: "dep-1", digest: digestOf("a") });
	expect(releaseOf(undefined)).toBeUndefined();
	const half = service("dep-1");
	delete half.spec.Labels[labels.digest];
	expect(releaseOf(half)).toBeUndefined();
	expect(releaseOf({ ...half, spec: { ...half.spec, Labels: undefined as never } })).toBeUndefined();
});

test("a stamp is none on another image, which somebody put there by hand", () => {
	const byHand = service("dep-1");
	byHand.spec.TaskTemplate.ContainerSpec.Image = imageOf("b").reference;
	expect(releaseOf(byHand)).toBeUndefined();
	byHand.spec.TaskTemplate.ContainerSpec.Image = "registry.example.com/hello:latest";
	expect(releaseOf(byHand)).toBeUndefined();
});
