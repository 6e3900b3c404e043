// Owns the table of locks: one lease per application, held by a deployment and kept alive by the process that runs it.
import { type LockHolder, LockLost } from "../../engine/ports/store.ts";
import type { Database, Row } from "./database.ts";

/**
 * Takes the lock unless somebody else has it, who is then returned. A lease that ran out is free only when its
 * deployment is over: until that is settled, what it left behind is not known.
 */
export function acquireLock(
	database: Database,
	applicationId: string,
	deploymentId: string,
	requestedBy: string,
	leaseMs: number,
): LockHolder | undefined {
	return database.transaction(() => {
		const row = lockRow(database, applicationId);
		if (row && row.deployment_id !== deploymentId && (!isExpired(row) || isRunning(database, String(row.deployment_id))))
			return toHolder(row);
		database.run(
			"INSERT OR REPLACE INTO locks VALUES (?, ?, NULL, ?, ?, ?)",
			applicationId,
			deploymentId,
			requestedBy,
			new Date().toISOString(),
			Date.now() + leaseMs,
		);
		return undefined;
	});
}

/** Also makes an unkept lock (fresh from `acquireLock`) the caller's. @throws LockLost */
export function renewLock(database: Database, applicationId: string, deploymentId: string, owner: string, leaseMs: number): void {
	const changed = database.run(
		"UPDATE locks SET owner = ?, expires_at = ? WHERE application_id = ? AND deployment_id = ? AND (owner IS NULL OR owner = ?)",
		owner,
		Date.now() + leaseMs,
		applicationId,
		deploymentId,
		owner,
	);
	if (changed === 0) throw new LockLost(`the lock of ${applicationId} is no longer held by ${deploymentId} in this process`);
}

export function releaseLock(database: Database, applicationId: string, deploymentId: string): void {
	database.run("DELETE FROM locks WHERE application_id = ? AND deployment_id = ?", applicationId, deploymentId);
}

export function lockHolder(database: Database, applicationId: string): LockHolder | undefined {
	const row = lockRow(database, applicationId);
	return row && toHolder(row);
}

/** True for exactly one of several callers. The lock is then unkept: the next to renew it becomes its keeper. */
export function takeOverExpired(database: Database, applicationId: string, deploymentId: string, leaseMs: number): boolean {
	const changed = database.run(
		"UPDATE locks SET owner = NULL, expires_at = ? WHERE application_id = ? AND deployment_id = ? AND expires_at <= ?",
		Date.now() + leaseMs,
		applicationId,
		deploymentId,
		Date.now(),
	);
	return changed === 1;
}

function lockRow(database: Database, applicationId: string): Row | undefined {
	return database.get("SELECT * FROM locks WHERE application_id = ?", applicationId);
}

function isExpired(row: Row): boolean {
	return Number(row.expires_at) <= Date.now();
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
		expiresAt: new Date(Number(row.expires_at)).toISOString(),
	};
}
