// Tells the app's answer from that of an ingress that has no route to the app yet.
import type { Baseline, ProbeResult } from "../../model/health.ts";

export type EdgeBaseline = Baseline[string];

/** How long the ingress may take to notice a new app. Traefik polls Swarm every 15 s; this is two polls. */
export const routingGraceMs = 30_000;

/**
 * Whether `result` is the very answer that the ingress gave before any service of ours claimed the host. Traefik answers an
 * unknown host with a 404 (which would read as "no such endpoint"), Caddy with an empty 200 (which would read as healthy).
 */
export function isIngressItself(baseline: EdgeBaseline | undefined, result: ProbeResult, elapsedMs: number): boolean {
	if (!baseline || baseline.routed || baseline.result.signature === undefined) return false;
	if (baseline.noticedInMs !== undefined && elapsedMs >= baseline.noticedInMs) return false;
	return result.signature === baseline.result.signature;
}

/** How long the ingress's own answers say nothing, for or against the release. */
export function graceMsOf(baseline: EdgeBaseline | undefined): number {
	return Math.max(routingGraceMs, baseline?.noticedInMs ?? 0);
}
