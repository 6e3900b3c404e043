// Computes how often a container runs its own health check, how long Swarm watches a new task, and how long one that never becomes well is waited for.
import type { ApplicationConfig, HealthPolicy } from "./application.ts";

/** Each question costs a process in every container, for as long as it lives. */
const leastDefaultMs = 2_000;
const shortestStartMs = 10_000;

/** Swarm's own default, also where a spec has none. */
export const defaultMonitorMs = 5_000;
const shortestMonitorMs = 1_000;
const longestMonitorMs = 30_000;

/** Between two questions that a started container asks itself, in milliseconds. */
export function containerIntervalOf({ intervalMs, containerIntervalMs }: HealthPolicy): number {
	return containerIntervalMs ?? Math.max(intervalMs, leastDefaultMs);
}

/**
 * Failures of a starting container do not count for so long. As long again as the block gives a running app to recover, a starting
 * app has to come up; and never less than a runtime needs on a busy node. The first good answer ends the period.
 */
export function startPeriodMs({ retries, intervalMs }: HealthPolicy): number {
	return Math.max(shortestStartMs, retries * intervalMs);
}

/** How long Swarm may take to refuse a version that never becomes well, in milliseconds. */
export function refusedWithinMs(policy: HealthPolicy): number {
	return startPeriodMs(policy) + policy.retries * (containerIntervalOf(policy) + policy.timeoutMs);
}

/**
 * How long Swarm watches over tasks that have begun to run, in milliseconds: what ends within it is taken back. As long as the shortest
 * gate, so that neither waits for the other; where no gate is declared, or no edge is there to be asked, as long as Swarm does by itself.
 */
export function monitorMsOf({ healthDeclared, domains, health }: Pick<ApplicationConfig, "healthDeclared" | "domains" | "health">): number {
	if (!healthDeclared || domains.length === 0) return defaultMonitorMs;
	const shortestGateMs = (health.retries - 1) * health.intervalMs;
	return Math.min(Math.max(shortestGateMs, shortestMonitorMs), longestMonitorMs);
}
