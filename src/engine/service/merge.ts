// Merges a wanted spec with the one that Swarm holds: what is ours is replaced, what an operator added by hand stays.
import { createHash } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import { unstampedEnv } from "../../model/release-env.ts";
import { labels, type ServiceSpec } from "../../model/service.ts";
import { envNameIn } from "./env-entry.ts";
import { ingressLabelPrefixes } from "./ingress-labels.ts";
import { foreignEnv, foreignMounts } from "./setup.ts";

type Json = unknown;
type JsonObject = Record<string, Json>;

/**
 * The spec to send: `wanted` laid over `observed`. Lists and labels that are ours are replaced whole, so that what was
 * removed from the project is removed from the service; fields that deploymill does not know are kept.
 */
export function mergeSpec(observed: ServiceSpec, wanted: ServiceSpec): ServiceSpec {
	const merged = overlay(observed as unknown as JsonObject, wanted as unknown as JsonObject) as unknown as ServiceSpec;
	const container = wanted.TaskTemplate.ContainerSpec;
	const { Healthcheck: _previous, ...rest } = merged.TaskTemplate.ContainerSpec;
	return {
		...merged,
		Labels: { ...foreignLabels(observed.Labels), ...wanted.Labels },
		TaskTemplate: {
			...merged.TaskTemplate,
			ContainerSpec: {
				...rest,
				Labels: { ...foreignLabels(observed.TaskTemplate.ContainerSpec.Labels), ...container.Labels },
				Env: [...container.Env, ...foreignEnv(observed).filter((entry) => !names(container.Env).has(envNameIn(entry)))],
				Mounts: [...container.Mounts, ...foreignMounts(observed).filter(({ Target }) => !targets(container.Mounts).has(Target))],
				...(container.Healthcheck ? { Healthcheck: container.Healthcheck } : {}),
			},
			Resources: { ...merged.TaskTemplate.Resources, Limits: { ...foreignLimits(observed), ...wanted.TaskTemplate.Resources.Limits } },
			Placement: {
				...merged.TaskTemplate.Placement,
				Constraints: [...foreignConstraints(observed), ...wanted.TaskTemplate.Placement.Constraints],
			},
			Networks: [...wanted.TaskTemplate.Networks, ...foreignNetworks(observed, wanted)],
			ForceUpdate: observed.TaskTemplate.ForceUpdate ?? 0,
		},
	};
}

/**
 * Whether two specs differ in nothing but the release stamp, how often a starting container is asked, and how long a rollout is watched:
 * no running task would be another one by these. How often it is asked depends on the engine's version too, and how long is watched on deploymill's.
 */
export function sameButRelease(a: ServiceSpec, b: ServiceSpec): boolean {
	const compared = (spec: ServiceSpec) => withoutRelease(withoutMonitor(withoutStartInterval(spec)));
	return isDeepStrictEqual(compared(a), compared(b));
}

/** Hash over a spec but its release stamp: equal fingerprints are the same image under the same configuration. */
export function fingerprint(spec: ServiceSpec): string {
	const { UpdateConfig: _update, RollbackConfig: _rollback, ...rest } = withoutRelease(spec) as JsonObject;
	return hashOf(rest);
}

/**
 * Hash over what a service's tasks are made from: another one makes other tasks. A restart that was asked for (ForceUpdate) makes the
 * same ones again.
 */
export function tasksFingerprint({ TaskTemplate }: ServiceSpec): string {
	const { ForceUpdate: _restarts, ...rest } = TaskTemplate;
	return hashOf(withoutEmpty(rest));
}

function overlay(base: JsonObject, top: JsonObject): JsonObject {
	const result: JsonObject = { ...base };
	for (const [key, value] of Object.entries(top)) {
		const below = base[key];
		result[key] = isObject(value) && isObject(below) ? overlay(below, value) : value;
	}
	return result;
}

function foreignLabels(observed: Record<string, string> | undefined): Record<string, string> {
	const ours = ["deploymill.", ...ingressLabelPrefixes];
	return Object.fromEntries(Object.entries(observed ?? {}).filter(([key]) => !ours.some((prefix) => key.startsWith(prefix))));
}

