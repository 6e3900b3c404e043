// Makes the probe results and the policy of the gate's tests.
import type { HealthPolicy } from "../../../../src/model/application.ts";
import type { ProbeResult, TransportFailure } from "../../../../src/model/health.ts";

export const url = "https://a.example";

export function policy(over: Partial<HealthPolicy> = {}): HealthPolicy {
	return { path: "/healthz", retries: 3, intervalMs: 1, timeoutMs: 50, ...over };
}

export function status(code: number, signature?: string): ProbeResult {
	return { status: code, latencyMs: 1, ...(signature ? { signature } : {}) };
}

export function failure(kind: TransportFailure): ProbeResult {
	return { failure: kind, error: `${kind} words`, latencyMs: 1 };
}
