// Computes how often a container runs its own health check, and how long a version that never becomes well is waited for.
import type { HealthPolicy } from "./application.ts";

/** Each question costs a process in every container, for as long as it lives. */
const leastDefaultMs = 2_000;
const shortestStartMs = 10_000;

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
