// Describes what a failed probe saw. All words are ours; nothing an app or an ingress wrote gets in.
import type { ProbeMode, ProbeResult, TransportFailure } from "../../model/health.ts";
import { releaseEnvVar } from "../../model/release-env.ts";
import type { ServedBy } from "./release-name.ts";

const failureWords: Record<TransportFailure, string> = {
	dns: "the host name could not be resolved",
	connect: "no connection could be made",
	tls: "no TLS connection could be made",
	timeout: "no answer came in time",
	protocol: "the connection ended without an HTTP answer",
};

/** What tells the app's answer from every other. */
const wayOut = "let the health endpoint answer 200 with a body of its own, or name its release (health.releaseHeader)";

/** On a probe that failed in `mode`. */
export function failed(mode: ProbeMode, result: ProbeResult): string {
	if (result.status !== undefined && result.failure === undefined) {
		return mode === "strict" ? `answered ${result.status}, wanted 200` : `answered ${result.status}`;
	}
	return result.error ?? (result.failure ? failureWords[result.failure] : "no HTTP answer came");
}

export function notRouted(result: ProbeResult): string {
	const { status } = result;
	if (status === undefined)
		return `not routed: ${failed("strict", result)}, nor is it otherwise for a host that nobody has. Check the ingress`;
	const scheme = status >= 300 && status < 400 ? " and DEPLOYMILL_EDGE_SCHEME" : "";
	return `not routed: the ingress answers ${status} in the same way for a host that nobody has. Check its route to the app${scheme}; if the app itself answers so, ${wayOut}`;
}

export function notRoutedByUs(result: ProbeResult): string {
	return `${notRouted(result)}. No label of deploymill's routes this host (DEPLOYMILL_INGRESS=none)`;
}

export function endpointGone({ at, deploymentId }: { at: string; deploymentId: string }): string {
	return `answered 404: the endpoint that answered before (${deploymentId}, ${at}) is gone`;
}

export function hidden({ status }: ProbeResult): string {
	return `answered ${status}, as the ingress does for a host that nobody has, though / is the app's: nobody can tell whose answer it is; ${wayOut}`;
}

export function unsure({ status, ...result }: ProbeResult): string {
	if (status === undefined)
		return `${failed("strict", result)}, as for a host that nobody has, though / is the app's: nobody can tell whose fault it is`;
	return `answered ${status}, and nobody can tell whose answer it is: the ingress gives none, the same, or 429 for a host that nobody has. Let the app name its release (health.releaseHeader)`;
}

/** Of the answers in the counted rounds. */
export interface Tally {
	/** The app's failures, and the way's. */
	failed: number;
	/** The ingress's own. */
	own: number;
	/** Those that were not of the release that is judged, as far as they said. */
	another: number;
	of: number;
}

/** On an edge at which the release that is judged was hardly ever seen. */
export function anotherRelease({ status }: ProbeResult, servedBy: ServedBy | undefined, releaseHeader = ""): string {
	const what = `answered ${status ?? "nothing"}`;
	const header = `the header ${releaseHeader}`;
	if (!servedBy) return `${what} without ${header}, in which the app has to give its env var ${releaseEnvVar}`;
	const who = servedBy.isDeployment ? `release ${servedBy.text}` : "a release that goes by another name (servedBy)";
	return `${what} by ${who}, and not by this one: a cache on the way, another app, or one that does not give its env var ${releaseEnvVar} in ${header}`;
}

export function flapping(retries: number, rounds: number, { failed: failures, own, of }: Tally): string {
	if (of <= rounds) return `no ${retries} answers in a row alike in ${rounds} probes`;
	return `${failures + own} of ${of} answers failed, and no ${retries} rounds in a row were alike`;
}
