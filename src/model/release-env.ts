// Stamps the env var by which an app can name the release that it is, and tells the stamp from what somebody set.
import type { ApplicationConfig } from "./application.ts";
import { labels, type ServiceSpec } from "./service.ts";

/** Holds the deployment's id where the project file declares `health.releaseHeader`. */
export const releaseEnvVar = "DEPLOYMILL_RELEASE";

/** The stamp as an env var; none without a declared header, and none for a worker, which has no endpoint to answer at. */
export function releaseEnv({ health, port }: Pick<ApplicationConfig, "health" | "port">, deploymentId: string): Record<string, string> {
	return health.releaseHeader === undefined || port === undefined ? {} : { [releaseEnvVar]: deploymentId };
}

/** What an answer of this service's tasks has to say in the release header; undefined: they were never told. */
export function releaseToldTo({ TaskTemplate }: Pick<ServiceSpec, "TaskTemplate">): string | undefined {
	const beginning = `${releaseEnvVar}=`;
	// Swarm leaves an empty list out.
	const env: string[] | undefined = TaskTemplate.ContainerSpec.Env;
	return env?.find((item) => item.startsWith(beginning))?.slice(beginning.length);
}

interface StampedContainer {
	Env?: string[] | null | undefined;
	Labels?: Record<string, string> | undefined;
}

/** The env of a container, a stamp without its value: that there is one makes another release, which one it is does not. */
export function unstampedEnv({ Env, Labels }: StampedContainer): string[] | undefined {
	const stamp = `${releaseEnvVar}=${Labels?.[labels.deployment] ?? ""}`;
	return Env?.map((item) => (item === stamp ? `${releaseEnvVar}=` : item));
}
