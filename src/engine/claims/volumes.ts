// Decides whether a volume is an application's to mount: a project file must not reach into somebody else's data.
import { quote } from "../../config/quote.ts";
import { DeploymillError } from "../../errors.ts";
import type { Application, Mount } from "../../model/application.ts";
import { labels, type ObservedService } from "../../model/service.ts";
import type { Swarm } from "../ports/swarm.ts";
import { findOwnService } from "./own-service.ts";

/** Who asks for the volume. */
export interface Claimant {
	/** Hash that it is known by. */
	repository: string;
	/** Undefined for a repository that is not registered here: it is told apart from nobody by a name it does not have yet. */
	application: Application | undefined;
}

/** What is known of a volume. Volumes are per node: the labels are those of the endpoint's node. */
export interface VolumeFacts {
	/** Undefined where the node has no volume of this name. */
	labels: Record<string, string> | undefined;
	/** The claimant's own service mounts it. */
	ownServiceMounts: boolean;
	/** The claimant's applied configuration mounts it. */
	applied: boolean;
	/** Another application of this server that mounts it and was not later. */
	application: string | undefined;
	/** Another service of the Swarm that mounts a volume of this name, whoever made it. */
	service: string | undefined;
}

/** The claimant, as labels know it. */
export interface ClaimantNames {
	/** Undefined where neither this server nor a service names one. */
	applicationId: string | undefined;
	repositoryHash: string;
}

/**
 * Why the volume is not the claimant's; undefined when it is, or is nobody's yet.
 *
 * The repository in the volume's label decides where there is one. Volumes of earlier versions name the application alone,
 * which any repository can call itself: such a volume is kept by the application that mounts it here, and goes to nobody else.
 */
export function whyTaken(facts: VolumeFacts, claimant: ClaimantNames): string | undefined {
	const { [labels.repository]: repository, [labels.application]: application } = facts.labels ?? {};
	if (repository === claimant.repositoryHash) return undefined;
	if (repository !== undefined) return "it was made for an application of another repository";
	if (application === undefined) return whyUnlabelledTaken(facts);
	if (application === claimant.applicationId && (facts.ownServiceMounts || facts.applied)) return undefined;
	return `it was made for an application ${quote(application)} that is not known to be this one`;
}

/** Of a volume that no deploymill made, or that is not on this node (yet). */
function whyUnlabelledTaken(facts: VolumeFacts): string | undefined {
	if (facts.application !== undefined) return `the application ${facts.application} mounts it`;
	if (facts.ownServiceMounts) return undefined;
	if (facts.service !== undefined) return `the service ${quote(facts.service)} mounts a volume of this name`;
	return facts.labels ? "it exists on the Docker host, and was not made for this application" : undefined;
}

/** Labels of volumes by their name; undefined for one that the endpoint's node does not have. */
export type VolumeLabels = ReadonlyMap<string, Record<string, string> | undefined>;

/** Who there is to hold a volume. */
export interface VolumeHolders {
	/** All applications of this server. */
	applications: Application[];
	/** All services of the Swarm. */
	services: ObservedService[];
	/** Of every volume that is asked for. */
	volumes: VolumeLabels;
}

/** @throws docker_unreachable, swarm_not_ready */
export async function inspectVolumes(swarm: Swarm, mounts: Mount[]): Promise<VolumeLabels> {
	const names = [...new Set(mounts.map(({ volumeName }) => volumeName))];
	const found = await Promise.all(names.map(async (name) => [name, (await swarm.inspectVolume(name))?.labels] as const));
	return new Map(found);
}

/** @throws name_taken for a volume of another application, or one that deploymill did not make */
export function ensureVolumesFree(claimant: Claimant, mounts: Mount[], { applications, services, volumes }: VolumeHolders): void {
	const { repository, application } = claimant;
	const own = findOwnService(services, [repository], application?.applicationId);
	const names = { applicationId: application?.applicationId ?? own?.spec.Name, repositoryHash: repository };
	for (const { volumeName } of mounts) {
		const because = whyTaken(
			{
				labels: volumes.get(volumeName),
				ownServiceMounts: own !== undefined && mountsVolume(own, volumeName),
				applied: application !== undefined && configMounts(application, volumeName),
				application: earlierApplication(applications, application, volumeName),
				service: services.find((service) => service !== own && mountsVolume(service, volumeName))?.spec.Name,
			},
			names,
		);
		if (because) throw taken(volumeName, because, names.repositoryHash);
	}
}

/** Of two that have applied the same volume, the one that was registered first has it; one that only asks comes after all others. */
function earlierApplication(applications: Application[], application: Application | undefined, volumeName: string): string | undefined {
	const isLate = application === undefined || !configMounts(application, volumeName);
	return applications.find(
		(other) =>
			other.applicationId !== application?.applicationId &&
			configMounts(other, volumeName) &&
			(isLate || order(other) < order(application)),
	)?.applicationId;
}

function order({ createdAt, applicationId }: Application): string {
	return `${createdAt} ${applicationId}`;
}

function configMounts({ config }: Application, volumeName: string): boolean {
	return config.mounts.some((mount) => mount.volumeName === volumeName);
}

/** A service that deploymill did not make may lack any part of what is read here. */
function mountsVolume({ spec }: ObservedService, volumeName: string): boolean {
	const mounts = spec.TaskTemplate?.ContainerSpec?.Mounts ?? [];
	return mounts.some(({ Type, Source }: { Type: string; Source?: string }) => Type !== "bind" && Source === volumeName);
}

function taken(volumeName: string, because: string, hash: string): DeploymillError {
	return new DeploymillError("name_taken", `mounts: the volume ${quote(volumeName)} is taken: ${because}. Nothing was applied.`, {
		hint: `Choose another volumeName in .deploymill/project.json, for example one that begins with the project's name. An operator can make a volume for this repository by hand (docker volume create --label ${labels.repository}=${hash} NAME) and copy data into it; Docker cannot change the labels of one that exists.`,
		details: { volumeName },
	});
}
