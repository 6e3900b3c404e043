// Observes what a reconcile depends on: all that has to be asked of Docker and the registry. Nothing is changed by it.
import { DeploymillError } from "../../errors.ts";
import type { ApplicationConfig } from "../../model/application.ts";
import type { ObservedService } from "../../model/service.ts";
import { findOwnService } from "../claims/own-service.ts";
import { inspectVolumes, type VolumeLabels } from "../claims/volumes.ts";
import type { Clock } from "../ports/clock.ts";
import type { Registry } from "../ports/images.ts";
import type { Source } from "../ports/source.ts";
import type { Swarm } from "../ports/swarm.ts";
import { type Found, type FoundQuestion, lookAtFound } from "./found.ts";

export interface Observed {
	/** All services of the Swarm. */
	services: ObservedService[];
	/** Of every volume that the project file mounts. */
	volumes: VolumeLabels;
	/** Why a push would fail today; undefined where it would not, and where there is none. */
	loginFault: DeploymillError | undefined;
	/** Of the Docker Engine, e.g. `1.51`. */
	apiVersion: string;
	/** What runs that this data folder has put nothing of; undefined where there is none, or was not looked for. */
	found?: Found;
}

/** What is looked for that others put on the Swarm. */
export interface Search extends FoundQuestion {
	/** Hashes that a service of it may be known by. */
	repositories: readonly string[];
	/** Undefined: not registered yet. */
	applicationId: string | undefined;
}

/** @throws docker_unreachable, swarm_not_ready */
export async function observe(
	{ swarm, registry, source, clock }: { swarm: Swarm; registry: Registry; source: Source; clock: Clock },
	wanted: Pick<ApplicationConfig, "mounts" | "rollback">,
	search: Search | undefined,
): Promise<Observed> {
	const [{ apiVersion }, services, volumes, loginFault] = await Promise.all([
		swarm.facts(),
		swarm.listServices(),
		inspectVolumes(swarm, wanted.mounts),
		wanted.rollback.enabled ? findLoginFault(registry) : undefined,
	]);
	const made = search && findOwnService(services, search.repositories, search.applicationId);
	const found = made && (await lookAtFound({ swarm, registry, source, clock }, made, search));
	return { services, volumes, loginFault, apiVersion, ...(found ? { found } : {}) };
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
