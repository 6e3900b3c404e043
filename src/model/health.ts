// Describes health: what one probe saw, what the gate made of an edge, and the verdict on the application.

/** `inconclusive`: the prober could not tell. A release that is never judged has no verdict. */
export type Verdict = "healthy" | "unhealthy" | "inconclusive";

/**
 * Why no HTTP answer came. The first three are about the way to the edge; only they can excuse a release. `protocol`: a
 * connection was made, and then closed or answered with something that is not HTTP.
 */
export type TransportFailure = "dns" | "connect" | "tls" | "timeout" | "protocol";

/** What a probe saw: an HTTP status, or the reason why there was none. Times in milliseconds. */
export interface ProbeResult {
	status?: number;
	failure?: TransportFailure;
	/** One short sentence of our own about the failure. */
	error?: string;
	latencyMs: number;
}

/** `strict`: 200 passes alone. `lenient`: any answer but 502, 503 and 504 passes. */
export type ProbeMode = "strict" | "lenient";

/** One URL users reach the app at, as every tool shows it (contract section 6). */
export interface Edge {
	url: string;
	/** That was judged: the health path, or `/` in its place. */
	path: string;
	verdict: Verdict;
	mode: ProbeMode;
	status?: number;
	error?: string;
	/** Rounds of probes; a round is one probe where there is one replica. */
	attempts: number;
	/** Of the last probe. */
	latencyMs: number;
	/** The health path gave no answer of the app's own, or 404, so `/` was probed leniently in its place. */
	fallback?: boolean;
	/** The same transport failure was there before the swap. */
	preexisting?: boolean;
	/** The release that the last answer named, where the project file declares a header for it. What is no deployment's id is fenced: untrusted. */
	servedBy?: string;
	/** How long the ingress was waited for, until its last answer that did not count: for a route to the app, for a certificate. */
	waited?: { routeMs?: number; certificateMs?: number };
}

export interface Health {
	/** Null where nothing was judged (a worker). */
	verdict: Verdict | null;
	edges: Edge[];
}

/** One round of probes per edge from before the swap, by edge url: what the release is not blamed for. */
export interface Baseline {
	[url: string]: { result: ProbeResult };
}

/** What is remembered of an edge. All times ISO 8601. */
export interface EdgeRecord {
	url: string;
	/** The health path that it was asked at. */
	path: string;
	/** When an answer of the app's own was seen last; absent: never. */
	routedAt?: string;
	/** When it was healthy last; in strict mode where it ever was on this path, for that is what a later 404 is held against. */
	healthy?: { at: string; mode: ProbeMode; deploymentId: string };
}

/** What a gate saw of an edge, to be remembered. */
export interface EdgeSighting {
	url: string;
	path: string;
	/** An answer of the app's own came. */
	reached: boolean;
	healthyIn?: ProbeMode;
}
