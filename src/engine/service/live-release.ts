// Owns the observation of what is live, for answers that can be given without it.
import { DeploymillError } from "../../errors.ts";
import type { Application } from "../../model/application.ts";
import type { Release } from "../../model/service.ts";
import { labels } from "../../model/service.ts";
import type { Engine } from "../engine.ts";
import { releaseOf, repositoryHash } from "./spec.ts";

export interface LiveView {
	/** False: Docker could not be asked, and nothing may be said of what is live. */
	observed: boolean;
	release?: Release;
}

/** The release Swarm has for the application. History can be read without Docker, so an endpoint that is away is no error here. */
export async function observeLive(engine: Engine, { applicationId, repoUrl }: Application): Promise<LiveView> {
	try {
		const service = await engine.swarm.inspectService(applicationId);
		if (service?.spec.Labels?.[labels.repository] !== repositoryHash(repoUrl)) return { observed: true };
		const release = releaseOf(service);
		return release ? { observed: true, release } : { observed: true };
	} catch (error) {
		if (error instanceof DeploymillError && error.code === "docker_unreachable") return { observed: false };
		throw error;
	}
}
