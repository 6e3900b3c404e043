// Locks an application while its configuration changes: no deployment begins meanwhile, and none is under way.
import { DeploymillError } from "../../errors.ts";
import type { Engine } from "../engine.ts";
import { Lease } from "../pipeline/lease.ts";
import { leaseMs } from "../pipeline/lease-times.ts";
import { type Hold, type LockHolder, LockLost } from "../ports/store.ts";

/** Another reconcile is over in a moment; one whose process died is noticed by then. */
const othersReconcileMs = leaseMs + 5_000;
const againAfterMs = 100;

type Ports = Pick<Engine, "store" | "clock" | "log" | "ids">;

/** A hold for one reconcile: its id stands in the lock where a deployment's would. */
export function newHold({ ids }: Ports, applicationId: string): Hold {
	return { applicationId, deploymentId: ids.next("reconcile"), owner: ids.next("run") };
}

/**
 * Takes the application's lock. Another reconcile is waited for, a deployment is not.
 * @throws deploy_in_progress; the signal's reason
 */
export async function acquire(ports: Ports, hold: Hold, requestedBy: string, signal: AbortSignal | undefined): Promise<void> {
	const { store, clock } = ports;
	const deadline = clock.monotonic() + othersReconcileMs;
	for (;;) {
		const holder = store.acquireLock(hold, requestedBy, leaseMs);
		if (!holder) return;
		const isDeployment = store.findDeployment(holder.deploymentId) !== undefined;
		if (isDeployment || clock.monotonic() >= deadline) throw inProgress(holder);
		await clock.sleep(againAfterMs, signal);
		signal?.throwIfAborted();
	}
}

/**
 * Runs `work` while the lock, which this process has, is kept alive; then gives it back.
 * @throws deploy_in_progress where the lock was lost meanwhile; what `work` throws
 */
export async function whileHeld<T>(ports: Ports, hold: Hold, work: (ensureHeld: () => void) => Promise<T>): Promise<T> {
	try {
		using lease = new Lease(ports, hold);
		return await work(() => lease.ensureHeld());
	} catch (error) {
		if (error instanceof LockLost) throw lost(hold);
		throw error;
	} finally {
		ports.store.releaseLock(hold);
	}
}

function inProgress({ applicationId, deploymentId, requestedBy, since }: LockHolder): DeploymillError {
	return new DeploymillError(
		"deploy_in_progress",
		`${applicationId} is being changed by ${deploymentId}, asked for by ${requestedBy}, since ${since}. Nothing was applied.`,
		{ details: { deploymentId, requestedBy, since } },
	);
}

function lost({ applicationId }: Hold): DeploymillError {
	return new DeploymillError(
		"deploy_in_progress",
		`${applicationId}: this process stood still for so long that another one took over. Call again to see what is applied.`,
	);
}
