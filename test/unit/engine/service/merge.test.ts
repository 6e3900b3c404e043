import { expect, test } from "vitest";
import { fingerprint, mergeSpec, sameButRelease } from "../../../../src/engine/service/merge.ts";
import { routeName, type ServiceSettings, wantedSpec } from "../../../../src/engine/service/spec.ts";
import type { ApplicationConfig } from "../../../../src/model/application.ts";
import type { ReleaseImage } from "../../../../src/model/deployment.ts";
import type { ServiceSpec } from "../../../../src/model/service.ts";
import { application, imageOf } from "../records.ts";

interface Want {
	config?: Partial<ApplicationConfig>;
	env?: Record<string, string>;
	image?: ReleaseImage;
	deploymentId?: string;
	dialect?: "traefik" | "caddy" | "none";
	command?: string[];
}

function want({
	config = {},
	env = {},
	image = imageOf("a"),
	deploymentId = "dep-1",
	dialect = "traefik",
	command,
}: Want = {}): ServiceSpec {
	const settings: ServiceSettings = {
		ingress: {
			dialect,
			network: "deploymill",
			endpointMode: "vip",
			edgeScheme: "https",
			traefikEntrypoint: "websecure",
			traefikCertResolver: "letsencrypt",
		},
		networkId: "network-1",
		apiVersion: "1.51",
	};
	const gate = command ? { on: true, command } : { on: false };
	return wantedSpec({ application: application(config), env, image, deploymentId, gate }, settings);
}

/** What Swarm answers for a spec it was given: empties left out, its own defaults put in (seen on 28.5). */
function answered(spec: ServiceSpec): ServiceSpec {
	const { TaskTemplate: template, ...rest } = structuredClone(spec);
	const { ContainerSpec: container, Resources, Placement, ForceUpdate, ...others } = template;
	const full = {
		...rest,
		TaskTemplate: {
			...others,
			ContainerSpec: { ...dropEmpty(container), Init: false, Isolation: "default", DNSConfig: {} },
			Resources: { ...dropEmpty(Resources), Reservations: {} },
			Placement: dropEmpty(Placement),
			...(ForceUpdate ? { ForceUpdate } : { ForceUpdate: 0 }),
			Runtime: "container",
		},
	};
	const { MaxFailureRatio: _zero, ...update } = full.UpdateConfig;
	return { ...full, UpdateConfig: update } as unknown as ServiceSpec;
}

function dropEmpty<T extends object>(value: T): T {
	return Object.fromEntries(Object.entries(value).filter(([, item]) => !(typeof item === "object" && Object.keys(item).length === 0))) as T;
}

function change(spec: ServiceSpec, by: (spec: ServiceSpec) => void): ServiceSpec {
	const copy = structuredClone(spec);
	by(copy);
	return copy;
}

test("what an operator put on the service by hand stays", () => {
	const observed = change(answered(want()), (spec) => {
		Object.assign(spec.Labels, { "com.example.team": "shop", "prometheus.port": "9000" });
		Object.assign(spec.TaskTemplate.ContainerSpec, {
			Labels: { ...spec.TaskTemplate.ContainerSpec.Labels, "com.example.backup": "nightly" },
			User: "1000",
			Secrets: [{ SecretName: "key" }],
			StopGracePeriod: 30_000_000_000,
		});
		Object.assign(spec.TaskTemplate, { LogDriver: { Name: "journald" } });
		spec.TaskTemplate.Placement = { Constraints: ["node.labels.disk==ssd"], Preferences: [{ Spread: {} }] } as never;
		spec.TaskTemplate.Resources = { Limits: { Pids: 100 }, Reservations: { NanoCPUs: 5 } } as never;
		Object.assign(spec.TaskTemplate.RestartPolicy, { MaxAttempts: 5 });
		Object.assign(spec.EndpointSpec, { Ports: [{ TargetPort: 8080, PublishMode: "host" }] });
		spec.TaskTemplate.Networks = [{ Target: "network-1" }, { Target: "database" }];
		spec.TaskTemplate.ContainerSpec.Env = ["NODE={{.Node.Hostname}}", "OURS={{.Task.ID}}", "DEPLOYMILL_RELEASE=dep-1"];
		spec.TaskTemplate.ContainerSpec.Mounts = [
			{ Type: "bind", Source: "/srv", Target: "/srv" } as never,
			{ Type: "volume", Source: "theirs", Target: "/theirs" },
			{ Type: "volume", Source: "theirs", Target: "/ours" },
		];
	});
	const merged = mergeSpec(
		observed,
		want({
			...{ deploymentId: "dep-2", image: imageOf("b"), env: { OURS: "1" } },
			config: { resources: { memoryMb: 1 }, mounts: [{ volumeName: "ours", mountPath: "/ours" }] },
		}),
	);
	expect(merged.Labels).toMatchObject({ "com.example.team": "shop", "prometheus.port": "9000", "deploymill.deployment": "dep-2" });
	expect(merged.TaskTemplate.ContainerSpec).toMatchObject({
		Labels: { "com.example.backup": "nightly", "deploymill.deployment": "dep-2" },
		User: "1000",
		Secrets: [{ SecretName: "key" }],
		StopGracePeriod: 30_000_000_000,
		Image: imageOf("b").reference,
		Env: ["OURS=1", "NODE={{.Node.Hostname}}"],
		Mounts: [{ Source: "ours" }, { Type: "bind", Source: "/srv" }, { Source: "theirs", Target: "/theirs" }],
	});
	expect(merged.TaskTemplate).toMatchObject({
		LogDriver: { Name: "journald" },
		Networks: [{ Target: "network-1" }, { Target: "database" }],
		Placement: { Constraints: ["node.labels.disk==ssd"], Preferences: [{ Spread: {} }] },
		Resources: { Limits: { Pids: 100, MemoryBytes: 1_048_576 }, Reservations: { NanoCPUs: 5 } },
		RestartPolicy: { Condition: "any", MaxAttempts: 5 },
	});
	expect(merged.EndpointSpec).toEqual({ Mode: "vip", Ports: [{ TargetPort: 8080, PublishMode: "host" }] });
});

