// Observes the Swarm service of an application, and refuses to touch one that is not its own.
import { DeploymillError, errorMessage } from "../../errors.ts";
import type { Application } from "../../model/application.ts";
import { labels, type ObservedService, type Release } from "../../model/service.ts";
import type { Log } from "../engine.ts";
import type { Swarm } from "../ports/swarm.ts";
import { releaseOf } from "./spec.ts";

/** @throws service_not_ours when a service of the application's name was not made for it; docker_unreachable, swarm_not_ready */
export async function observeOwnService(
	swarm: Swarm,
	{ applicationId, repository }: Pick<Application, "applicationId" | "repository">,
): Promise<ObservedService | undefined> {
	const service = await swarm.inspectService(applicationId);
	if (!service) return undefined;
	const { [labels.application]: owner, [labels.repository]: madeFor } = service.spec.Labels ?? {};
	if (owner === applicationId && madeFor === repository) return service;
	const whose = owner === undefined ? "deploymill did not make it" : "deploymill made it for another repository";
	throw new DeploymillError("service_not_ours", `The Swarm service ${applicationId} exists, and ${whose}. It was not touched.`, {
		hint: `Rename the project in .deploymill/project.json, or remove the service yourself (docker service rm ${applicationId}).`,
		details: { serviceName: applicationId },
	});
}

export interface LiveView {
	/** False: Docker could not be asked, and nothing may be said of what is live. */
	observed: boolean;
	release?: Release;
	/** The service of the application's name, whoever made it. */
	service?: ObservedService;
}

/**
 * The release Swarm has for the application, for answers that can be given without it: whatever keeps Swarm from answering
 * is no error here, but said.
 */
export async function observeLive({ swarm, log }: { swarm: Swarm; log: Log }, application: Application): Promise<LiveView> {
	try {
		return liveIn(await swarm.inspectService(application.applicationId), application);
	} catch (error) {
		log.info({ applicationId: application.applicationId, error: errorMessage(error) }, "what is live could not be observed");
		return { observed: false };
	}
}

/** The same of each application, in their order, by one listing of services whatever their number. */
export async function observeAllLive({ swarm, log }: { swarm: Swarm; log: Log }, applications: Application[]): Promise<LiveView[]> {
	if (applications.length === 0) return [];
	try {
		const services = await swarm.listServices();
		const byName = new Map(services.map((service) => [service.spec.Name, service]));
		return applications.map((application) => liveIn(byName.get(application.applicationId), application));
	} catch (error) {
		log.info({ error: errorMessage(error) }, "what is live could not be observed");
		return applications.map(() => ({ observed: false }));
	}
}

/** A service of the same name that another repository made is not the application's. */
function liveIn(service: ObservedService | undefined, { repository }: Pick<Application, "repository">): LiveView {
	if (!service) return { observed: true };
	const release = service.spec.Labels?.[labels.repository] === repository ? releaseOf(service) : undefined;
	return release ? { observed: true, service, release } : { observed: true, service };
}
