// Observes what is live, for answers that can be given without it.
import { DeploymillError } from "../../errors.ts";
import type { Application } from "../../model/application.ts";
import { labels, type ObservedService, type Release } from "../../model/service.ts";
import type { Engine } from "../engine.ts";
import { releaseOf, repositoryHash } from "./spec.ts";

export interface LiveView {
	/** False: Docker could not be asked, and nothing may be said of what is live. */
	observed: boolean;
	release?: Release;
}

/** The release Swarm has for the application. History can be read without Docker, so an endpoint that is away is no error here. */
export async function observeLive({ swarm }: Engine, application: Application): Promise<LiveView> {
	return unlessAway(async () => viewOf(await swarm.inspectService(application.applicationId), application), notObserved);
}

/** The same of each application, in their order, by one listing of services whatever their number. */
export async function observeAllLive({ swarm }: Engine, applications: Application[]): Promise<LiveView[]> {
	if (applications.length === 0) return [];
	const services = await unlessAway(() => swarm.listServices(labels.application), undefined);
	if (!services) return applications.map(() => notObserved);
	const byName = new Map(services.map((service) => [service.spec.Name, service]));
	return applications.map((application) => viewOf(byName.get(application.applicationId), application));
}

const notObserved: LiveView = { observed: false };

/** A service of the same name that another repository made is not the application's. */
function viewOf(service: ObservedService | undefined, { repoUrl }: Application): LiveView {
	if (service?.spec.Labels?.[labels.repository] !== repositoryHash(repoUrl)) return { observed: true };
	const release = releaseOf(service);
	return release ? { observed: true, release } : { observed: true };
}

async function unlessAway<T, Away>(observe: () => Promise<T>, away: Away): Promise<T | Away> {
	try {
		return await observe();
	} catch (error) {
		if (error instanceof DeploymillError && error.code === "docker_unreachable") return away;
		throw error;
	}
}
