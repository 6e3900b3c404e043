// Judges one probe's answer by itself: passed, failed, or "no such endpoint".
import type { ProbeMode, ProbeResult } from "../../model/health.ts";

export type ProbeAnswer = "pass" | "fail" | "not_found";

/** What a proxy answers when nothing stands behind it. */
const gatewayFailures = new Set([502, 503, 504]);

/** Path `/` is asked leniently, because an app's front page owes nobody a 200 (contract section 6). */
export function modeFor(path: string): ProbeMode {
	return path === "/" ? "lenient" : "strict";
}

export function isGatewayFailure(status: number): boolean {
	return gatewayFailures.has(status);
}

/**
 * Judges one probe (contract section 6). `not_found` is strict's 404, which is no failure yet: the app may have no such
 * endpoint. Without an HTTP answer nothing passes in either mode, a timeout included.
 */
export function classify(mode: ProbeMode, result: ProbeResult): ProbeAnswer {
	const { status } = result;
	if (status === undefined || result.failure !== undefined) return "fail";
	if (mode === "lenient") return isGatewayFailure(status) ? "fail" : "pass";
	if (status === 404) return "not_found";
	return status === 200 ? "pass" : "fail";
}