test.each<[string, Want, Want, (merged: ServiceSpec) => unknown, unknown]>([
	["an env var", { env: { A: "1", B: "2" } }, { env: { B: "2" } }, (spec) => spec.TaskTemplate.ContainerSpec.Env, ["B=2"]],
	["all env vars", { env: { A: "1" } }, {}, (spec) => spec.TaskTemplate.ContainerSpec.Env, []],
	[
		"a mount",
		{ config: { mounts: [{ volumeName: "data", mountPath: "/data" }] } },
		{},
		(spec) => [spec.TaskTemplate.ContainerSpec.Mounts, spec.UpdateConfig.Order, spec.RollbackConfig.Order],
		[[], "start-first", "start-first"],
	],
	["the health check", { command: ["curl"] }, {}, (spec) => "Healthcheck" in spec.TaskTemplate.ContainerSpec, false],
	["limits", { config: { resources: { cpu: 1, memoryMb: 9 } } }, {}, (spec) => spec.TaskTemplate.Resources.Limits, {}],
	[
		"one of two limits",
		{ config: { resources: { cpu: 1, memoryMb: 1 } } },
		{ config: { resources: { memoryMb: 1 } } },
		(spec) => spec.TaskTemplate.Resources.Limits,
		{ MemoryBytes: 1_048_576 },
	],
	[
		"the tie to a node",
		{ image: { reference: "sha256:1", digest: "sha256:1", nodeId: "n1" } },
		{},
		(spec) => spec.TaskTemplate.Placement.Constraints,
		[],
	],
	[
		"Traefik's labels",
		{ dialect: "traefik" },
		{ dialect: "caddy" },
		(spec) => Object.keys(spec.Labels).filter((key) => key.startsWith("traefik")),
		[],
	],
	[
		"Caddy's labels",
		{ dialect: "caddy" },
		{ dialect: "none" },
		(spec) => Object.keys(spec.Labels).filter((key) => key.startsWith("caddy")),
		[],
	],
	[
		"a domain",
		{ config: { domains: ["a.example", "b.example"] } },
		{ config: { domains: ["a.example"] } },
		(spec) => [spec.Labels["deploymill.hosts"], spec.Labels[`traefik.http.routers.${routeName(application())}.rule`]],
		["a.example", "Host(`a.example`)"],
	],
	["a replica", { config: { replicas: 3 } }, { config: { replicas: 2 } }, (spec) => spec.Mode, { Replicated: { Replicas: 2 } }],
])("what left the project leaves the service: %s", (_name, before, after, look, expected) => {
	expect(look(mergeSpec(answered(want(before)), want(after)))).toEqual(expected);
});

test("a changed health check replaces the one there as a whole", () => {
	const merged = mergeSpec(answered(want({ command: ["curl", "old"] })), want({ command: ["wget", "new"] }));
	expect(merged.TaskTemplate.ContainerSpec.Healthcheck).toEqual(want({ command: ["wget", "new"] }).TaskTemplate.ContainerSpec.Healthcheck);
});

test("the counter that forces an update goes on from where Swarm has it", () => {
	const observed = change(answered(want()), (spec) => {
		spec.TaskTemplate.ForceUpdate = 4;
	});
	expect(mergeSpec(observed, want()).TaskTemplate.ForceUpdate).toBe(4);
	expect(
		mergeSpec({ ...observed, TaskTemplate: { ...observed.TaskTemplate, ForceUpdate: undefined as never } }, want()).TaskTemplate
			.ForceUpdate,
	).toBe(0);
});

const rich: Want = {
	env: { A: "1", B: "{{.Node.ID}}" },
	command: ["curl", "url"],
	config: { mounts: [{ volumeName: "data", mountPath: "/data" }], resources: { cpu: 0.5 }, replicas: 2 },
};