function foreignLimits(observed: ServiceSpec): JsonObject {
	const { NanoCPUs: _cpu, MemoryBytes: _memory, ...rest } = observed.TaskTemplate.Resources?.Limits ?? {};
	return rest;
}

function names(env: string[]): Set<string> {
	return new Set(env.map(envNameIn));
}

function targets(of: { Target: string }[]): Set<string> {
	return new Set(of.map(({ Target }) => Target));
}

/** An operator may have attached the service to a database's network, for instance. */
function foreignNetworks(observed: ServiceSpec, wanted: ServiceSpec): ServiceSpec["TaskTemplate"]["Networks"] {
	const ours = targets(wanted.TaskTemplate.Networks);
	return (observed.TaskTemplate.Networks ?? []).filter(({ Target }) => !ours.has(Target));
}

/** A pin to a node is ours where the image is known by its id alone, and an operator's elsewhere. */
function foreignConstraints(observed: ServiceSpec): string[] {
	const { ContainerSpec, Placement } = observed.TaskTemplate;
	const isPinnedByUs = ContainerSpec.Image.startsWith("sha256:");
	return (Placement?.Constraints ?? []).filter((constraint) => !(isPinnedByUs && /^node\.id\s*==/.test(constraint)));
}

function withoutRelease(spec: ServiceSpec): Json {
	const { TaskTemplate, ...rest } = spec;
	const { ContainerSpec: container } = TaskTemplate;
	return withoutEmpty({
		...rest,
		Labels: unstamped(spec.Labels),
		TaskTemplate: {
			...TaskTemplate,
			ContainerSpec: { ...container, Labels: unstamped(container.Labels), Env: unstampedEnv(container) },
		},
	});
}

function withoutStartInterval(spec: ServiceSpec): ServiceSpec {
	const { Healthcheck, ...container } = spec.TaskTemplate.ContainerSpec;
	if (!Healthcheck) return spec;
	const { StartInterval: _interval, ...check } = Healthcheck;
	return { ...spec, TaskTemplate: { ...spec.TaskTemplate, ContainerSpec: { ...container, Healthcheck: check } } };
}

function withoutMonitor(spec: ServiceSpec): ServiceSpec {
	const { UpdateConfig, RollbackConfig } = spec;
	return {
		...spec,
		...(UpdateConfig ? { UpdateConfig: { ...UpdateConfig, Monitor: 0 } } : {}),
		...(RollbackConfig ? { RollbackConfig: { ...RollbackConfig, Monitor: 0 } } : {}),
	};
}

function unstamped(all: Record<string, string> | undefined): Record<string, string> {
	const { [labels.deployment]: _deployment, [labels.digest]: _digest, [labels.commit]: _commit, ...rest } = all ?? {};
	return rest;
}

/** Swarm leaves out what is empty or zero; so must a comparison. */
function withoutEmpty(value: Json): Json {
	if (Array.isArray(value)) return value.map(withoutEmpty);
	if (!isObject(value)) return value;
	const entries = Object.entries(value)
		.map(([key, item]) => [key, withoutEmpty(item)] as const)
		.filter(([, item]) => !isEmpty(item));
	return Object.fromEntries(entries);
}

function isEmpty(value: Json): boolean {
	if (value === undefined || value === null || value === 0 || value === false || value === "") return true;
	if (Array.isArray(value)) return value.length === 0;
	return isObject(value) && Object.keys(value).length === 0;
}

function hashOf(value: Json): string {
	return createHash("sha256")
		.update(JSON.stringify(sortKeys(value)))
		.digest("hex")
		.slice(0, 32);
}

function sortKeys(value: Json): Json {
	if (Array.isArray(value)) return value.map(sortKeys);
	if (!isObject(value)) return value;
	return Object.fromEntries(
		Object.keys(value)
			.sort()
			.map((key) => [key, sortKeys(value[key])]),
	);
}

function isObject(value: Json): value is JsonObject {
	return typeof value === "object" && value !== null && !Array.isArray(value);
}
