// Says what of an application that was found on the Swarm cannot be taken over, or is not as one might think.
import { quote } from "../../config/quote.ts";
import type { ApplicationConfig } from "../../model/application.ts";
import { mostEnvBytes, mostEnvVars } from "../../model/env-limits.ts";
import { labels, type ObservedService } from "../../model/service.ts";
import { listed } from "../../text/listed.ts";
import { envNameIn } from "../service/env-entry.ts";
import { foreignEnv, foreignMounts, type Setup } from "../service/setup.ts";
import type { AdoptedRelease, Adoption, Held } from "./adoption.ts";
import type { Found, FoundImage, FoundSource } from "./found.ts";

/** A sentence each. @param config what is applied with it */
export function adoptionWarnings(found: Found, adoption: Adoption, held: Held, config: ApplicationConfig): string[] {
	const { release, setup, fits } = adoption;
	return [
		...(release ? releaseWarnings(release, found) : [notTakenOver(found)]),
		...envWarnings(found.service, setup, held, fits),
		...foreignMounts(found.service.spec).map(
			({ Source, Target }) =>
				`somebody mounted ${quote(Source)} at ${quote(Target)} by hand: that stays as it is on the service, and is not managed`,
		),
		...replicasWarnings(setup, config),
	];
}

function replicasWarnings(setup: Setup, { replicas }: ApplicationConfig): string[] {
	if (setup.replicas === replicas) return [];
	return [`replicas: the service has ${setup.replicas}; the next deploy or rollback makes that ${replicas}`];
}

export function nameTaken({ spec: { Name } }: ObservedService): string {
	return `the service ${Name} was made for this repository by a deploymill with another data folder, and cannot be taken over: ${Name} is an application of another repository here`;
}

function notTakenOver({ service, image, runs }: Found): string {
	const { Name, TaskTemplate } = service.spec;
	const reference = quote(TaskTemplate.ContainerSpec.Image);
	const lead = `the image ${reference} that the service ${Name} has was not taken over as a deployment`;
	if (image.state === "unnamed") return `${lead}: it is named by a tag alone, which may mean another image by now`;
	const isChanging = service.updateStatus?.state === "updating" || service.updateStatus?.state === "rollback_started";
	const why = isChanging ? "an update is under way" : "not every task runs it, or others run too";
	return runs ? lead : `${lead}: ${why}. Until something is deployed from here, a later reconcile_project takes it over`;
}

const imageWords: Record<FoundImage["state"], string | undefined> = {
	there: undefined,
	unnamed: undefined,
	local: "the image that runs was never pushed to a registry: once it is replaced, no rollback goes back to it",
	missing: "the registry does not have the image that runs: once it is replaced, no rollback goes back to it",
	unknown: "whether the registry has the image that runs is not known; a rollback to it asks again",
};

function releaseWarnings({ deploymentId, source }: AdoptedRelease, { service, image }: Found): string[] {
	const words = imageWords[image.state];
	const because = image.state === "unknown" ? ` (${image.fault.code}: ${image.fault.message})` : "";
	return [
		...(words ? [`${words}${because}`] : []),
		...(deploymentId === undefined ? [withoutStamp(service)] : []),
		...sourceWarnings(source),
	];
}

function withoutStamp({ spec }: ObservedService): string {
	const stamp = spec.Labels[labels.deployment];
	const whose = stamp === undefined ? "no deployment's label" : `the label of ${quote(stamp)}, which is not this image's`;
	return `the service carries ${whose}: the image that runs is taken over under an id of its own`;
}

function sourceWarnings(source: FoundSource): string[] {
	const unknown = "which migrations lie between it and other releases is not known";
	if (source.state === "unnamed") return [`the service does not say from which commit its image was made: ${unknown}`];
	if (source.state === "read") return source.migrationFiles ? [] : [unknown];
	return [`the commit ${source.sha.slice(0, 7)} that its image was made from cannot be read (${source.fault.code}): ${unknown}`];
}

const mostNamed = 20;

function envWarnings(service: ObservedService, setup: Setup, { env }: Held, fits: boolean): string[] {
	const stay = foreignEnv(service.spec).map((entry) => quote(envNameIn(entry)));
	const kept = Object.keys(setup.env).filter((name) => Object.hasOwn(env, name) && env[name] !== setup.env[name]);
	return [
		...(fits
			? []
			: [
					`env: the service has more than ${mostEnvVars} variables or ${mostEnvBytes} bytes of them: none was taken over; all stay on the service`,
				]),
		...(stay.length > 0
			? [
					`env: ${listed(stay, mostNamed)} of the service cannot be set here (a template, no value, or no usual name): they stay there as they are`,
				]
			: []),
		...(kept.length > 0
			? [`env: ${listed(kept, mostNamed)} has another value here: it goes to the service with the next deploy or rollback`]
			: []),
	];
}
