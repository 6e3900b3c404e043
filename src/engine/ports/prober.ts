// Declares what the gate needs of the network: one HTTP question, one answer.
import type { ProbeResult } from "../../model/health.ts";

export interface Prober {
	/**
	 * One probe of `url`: HEAD, and GET where HEAD is answered 405 or 501. Redirects are
	 * not followed, a body is never read beyond a few KB. Never throws: what went wrong is in the result.
	 */
	probe(url: string, timeoutMs: number, signal?: AbortSignal): Promise<ProbeResult>;
}
