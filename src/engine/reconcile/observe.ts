// Observes what a reconcile depends on: all that has to be asked of Docker and the registry. Nothing is changed by it.
import { DeploymillError } from "../../errors.ts";
import type { ApplicationConfig } from "../../model/application.ts";
import type { ObservedService } from "../../model/service.ts";
import { inspectVolumes, type VolumeLabels } from "../claims/volumes.ts";
import type { Registry } from "../ports/images.ts";
import type { Swarm } from "../ports/swarm.ts";

export interface Observed {
	/** All services of the Swarm. */
	services: ObservedService[];
	/** Of every volume that the project file mounts. */
	volumes: VolumeLabels;
	/** Why a push would fail today; undefined where it would not, and where there is none. */
	loginFault: DeploymillError | undefined;
	/** Of the Docker Engine, e.g. `1.51`. */
	apiVersion: string;
}

/** @throws docker_unreachable, swarm_not_ready */
export async function observe(
	{ swarm, registry }: { swarm: Swarm; registry: Registry },
	wanted: Pick<ApplicationConfig, "mounts" | "rollback">,
): Promise<Observed> {
	const [{ apiVersion }, services, volumes, loginFault] = await Promise.all([
		swarm.facts(),
		swarm.listServices(),
		inspectVolumes(swarm, wanted.mounts),
		wanted.rollback.enabled ? findLoginFault(registry) : undefined,
	]);
	return { services, volumes, loginFault, apiVersion };
}

/** Looked for now, so that nobody finds out at the first push. */
async function findLoginFault(registry: Registry): Promise<DeploymillError | undefined> {
	try {
		await registry.checkLogin();
		return undefined;
	} catch (error) {
		if (error instanceof DeploymillError) return error;
		throw error;
	}
}
