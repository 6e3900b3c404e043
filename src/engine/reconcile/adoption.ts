// Plans what a data folder takes over of an application that somebody else put on the Swarm (contract section 13). Pure.
import type { Application, Mount } from "../../model/application.ts";
import type { ReleaseImage } from "../../model/deployment.ts";
import { envVarBytes, mostEnvBytes, mostEnvVars } from "../../model/env-limits.ts";
import { type Setup, setupOf } from "../service/setup.ts";
import { digestIn, pinnedNode, releaseOf } from "../service/spec.ts";
import type { Found, FoundSource } from "./found.ts";

/** What was found, as the plan shows it: names, never values. */
export interface Adopted {
	/** Absent where what runs carries no release's stamp, or was not taken over. */
	deploymentId?: string;
	/** Of the image, `sha256:…`. */
	digest?: string;
	/** Id of the commit. */
	commit?: string;
	/** What runs can be gone back to. */
	rollbackPoint: boolean;
	env: string[];
	hosts: string[];
	mounts: Mount[];
	replicas: number;
}

export interface AdoptedRelease {
	/** As stamped on the service; undefined where the stamp is not that of its image. */
	deploymentId: string | undefined;
	image: ReleaseImage;
	hasPoint: boolean;
	source: FoundSource;
}

export interface Adoption {
	release: AdoptedRelease | undefined;
	/** What is set here from now on: secrets. */
	env: Record<string, string>;
	/** All that the service has. */
	setup: Setup;
	/** False: more than an application can have, so that none of it is taken over. */
	fits: boolean;
	shown: Adopted;
}

/** What this data folder has of the application already. */
export interface Held {
	/** What was set here: secrets. */
	env: Record<string, string>;
	isRecorded: (deploymentId: string) => boolean;
}

export function planAdoption(found: Found, held: Held): Adoption {
	const setup = setupOf(found.service);
	const fits = fitsTheStore(setup.env);
	const env = fits ? Object.fromEntries(Object.entries(setup.env).filter(([name]) => !Object.hasOwn(held.env, name))) : {};
	const release = releaseFound(found, held);
	const { digest } = release?.image ?? {};
	const shown: Adopted = {
		...(release?.deploymentId ? { deploymentId: release.deploymentId } : {}),
		...(digest ? { digest } : {}),
		...(release?.source.state === "read" ? { commit: release.source.commit.sha } : {}),
		rollbackPoint: release?.hasPoint ?? false,
		env: Object.keys(env).sort(),
		hosts: setup.hosts,
		mounts: setup.mounts,
		replicas: setup.replicas,
	};
	return { release, env, setup, fits, shown };
}

/** Of one that is registered already: an earlier reconcile may have taken over all that there is. */
export function hasNews({ release, env, setup }: Adoption, application: Application | undefined): boolean {
	if (!application) return true;
	const { config } = application;
	const isMounted = ({ mountPath }: Mount) => config.mounts.some((mount) => mount.mountPath === mountPath);
	const isApplied = (host: string) => config.domains.includes(host);
	return release !== undefined || Object.keys(env).length > 0 || !setup.hosts.every(isApplied) || !setup.mounts.every(isMounted);
}

/** Live is said only of what runs. */
function releaseFound({ service, runs, image: { state }, source }: Found, { isRecorded }: Held): AdoptedRelease | undefined {
	const reference = service.spec.TaskTemplate.ContainerSpec.Image;
	const digest = digestIn(reference);
	if (!runs || digest === undefined) return undefined;
	const nodeId = pinnedNode(service.spec);
	const stamp = releaseOf(service)?.deploymentId;
	const isUsable = stamp !== undefined && /^[a-z]+-[a-z0-9-]{1,60}$/.test(stamp) && !isRecorded(stamp);
	return {
		deploymentId: isUsable ? stamp : undefined,
		image: { reference, digest, ...(nodeId ? { nodeId } : {}) },
		// An image that nobody could be asked about is asked for again when it is gone back to.
		hasPoint: state === "there" || state === "unknown",
		// A hand that put another image there left the commit's label as it was.
		source: stamp === undefined ? { state: "unnamed" } : source,
	};
}

function fitsTheStore(env: Record<string, string>): boolean {
	const all = Object.entries(env);
	return all.length <= mostEnvVars && all.reduce((sum, [name, value]) => sum + envVarBytes(name, value), 0) <= mostEnvBytes;
}
