// Makes the spec of a Swarm service from the application, its env and a release. Pure.
import type { Application, ApplicationConfig } from "../../model/application.ts";
import { monitorMsOf } from "../../model/check-times.ts";
import type { ReleaseImage } from "../../model/deployment.ts";
import { releaseEnv } from "../../model/release-env.ts";
import { labels, type ObservedService, type Release, type ServiceSpec, type UpdatePolicy } from "../../model/service.ts";
import { formerHealthcheckOf, healthcheckOf, type OrchestratorGate } from "./container-check.ts";
import { envEntry } from "./env-entry.ts";
import { type IngressSettings, ingressLabels } from "./ingress-labels.ts";

const nanosecondsPerSecond = 1_000_000_000;
const nanosecondsPerMs = 1_000_000;
const bytesPerMegabyte = 1024 * 1024;

export interface ServiceSettings {
	ingress: IngressSettings;
	/** Id of the overlay network. */
	networkId: string;
	apiVersion: string;
}

export interface WantedRelease {
	application: Application;
	env: Record<string, string>;
	image: ReleaseImage;
	deploymentId: string;
	/** Id of the commit that the image was made from, where it is known. */
	commit?: string | undefined;
	gate: OrchestratorGate;
}

export function wantedSpec(wanted: WantedRelease, settings: ServiceSettings): ServiceSpec {
	const { application, env, image, commit, gate } = wanted;
	const { applicationId, config } = application;
	const stamp = releaseLabels({ deploymentId: wanted.deploymentId, digest: image.digest });
	const policy = updatePolicy(config);
	return {
		Name: applicationId,
		Labels: {
			...identityLabels(application),
			...routingLabels(application, settings.ingress),
			...stamp,
			...(commit === undefined ? {} : { [labels.commit]: commit }),
		},
		TaskTemplate: {
			ContainerSpec: {
				Image: image.reference,
				Labels: { [labels.application]: applicationId, ...stamp },
				Env: Object.entries({ ...env, ...releaseEnv(config, wanted.deploymentId) })
					.map(([name, value]) => envEntry(name, value))
					.sort(),
				Mounts: config.mounts.map(({ volumeName, mountPath }) => ({
					Type: "volume",
					Source: volumeName,
					Target: mountPath,
					// Docker labels a volume when it makes it, and never again: this is what says whose data it holds.
					VolumeOptions: { Labels: identityLabels(application) },
				})),
				...(gate.on && gate.command ? { Healthcheck: healthcheckOf(gate.command, config.health, settings.apiVersion) } : {}),
			},
			Resources: { Limits: limits(config.resources) },
			RestartPolicy: { Condition: "any", Delay: nanosecondsPerSecond },
			Placement: { Constraints: image.nodeId ? [pinTo(image.nodeId)] : [] },
			Networks: [{ Target: settings.networkId }],
			ForceUpdate: 0,
		},
		Mode: { Replicated: { Replicas: config.replicas } },
		UpdateConfig: policy,
		RollbackConfig: { ...policy, FailureAction: "pause" },
		EndpointSpec: { Mode: settings.ingress.endpointMode },
	};
}

/**
 * `spec` as deploymill wrote it before it knew how often a started container is to ask itself. Where the project file does not say
 * so, that is the same release: a new default replaces no task by itself.
 */
export function asFormerly(
	spec: ServiceSpec,
	{ application, gate }: Pick<WantedRelease, "application" | "gate">,
	apiVersion: string,
): ServiceSpec {
	const { health } = application.config;
	if (!gate.on || !gate.command || health.containerIntervalMs !== undefined) return spec;
	const { TaskTemplate } = spec;
	const Healthcheck = formerHealthcheckOf(gate.command, health, apiVersion);
	return { ...spec, TaskTemplate: { ...TaskTemplate, ContainerSpec: { ...TaskTemplate.ContainerSpec, Healthcheck } } };
}

/** Labels of the service that hold which hosts it answers for. They change without a task being replaced. */
export function routingLabels(
	application: Pick<Application, "applicationId" | "repository" | "config">,
	ingress: IngressSettings,
): Record<string, string> {
	const { config } = application;
	const hosts: Record<string, string> =
		config.port === undefined ? {} : { [labels.hosts]: config.domains.join(" "), [labels.port]: String(config.port) };
	return { ...hosts, ...ingressLabels(routeName(application), config, ingress) };
}

/**
 * What the application's router and service are called in Traefik, where all names of a Swarm meet. The id alone would be
 * its author's to choose, and so might be the name of somebody else's.
 */
export function routeName({ applicationId, repository }: Pick<Application, "applicationId" | "repository">): string {
	return `deploymill-${applicationId}-${repository.slice(0, 8)}`;
}

/** What a service is recognised by. */
function identityLabels({ applicationId, repository }: Application): Record<string, string> {
	return { [labels.application]: applicationId, [labels.repository]: repository };
}

/**
 * The release that a service's spec asks for; undefined on one that deploymill did not make, and on one that was given another
 * image by hand: `docker service update --image` leaves the labels as they were.
 */
export function releaseOf(service: ObservedService | undefined): Release | undefined {
	const { [labels.deployment]: deploymentId, [labels.digest]: digest } = service?.spec.Labels ?? {};
	if (!service || !deploymentId || !digest) return undefined;
	return digestIn(service.spec.TaskTemplate.ContainerSpec.Image) === digest ? { deploymentId, digest } : undefined;
}

/** The digest in an image reference, `sha256:…`; undefined in a bare tag. */
export function digestIn(reference: string): string | undefined {
	return /sha256:[0-9a-f]{64}$/.exec(reference)?.[0];
}

export function pinTo(nodeId: string): string {
	return `node.id==${nodeId}`;
}

/** The node that an image is tied to because it was not pushed. */
export function pinnedNode({ TaskTemplate: { ContainerSpec, Placement } }: ServiceSpec): string | undefined {
	if (!ContainerSpec.Image.startsWith("sha256:")) return undefined;
	const nodes = (Placement?.Constraints ?? []).map((constraint) => /^node\.id\s*==\s*(\S+)$/.exec(constraint)?.[1]);
	return nodes.find((nodeId) => nodeId !== undefined);
}

function releaseLabels(release: Release): Record<string, string> {
	return { [labels.deployment]: release.deploymentId, [labels.digest]: release.digest };
}

function limits({ cpu, memoryMb }: { cpu?: number; memoryMb?: number }) {
	return {
		...(cpu === undefined ? {} : { NanoCPUs: Math.round(cpu * nanosecondsPerSecond) }),
		...(memoryMb === undefined ? {} : { MemoryBytes: memoryMb * bytesPerMegabyte }),
	};
}

/** Two tasks must not share a volume, so an app with mounts stops before it starts. Any failed task takes the rollout back. */
function updatePolicy(config: ApplicationConfig): UpdatePolicy {
	return {
		Parallelism: Math.ceil(config.replicas / 4),
		FailureAction: "rollback",
		Monitor: monitorMsOf(config) * nanosecondsPerMs,
		MaxFailureRatio: 0,
		Order: config.mounts.length > 0 ? "stop-first" : "start-first",
	};
}
