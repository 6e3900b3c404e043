// Reads from a Swarm service how its application is set up: env, hosts, mounts and replicas, whoever put them there.
import { isHostName, isLoopbackName } from "../../config/host-name.ts";
import type { Mount } from "../../model/application.ts";
import { releaseEnvVar } from "../../model/release-env.ts";
import { labels, type ObservedService, type ServiceMount, type ServiceSpec } from "../../model/service.ts";
import { readEnvEntry } from "./env-entry.ts";
import { replicasOf } from "./revision.ts";

export interface Setup {
	/** Decrypted values: secrets. */
	env: Record<string, string>;
	/** Of the label that deploymill writes. */
	hosts: string[];
	/** Of volumes that deploymill mounts. */
	mounts: Mount[];
	replicas: number;
}

/** What an application of deploymill can have. All else on the service stays as it is: `foreignEnv`, `foreignMounts`. */
export function setupOf(service: ObservedService): Setup {
	const { spec } = service;
	const known = envOf(spec).flatMap((entry) => readEnvEntry(entry) ?? []);
	return {
		env: Object.fromEntries(known.filter(({ name }) => !isStamp(name)).map(({ name, value }) => [name, value])),
		hosts: hostsOf(spec),
		mounts: mountsOf(spec)
			.filter((mount) => isOurs(mount, spec))
			.map(({ Source, Target }) => ({ volumeName: Source, mountPath: Target })),
		replicas: replicasOf(service),
	};
}

/** Entries that `set_env_vars` could not have set: somebody did by hand, and they stay unless a variable of that name is wanted. */
export function foreignEnv(spec: ServiceSpec): string[] {
	return envOf(spec).filter((entry) => readEnvEntry(entry) === undefined);
}

/** Mounts that no project file could have asked for, such as a folder of the host, or that somebody made by hand. */
export function foreignMounts(spec: ServiceSpec): ServiceMount[] {
	return mountsOf(spec).filter((mount) => !isOurs(mount, spec));
}

/** The stamp by which an app can name its release: of no use to the next one. */
function isStamp(name: string): boolean {
	return name === releaseEnvVar;
}

/** Swarm leaves empty lists out. */
function envOf({ TaskTemplate }: ServiceSpec): string[] {
	return TaskTemplate.ContainerSpec.Env ?? [];
}

function mountsOf({ TaskTemplate }: ServiceSpec): ServiceMount[] {
	return TaskTemplate.ContainerSpec.Mounts ?? [];
}

/** Deploymill labels each volume that it mounts with the application. */
function isOurs({ Type, VolumeOptions }: ServiceMount, { Name }: ServiceSpec): boolean {
	return Type === "volume" && VolumeOptions?.Labels?.[labels.application] === Name;
}

/** Anybody may have written anything there by hand. */
function hostsOf({ Labels }: ServiceSpec): string[] {
	const hosts = (Labels?.[labels.hosts] ?? "").toLowerCase().split(" ");
	return [...new Set(hosts)].filter((host) => isHostName(host) && !isLoopbackName(host));
}
