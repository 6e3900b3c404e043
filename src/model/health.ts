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
	/**
	 * What identifies the answer of an ingress that knows no route for this host: hash over status and the headers
	 * that do not change from answer to answer. Only there for an answer without a body, or a 404.
	 */
	signature?: string;
}

/** `strict`: 200 passes alone. `lenient`: any answer but 502, 503 and 504 passes. */
export type ProbeMode = "strict" | "lenient";

/** One URL users reach the app at, as every tool shows it (contract section 6). */
export interface Edge {
	url: string;
	verdict: Verdict;
	mode: ProbeMode;
	status?: number;
	error?: string;
	attempts: number;
	/** Of the last probe. */
	latencyMs: number;
	/** The health path answered 404, so `/` was probed leniently in its place. */
	fallback?: boolean;
	/** The same transport failure was there before the swap. */
	preexisting?: boolean;
	/** The ingress answered for itself to the end: it has no route to the app. */
	routed?: false;
}

export interface Health {
	/** Null where nothing was judged (a worker). */
	verdict: Verdict | null;
	edges: Edge[];
}

/** What is known before a swap of the ingress's way to the app. */
export interface Route {
	/** The ingress has a route for the host, so its answers are the app's. */
	routed: boolean;
	/** Where not: in how many milliseconds even a slow ingress has one. Absent: nobody knows that it ever will. */
	noticedInMs?: number;
}

/** One probe per edge from before the swap, by edge url. */
export interface Baseline {
	[url: string]: { result: ProbeResult } & Route;
}
