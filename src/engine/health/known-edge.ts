// Tells what is known of an application's edges before they are asked: by the record, the service's labels, and what was before.
import type { Application } from "../../model/application.ts";
import type { Deployment } from "../../model/deployment.ts";
import type { Baseline, EdgeRecord, TransportFailure } from "../../model/health.ts";
import { labels, type ObservedService } from "../../model/service.ts";
import type { IngressSettings } from "../service/ingress-labels.ts";

export interface KnownEdge {
	/** Without a path, e.g. `https://a.example`. */
	url: string;
	/** For how long the ingress may not know of the app yet, from the gate's beginning; 0 where it was seen to know. */
	routeGraceMs: number;
	/** The same of its having a certificate for the host. */
	certificateGraceMs: number;
	/** A label of ours tells the ingress of the host. */
	labelled: boolean;
	/** The health path itself answered well once. */
	wasStrict?: { at: string; deploymentId: string };
	/** Why it could not be reached before the swap. */
	failedBefore?: TransportFailure;
}

/** Traefik polls Swarm every 15 s; this is two polls. */
const routeGraceMs = 30_000;
/** An authority that makes a certificate takes 5 to 60 s. */
const certificateGraceMs = 60_000;
/** How old a claim is that every ingress has noticed. */
const noticedAfterMs = 60_000;

/** One URL per domain; none for a worker. */
export function edgeUrls({ config }: Application, scheme: string): string[] {
	return config.domains.map((domain) => `${scheme}://${domain}`);
}

export interface Knowledge {
	application: Application;
	ingress: IngressSettings;
	/** As it is now: after a swap, where there was one. */
	service: ObservedService | undefined;
	records: readonly EdgeRecord[];
	/** Of the release that runs, from before it was put there. */
	baseline: Baseline;
	/** What is judged was put there a moment ago; else only the claim's own age gives the ingress time. */
	isFresh: boolean;
	/** Milliseconds since 1970. */
	now: number;
}

export function knownEdges(knowledge: Knowledge): KnownEdge[] {
	const { application, ingress, records, baseline } = knowledge;
	return edgeUrls(application, ingress.edgeScheme).map((url) => {
		const record = records.find((known) => known.url === url);
		const before = baseline[url]?.result.failure;
		const { path } = application.config.health;
		const strict = record?.path === path && record.healthy?.mode === "strict" ? record.healthy : undefined;
		return {
			url,
			...gracesOf(knowledge, url, record?.routedAt),
			labelled: ingress.dialect !== "none",
			...(strict ? { wasStrict: strict } : {}),
			...(before === undefined ? {} : { failedBefore: before }),
		};
	});
}

/** A route is new until an answer of the app's own was seen after the host was claimed. */
function gracesOf(
	{ service, isFresh, now }: Knowledge,
	url: string,
	routedAt: string | undefined,
): Pick<KnownEdge, "routeGraceMs" | "certificateGraceMs"> {
	const none = { routeGraceMs: 0, certificateGraceMs: 0 };
	const { [labels.hosts]: hosts = "", [labels.hostsSince]: since } = service?.spec.Labels ?? {};
	if (!hosts.split(" ").includes(new URL(url).hostname)) return none;
	const claimedAt = since === undefined ? Number.NEGATIVE_INFINITY : Date.parse(since);
	if (routedAt !== undefined && Date.parse(routedAt) >= claimedAt) return none;
	if (isFresh) return { routeGraceMs, certificateGraceMs };
	const leftMs = Math.max(0, claimedAt + noticedAfterMs - now);
	return { routeGraceMs: Math.min(routeGraceMs, leftMs), certificateGraceMs: Math.min(certificateGraceMs, leftMs) };
}

/** What a release is not blamed for, whoever asks later: an edge that it was found to reach since is not excused any more. */
export function excusesOf(deployment: Pick<Deployment, "baseline" | "health"> | undefined): Baseline {
	const reached = new Set(deployment?.health?.edges.filter(({ verdict }) => verdict !== "inconclusive").map(({ url }) => url));
	return Object.fromEntries(Object.entries(deployment?.baseline ?? {}).filter(([url]) => !reached.has(url)));
}
