import { describe, expect, test } from "vitest";
import { fingerprint, sameButRelease } from "../../../../src/engine/service/merge.ts";
import { asFormerly, pinTo, releaseOf, type ServiceSettings, wantedSpec } from "../../../../src/engine/service/spec.ts";
import type { ApplicationConfig } from "../../../../src/model/application.ts";
import { releaseToldTo } from "../../../../src/model/release-env.ts";
import { repositoryHash } from "../../../../src/model/repository.ts";
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

test("Swarm watches for as long as the health block's gate takes at the least, forward and back", () => {
	const health = { path: "/healthz", retries: 3, intervalMs: 2000, timeoutMs: 1000 };
	const { UpdateConfig, RollbackConfig } = wanted({ healthDeclared: true, health });
	expect([UpdateConfig.Monitor, RollbackConfig.Monitor]).toEqual([4_000_000_000, 4_000_000_000]);
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

test.each([
	[{ intervalMs: 200 }, { Interval: 2000, StartInterval: 200 }],
	[{ intervalMs: 3000 }, { Interval: 3000, StartInterval: 500 }],
	[{ intervalMs: 60_000 }, { Interval: 60_000, StartInterval: 500 }],
	[
		{ intervalMs: 3000, containerIntervalMs: 3_600_000 },
		{ Interval: 3_600_000, StartInterval: 500 },
	],
	[
		{ intervalMs: 3000, containerIntervalMs: 100 },
		{ Interval: 100, StartInterval: 100 },
	],
])("with %j a container asks itself every %j ms, and the start period has a floor", (times, { Interval, StartInterval }) => {
	const health = { path: "/healthz", retries: 2, timeoutMs: 1000, ...times };
	expect(wanted({ healthDeclared: true, health }).TaskTemplate.ContainerSpec.Healthcheck).toMatchObject({
		Interval: Interval * 1_000_000,
		StartInterval: StartInterval * 1_000_000,
		StartPeriod: Math.max(10_000, 2 * times.intervalMs) * 1_000_000,
	});
});

describe("a service that deploymill made before it knew containerIntervalMs", () => {
	const gate = { on: true, command: ["wget", "url"] };
	const health = { path: "/healthz", retries: 2, intervalMs: 200, timeoutMs: 1000 };
	const specsOf = (over: Partial<ApplicationConfig["health"]> = {}, apiVersion = "1.51") => {
		const of = application({ healthDeclared: true, health: { ...health, ...over } });
		const spec = wantedSpec({ application: of, env: {}, image: imageOf("a"), deploymentId: "dep-2", gate }, { ...settings, apiVersion });
		return [spec, asFormerly(spec, { application: of, gate }, apiVersion)] as const;
	};
	const observed = specsOf()[1];

	test("asks on as often as the edges are asked", () => {
		expect(observed.TaskTemplate.ContainerSpec.Healthcheck).toMatchObject({ Interval: 200_000_000, StartInterval: 200_000_000 });
	});

	test("runs the same release as today's, where the project file does not say how often", () => {
		const [today, formerly] = specsOf();
		expect(sameButRelease(observed, today)).toBe(false);
		expect(sameButRelease(observed, formerly)).toBe(true);
		expect(fingerprint(formerly)).toBe(fingerprint(observed));
	});

	test("runs another one, where the file says so", () => {
		const [today, formerly] = specsOf({ containerIntervalMs: 2000 });
		expect(formerly).toEqual(today);
		expect(sameButRelease(observed, formerly)).toBe(false);
		expect(specsOf({ containerIntervalMs: 200 })[0]).toEqual(observed);
	});

	test("is not another one on an engine that is newer, nor on one that is older", () => {
		const [, older] = specsOf({}, "1.41");
		expect(older.TaskTemplate.ContainerSpec.Healthcheck).not.toHaveProperty("StartInterval");
		expect(sameButRelease(observed, older)).toBe(true);
	});

	test("without a gate is what it is", () => {
		const spec = wanted();
		expect(asFormerly(spec, { application: application(), gate: { on: false } }, "1.51")).toBe(spec);
	});
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

const named = { health: { ...application().config.health, releaseHeader: "x-release" } };

test("an app that names its release is told it, whatever was set under that name before", () => {
	const env = { A: "1", DEPLOYMILL_RELEASE: "hunter22" };
	expect(wanted(named, env).TaskTemplate.ContainerSpec.Env).toEqual(["A=1", "DEPLOYMILL_RELEASE=dep-1"]);
	expect(releaseToldTo(wanted(named))).toBe("dep-1");
});

test("an app that does not is told nothing, and neither is a worker, which nobody asks", () => {
	const { port: _port, ...rest } = application({ ...named, workload: "worker", domains: [] }).config;
	const worker = wantedSpec(
		{ application: { ...application(), config: rest }, env: {}, image: imageOf("a"), deploymentId: "dep-1", gate: { on: false } },
		settings,
	);
	for (const spec of [wanted(), worker]) {
		expect(spec.TaskTemplate.ContainerSpec.Env).toEqual([]);
		expect(releaseToldTo(spec)).toBeUndefined();
	}
	expect(releaseToldTo({ TaskTemplate: { ContainerSpec: {} } } as never)).toBeUndefined();
});
