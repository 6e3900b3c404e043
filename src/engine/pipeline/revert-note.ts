// Says in a few sentences what a revert did, and where it did not help, what points away from the code.
import type { AutoRollback } from "../../model/deployment.ts";
import type { Edge, Health } from "../../model/health.ts";
import { countGap } from "../history/migration-gap.ts";
import type { ReleaseEnd } from "./release.ts";

export interface RevertTold {
	end: ReleaseEnd;
	targetId: string | undefined;
	autoRollback: AutoRollback;
	/** What the edges of the release that was reverted answered. */
	failedAs: Health | undefined;
}

/** One paragraph for `autoRollbackNote`: our own words, hosts, and names from the record. */
export function revertNote({ end, targetId, autoRollback, failedAs }: RevertTold): string {
	const what =
		autoRollback.toLastHealthy === false ? "the most recent earlier image (none was ever judged)" : "the last deploy recorded healthy";
	if (end.live && end.health.verdict === "healthy") {
		const schema = listed([migrationsIn(autoRollback)]);
		return `Every edge was unhealthy, so ${what} (${targetId}) was put back; it is healthy. Fix forward and deploy again.${schema}`;
	}
	const changes = listed([migrationsIn(autoRollback), ...changesIn(autoRollback)]);
	if (!end.live)
		return `Every edge was unhealthy, and the revert to ${targetId} failed: ${end.rolloverNote} Call get_app_health now.${changes}`;
	const { verdict, edges } = end.health;
	const comparison = verdict === "unhealthy" ? compare(failedAs?.edges ?? [], edges) : "";
	return `Reverted to ${targetId}, and it is ${verdict} too: something broader is wrong (database, dependency, ingress). Look at get_logs and get_app_health; nothing more is reverted by itself.${comparison}${changes}`;
}

/** Whether what was known to be good fails now as the bad release did. The first edge that differs is shown, both answers side by side. */
function compare(before: Edge[], now: Edge[]): string {
	const pairs = now.flatMap((edge) => {
		const same = before.find(({ url }) => url === edge.url);
		return same ? [{ url: edge.url, before: answerOf(same), now: answerOf(edge) }] : [];
	});
	const [first] = pairs;
	if (!first) return "";
	const differing = pairs.find((pair) => pair.before !== pair.now);
	if (differing) return ` It fails in another way: ${differing.url} first: ${differing.before}; now: ${differing.now}.`;
	return ` It fails in the same way (${first.url}: ${first.now})${isOfTheWay(now) ? wayWords : ", which speaks against the new code as the cause"}.`;
}

const wayWords = ", on the way to the app at every edge: look at DNS, certificates and the ingress, not at the code";

function answerOf({ status, error }: Edge): string {
	return error ?? (status === undefined ? "no answer" : `answered ${status}`);
}

/** No edge gave an HTTP answer, and all for one reason. */
function isOfTheWay(edges: Edge[]): boolean {
	return edges.every(({ status, error }) => status === undefined && error !== undefined && error === edges[0]?.error);
}

function migrationsIn({ migrations }: AutoRollback): string | undefined {
	return migrations?.files.length ? countGap(migrations) : undefined;
}

function changesIn({ changedSince }: AutoRollback): (string | undefined)[] {
	const { env = [], config = [] } = changedSince ?? {};
	return [env.length > 0 ? `env ${named(env)}` : undefined, config.length > 0 ? `configuration ${named(config)}` : undefined];
}

/** A note has no room for hundreds of names. */
const mostNamed = 10;

function named(names: string[]): string {
	const more = names.length - mostNamed;
	return `${names.slice(0, mostNamed).join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
}

function listed(changes: (string | undefined)[]): string {
	const known = changes.filter((change) => change !== undefined);
	return known.length === 0 ? "" : ` Changed since that was live, and not taken back: ${known.join("; ")}.`;
}
