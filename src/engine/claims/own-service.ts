// Tells an application's own service from all others of the Swarm.
import { labels, type ObservedService } from "../../model/service.ts";

/**
 * The service that deploymill made for this repository, from this data folder or another; undefined where there is none.
 * A service that only has the name is not it.
 *
 * @param repositories hashes of the address: of a registered one the hash that it is known by, else of each of its spellings
 * @param applicationId undefined for a repository that is not registered here: the service's own labels name the application
 */
export function findOwnService(
	services: ObservedService[],
	repositories: readonly string[],
	applicationId: string | undefined,
): ObservedService | undefined {
	const made = services.filter(({ spec }) => {
		const { [labels.application]: application, [labels.repository]: repository } = spec.Labels ?? {};
		if (repository === undefined || !repositories.includes(repository) || application !== spec.Name) return false;
		return applicationId === undefined || application === applicationId;
	});
	return made.toSorted(bySlug)[0];
}

/** Of `hello` and `hello-2` the first: data folders that did not know of each other may have made both. */
function bySlug({ spec: { Name: a } }: ObservedService, { spec: { Name: b } }: ObservedService): number {
	return a.length - b.length || (a < b ? -1 : 1);
}
