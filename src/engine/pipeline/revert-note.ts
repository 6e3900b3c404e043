// Says in a few sentences what a revert did, and where it did not help, what points away from the code.
import type { AutoRollback, Deployment } from "../../model/deployment.ts";
import type { Edge, Health } from "../../model/health.ts";
import { listed } from "../../text/listed.ts";
import { countGap } from "../history/migration-gap.ts";
import type { ReleaseEnd } from "./release.ts";

export interface RevertTold {
	end: ReleaseEnd;
	targetId: string | undefined;
	autoRollback: AutoRollback;
	/** What the edges of the release that was reverted answered. */
	failedAs: Health | undefined;
	/** Why it was reverted after its end; undefined in its gate. */
	distrusted?: Deployment["distrusted"];
}

const causes = { gate: "Every edge was unhealthy", bake: "It went bad in its bake", not_confirmed: "Nobody confirmed it in time" };

/** One paragraph for `autoRollbackNote`: our own words, hosts, and names from the record. */
export function revertNote(told: RevertTold): string {
	const { end, targetId, autoRollback, distrusted } = told;
	const cause = causes[distrusted?.because ?? "gate"];
	if (end.live && (end.health.verdict === "healthy" || end.health.verdict === null)) return recoveredNote(cause, told);
	const changes = notTakenBack([migrationsIn(autoRollback), ...changesIn(autoRollback)]);
	if (!end.live) return `${cause}, and the revert to ${targetId} failed: ${end.rolloverNote} Call get_app_health now.${changes}`;
	return `${illNote(end.health, told)}${changes}`;
}

function recoveredNote(cause: string, { end, targetId, autoRollback, distrusted }: RevertTold): string {
	const what =
		autoRollback.toLastHealthy === false ? "the most recent earlier image (none was ever judged)" : "the last deploy recorded healthy";
	const state = end.live && end.health.verdict === null ? "its tasks run" : "it is healthy";
	const then =
		distrusted?.because === "not_confirmed"
			? "If it was good, deploy it again and call confirm_deployment in time."
			: "Fix forward and deploy again.";
	return `${cause}, so ${what} (${targetId}) was put back; ${state}. ${then}${notTakenBack([migrationsIn(autoRollback)])}`;
}

/** What was not confirmed was well: there is nothing to compare with. */
function illNote({ verdict, edges }: Health, { targetId, failedAs, distrusted }: RevertTold): string {
	const wasWell = distrusted?.because === "not_confirmed";
	const comparison = verdict === "unhealthy" && !wasWell ? compare(failedAs?.edges ?? [], edges) : "";
	return `Reverted to ${targetId}, and it is ${verdict}${wasWell ? "" : " too"}: something broader is wrong (database, dependency, ingress). Look at get_logs and get_app_health; nothing more is reverted by itself.${comparison}`;
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
	return [
		env.length > 0 ? `env ${listed(env, mostNamed)}` : undefined,
		config.length > 0 ? `configuration ${listed(config, mostNamed)}` : undefined,
	];
}

const mostNamed = 10;

function notTakenBack(changes: (string | undefined)[]): string {
	const known = changes.filter((change) => change !== undefined);
	return known.length === 0 ? "" : ` Changed since that was live, and not taken back: ${known.join("; ")}.`;
}