const named = { health: { ...application().config.health, releaseHeader: "x-release" } };

test.each<[string, Want]>([
	["a plain app", {}],
	["an app with everything", rich],
	["an app tied to a node", { image: { reference: "sha256:1", digest: "sha256:1", nodeId: "n1" } }],
	["a worker", { config: { workload: "worker", domains: [] } }],
	["an app that names its release", { config: named, env: { A: "1", E: "2" } }],
])("the second deploy of %s changes nothing but the stamp", (_name, app) => {
	const observed = answered(want(app));
	const merged = mergeSpec(observed, want({ ...app, deploymentId: "dep-2" }));
	expect(sameButRelease(observed, merged)).toBe(true);
	expect(merged.Labels["deploymill.deployment"]).toBe("dep-2");
	expect(merged.TaskTemplate.ContainerSpec.Labels["deploymill.deployment"]).toBe("dep-2");
});

test("how long Swarm watches a rollout makes no other release: an earlier version let it watch 5 s", () => {
	const { health } = application().config;
	const declared = (retries: number) => ({ config: { healthDeclared: true, health: { ...health, retries } } });
	const observed = answered(want(declared(2)));
	const wanted = want({ ...declared(4), deploymentId: "dep-2" });
	expect(observed.UpdateConfig.Monitor).not.toBe(wanted.UpdateConfig.Monitor);
	const merged = mergeSpec(observed, wanted);
	expect(sameButRelease(observed, merged)).toBe(true);
	expect([merged.UpdateConfig.Monitor, merged.RollbackConfig.Monitor]).toEqual([9_000_000_000, 9_000_000_000]);
	const slower = { ...observed, UpdateConfig: { ...observed.UpdateConfig, Order: "stop-first" as const } };
	expect(sameButRelease(slower, merged)).toBe(false);
});

test.each<[string, Want]>([
	["the image", { image: imageOf("b") }],
	["an env value", { env: { A: "2", B: "{{.Node.ID}}" } }],
	["an env var less", { env: { A: "1" } }],
	["an env var more", { env: { A: "1", B: "{{.Node.ID}}", C: "" } }],
	["the health command", { command: ["curl", "other"] }],
	["no health command", { command: undefined as never }],
	["a mount", { config: { ...rich.config, mounts: [] } }],
	["a limit", { config: { ...rich.config, resources: {} } }],
	["replicas", { config: { ...rich.config, replicas: 1 } }],
	["a domain", { config: { ...rich.config, domains: ["other.example"] } }],
	["the port", { config: { ...rich.config, port: 9090 } }],
	["the ingress", { dialect: "caddy" }],
	["a name for the release, where there was none,", { config: { ...rich.config, ...named } }],
])("another %s is another spec, and another fingerprint", (_name, other) => {
	const observed = answered(want(rich));
	expect(sameButRelease(observed, mergeSpec(observed, want({ ...rich, ...other })))).toBe(false);
	expect(fingerprint(want({ ...rich, ...other }))).not.toBe(fingerprint(want(rich)));
});

test("a service scaled to nothing by hand is not the same as one that should run", () => {
	const observed = change(answered(want()), (spec) => {
		spec.Mode = { Replicated: { Replicas: 0 } };
	});
	expect(sameButRelease(observed, mergeSpec(observed, want()))).toBe(false);
});

test("a fingerprint names the release, whoever deploys it and however it is rolled out", () => {
	const reordered = JSON.parse(JSON.stringify(want(rich)), (_key, value: unknown) =>
		value !== null && typeof value === "object" && !Array.isArray(value) ? Object.fromEntries(Object.entries(value).reverse()) : value,
	) as ServiceSpec;
	expect(fingerprint(reordered)).toBe(fingerprint(want(rich)));
	expect(fingerprint(want({ ...rich, deploymentId: "dep-9" }))).toBe(fingerprint(want(rich)));
	const slower = change(want(rich), (spec) => {
		spec.UpdateConfig.Parallelism = 9;
	});
	expect(fingerprint(slower)).toBe(fingerprint(want(rich)));
	expect(fingerprint(want(rich))).toMatch(/^[0-9a-f]{32}$/);
});

test("a release that names itself has one fingerprint, whoever deploys it", () => {
	const app = { ...rich, config: { ...rich.config, ...named } };
	expect(fingerprint(want({ ...app, deploymentId: "dep-9" }))).toBe(fingerprint(want(app)));
});

test("a name for the release that is not the stamp's is an env var like any other: a swap puts it right", () => {
	const observed = change(answered(want({ config: named })), (spec) => {
		spec.TaskTemplate.ContainerSpec.Env = ["DEPLOYMILL_RELEASE=dep-0"];
	});
	const merged = mergeSpec(observed, want({ config: named, deploymentId: "dep-2" }));
	expect(sameButRelease(observed, merged)).toBe(false);
	expect(merged.TaskTemplate.ContainerSpec.Env).toEqual(["DEPLOYMILL_RELEASE=dep-2"]);
});
