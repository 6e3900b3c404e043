// Describes what a failed probe saw. All words are ours; nothing an app or an ingress wrote gets in.
import type { ProbeMode, ProbeResult, TransportFailure } from "../../model/health.ts";

export const notRoutedWords = "not routed: the ingress still answers as it did before the app was there";

const failureWords: Record<TransportFailure, string> = {
	dns: "the host name could not be resolved",
	connect: "no connection could be made",
	tls: "no TLS connection could be made",
	timeout: "no answer came in time",
	protocol: "the connection ended without an HTTP answer",
};

/** One short sentence on a probe that failed in `mode`. */
export function describeFailure(mode: ProbeMode, result: ProbeResult): string {
	if (result.status !== undefined && result.failure === undefined) {
		return mode === "strict" ? `answered ${result.status}, wanted 200` : `answered ${result.status}`;
	}
	return result.error ?? (result.failure ? failureWords[result.failure] : "no HTTP answer came");
}
