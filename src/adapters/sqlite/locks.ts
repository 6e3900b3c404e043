// Keeps the table of locks: one lease per application, held for a deployment and kept alive by the process that runs it.
import { type Hold, type LockHolder, LockLost } from "../../engine/ports/store.ts";
import type { Database, Row } from "./database.ts";

/**
 * Leases are kept in the machine's monotonic time, which the wall clock's jumps do not touch. No lease is ever longer than this:
 * one that seems to be was made before the machine was started again, and whoever held it is gone.
 */
const longestLeaseMs = 120_000;

export function acquireLock(database: Database, hold: Hold, requestedBy: string, leaseMs: number): LockHolder | undefined {
	return database.transaction(() => {
		const holder = whoHolds(database, hold.applicationId);
		if (holder) return holder;
		insertLock(database, hold, hold.owner, requestedBy, leaseMs);
		return undefined;
	});
}

/** Also makes an unkept lock (a worker's, before it started) the caller's. @throws LockLost */
export function renewLock(database: Database, { applicationId, deploymentId, owner }: Hold, leaseMs: number): void {
	const changed = database.run(
		"UPDATE locks SET owner = ?, expires_at = ? WHERE application_id = ? AND deployment_id = ? AND (owner IS NULL OR owner = ?)",
		owner,
		database.clock.monotonic() + leaseMs,
		applicationId,
		deploymentId,
		owner,
	);
	if (changed === 0) throw lost(applicationId, deploymentId);
}

export function releaseLock(database: Database, { applicationId, deploymentId, owner }: Hold): void {
	database.run("DELETE FROM locks WHERE application_id = ? AND deployment_id = ? AND owner = ?", applicationId, deploymentId, owner);
}

/** The lock is then unkept: the next to renew it becomes its keeper. */
export function handOver(database: Database, hold: Hold, leaseMs: number): void {
	database.transaction(() => {
		ensureHeld(database, hold);
		database.run(
			"UPDATE locks SET owner = NULL, expires_at = ? WHERE application_id = ?",
			database.clock.monotonic() + leaseMs,
			hold.applicationId,
		);
	});
}

export function lockHolder(database: Database, applicationId: string): LockHolder | undefined {
	const row = lockRow(database, applicationId);
	return row && !isExpired(database, row) ? toHolder(row) : undefined;
}

/** True for exactly one of several callers. */
export function takeOverExpired(database: Database, { applicationId, deploymentId, owner }: Hold, leaseMs: number): boolean {
	return database.transaction(() => {
		const row = lockRow(database, applicationId);
		if (row?.deployment_id !== deploymentId || !isExpired(database, row)) return false;
		database.run(
			"UPDATE locks SET owner = ?, expires_at = ? WHERE application_id = ?",
			owner,
			database.clock.monotonic() + leaseMs,
			applicationId,
		);
		return true;
	});
}

/** Run inside the transaction of the write that it guards. @throws LockLost */
export function ensureHeld(database: Database, { applicationId, deploymentId, owner }: Hold): void {
	const row = lockRow(database, applicationId);
	if (row?.deployment_id !== deploymentId || row.owner !== owner) throw lost(applicationId, deploymentId);
}

/**
 * Who keeps the application from being taken. A lease that ran out is free only when its deployment is over: until that is
 * settled, what it left behind is not known.
 */
export function whoHolds(database: Database, applicationId: string): LockHolder | undefined {
	const row = lockRow(database, applicationId);
	if (!row) return undefined;
	return isExpired(database, row) && !isRunning(database, String(row.deployment_id)) ? undefined : toHolder(row);
}

/** @param keeper null: the next to renew it */
export function insertLock(
	database: Database,
	{ applicationId, deploymentId }: Omit<Hold, "owner">,
	keeper: string | null,
	requestedBy: string,
	leaseMs: number,
): void {
	database.run(
		"INSERT OR REPLACE INTO locks VALUES (?, ?, ?, ?, ?, ?)",
		applicationId,
		deploymentId,
		keeper,
		requestedBy,
		new Date(database.clock.now()).toISOString(),
		database.clock.monotonic() + leaseMs,
	);
}

function lost(applicationId: string, deploymentId: string): LockLost {
	return new LockLost(`the lock of ${applicationId} is no longer held by ${deploymentId} in this process`);
}

function lockRow(database: Database, applicationId: string): Row | undefined {
	return database.get("SELECT * FROM locks WHERE application_id = ?", applicationId);
}

export function isExpired(database: Database, row: Row): boolean {
	const leftMs = Number(row.expires_at) - database.clock.monotonic();
	return leftMs <= 0 || leftMs > longestLeaseMs;
}

function isRunning(database: Database, deploymentId: string): boolean {
	return database.get("SELECT 1 AS running FROM deployments WHERE deployment_id = ? AND status = 'running'", deploymentId) !== undefined;
}

function toHolder(row: Row): LockHolder {
	return {
		applicationId: String(row.application_id),
		deploymentId: String(row.deployment_id),
		requestedBy: String(row.requested_by),
		since: String(row.since),
	};
}
