// Stamps on a service when its hosts became what they are: an ingress takes a while to notice.
import { labels } from "../../model/service.ts";

/** The labels with the time of the last change of hosts: kept where the hosts are those of `before`, else now. */
export function stampHosts(after: Record<string, string>, before: Record<string, string> | undefined, now: number): Record<string, string> {
	const { [labels.hostsSince]: _stale, ...rest } = after;
	if (rest[labels.hosts] === undefined) return rest;
	const isSame = before?.[labels.hosts] === rest[labels.hosts];
	const since = isSame ? before?.[labels.hostsSince] : new Date(now).toISOString();
	return since === undefined ? rest : { ...rest, [labels.hostsSince]: since };
}
