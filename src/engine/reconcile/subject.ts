// Finds which application a reconcile is about, and what of it is on the Swarm. Pure.
import type { ParsedProject } from "../../config/project.ts";
import { slugs } from "../../config/slug.ts";
import type { Application, ApplicationConfig } from "../../model/application.ts";
import type { Commit } from "../../model/deployment.ts";
import { repositoryHash, spellingsOf } from "../../model/repository.ts";
import { labels, type ObservedService } from "../../model/service.ts";
import { findOwnService } from "../claims/own-service.ts";
import { type Base, othersHosts } from "../service/others.ts";
import { setupOf } from "../service/setup.ts";
import { type Adoption, type Held, planAdoption } from "./adoption.ts";
import type { Observed } from "./observe.ts";

/** What a reconcile is to bring about. */
export interface Wish {
	repoUrl: string;
	project: ParsedProject;
	/** The commit that the project file was read from. */
	commit: Commit;
	/** Domains and mounts that left the file are removed. */
	prune: boolean;
}

/** What this server knows. */
export interface Recorded {
	/** All of its applications. */
	applications: Application[];
	/** This data folder never put anything on the application's service. */
	putNothing: boolean;
	/** What it has of the application all the same. */
	held: Held;
	/** How this data folder knows the application's service to have been. */
	baseOf: (service: ObservedService) => Base;
	/** An image was captured that can be gone back to. */
	hasPoint: boolean;
	/** Of the application's newest image that was looked into: which programs it has that can ask a health endpoint. */
	probePrograms: string[] | undefined;
}

/** Which application it is about, and what of it is there. */
export interface Subject {
	applicationId: string;
	/** Hash by which its service is known. */
	repository: string;
	application: Application | undefined;
	/** Its service. */
	own: ObservedService | undefined;
	/** The service that was made for this repository, and whose name another application of this server has. */
	unreachable: ObservedService | undefined;
	adoption: Adoption | undefined;
	/** Hosts of its service that others put there since something was put there from here. */
	others: string[];
}

/** A repository that is new here may have been deployed by somebody who spells its address in another way. */
export function repositoriesOf(repoUrl: string, application: Application | undefined): string[] {
	return application ? [application.repository] : spellingsOf(repoUrl).map(repositoryHash);
}

export function findSubject(
	{ repoUrl, project }: Wish,
	{ applications, putNothing, held, baseOf }: Recorded,
	{ services, found }: Observed,
): Subject {
	const application = applications.find((item) => item.repoUrl === repoUrl);
	const made = findOwnService(services, repositoriesOf(repoUrl, application), application?.applicationId);
	const isTaken = !application && applications.some((item) => item.applicationId === made?.spec.Name);
	const own = isTaken ? undefined : made;
	const adoption = putNothing && own && found?.service === own ? planAdoption(found, held) : undefined;
	return {
		repository: application?.repository ?? own?.spec.Labels[labels.repository] ?? repositoryHash(repoUrl),
		applicationId: application?.applicationId ?? firstFree(applications, freeSlugs(project.config.name, services, own)),
		application,
		own,
		unreachable: isTaken ? made : undefined,
		adoption,
		others: application && own && !adoption ? othersHosts(setupOf(own), application.config, baseOf(own).configDigests) : [],
	};
}

export type RoutedApplication = Pick<Application, "applicationId" | "repository" | "config">;

/** As which the service is to be routed already. Undefined: there is none, or it was never looked at. */
export function routedAs(
	{ repository, application, applicationId, adoption, others }: Subject,
	wanted: ApplicationConfig,
): RoutedApplication | undefined {
	if (!application && !adoption) return undefined;
	const { config } = application ?? { config: { ...wanted, domains: [] } };
	return {
		applicationId,
		repository,
		config: { ...config, domains: [...new Set([...config.domains, ...(adoption?.setup.hosts ?? others)])] },
	};
}

/** Skips names of services that deploymill made for other repositories. One that it made for this repository is taken up again under its name. */
function* freeSlugs(name: string, services: ObservedService[], own: ObservedService | undefined): Generator<string> {
	if (own) yield own.spec.Name;
	const taken = new Set(services.filter(({ spec }) => spec.Labels?.[labels.application]).map(({ spec }) => spec.Name));
	for (const slug of slugs(name)) if (!taken.has(slug)) yield slug;
}

function firstFree(applications: Application[], candidates: Generator<string>): string {
	const taken = new Set(applications.map(({ applicationId }) => applicationId));
	for (const slug of candidates) if (!taken.has(slug)) return slug;
	throw new Error("the sequence of slugs ended before a free one was found");
}
