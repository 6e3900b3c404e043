// Declares what the gate needs of the network: one HTTP question, one answer.
import type { ProbeResult } from "../../model/health.ts";

export interface EdgeQuestion {
	/** The edge without a path, e.g. `https://a.example`. */
	url: string;
	path: string;
	method: "HEAD" | "GET";
	/** Named in place of the edge's host, at the same address: then the answer is the ingress's own, and its certificate is not checked. Where TLS refuses that name, it is named in HTTP alone. */
	asHost?: string;
}

/** What was heard in full, to be compared. Untrusted, and for that alone: it is neither kept nor shown. */
export interface Heard {
	/** By lower-case name; of several with one name, all, with commas. */
	headers: Record<string, string>;
	/** Its first 4 KB, a character per byte; empty for HEAD. */
	body: string;
	/** There was more of it, or it did not come to its end in time. */
	bodyCut: boolean;
}

/** `heard` where there is a status. */
export interface EdgeAnswer extends ProbeResult {
	heard?: Heard;
}

export interface Prober {
	/** Asks once, over a connection of its own. Redirects are not followed. Never throws: what went wrong is in the answer. */
	probe(question: EdgeQuestion, timeoutMs: number, signal?: AbortSignal): Promise<EdgeAnswer>;
}
