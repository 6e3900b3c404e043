// Keeps the table of releases that are live and not yet trusted, and who watches over each.
import type { Probation } from "../../model/probation.ts";
import type { Database, Row } from "./database.ts";
import { isExpired } from "./locks.ts";

/** The worker that ended the deployment takes the watch within this time. */
const firstLeaseMs = 15_000;

/** With the end of its deployment. One that was opened again and has ended again begins anew. */
export function beginProbation(database: Database, probation: Probation): void {
	database.run(
		"INSERT OR REPLACE INTO probations VALUES (?, ?, 1, ?, NULL, ?)",
		probation.deploymentId,
		probation.applicationId,
		JSON.stringify(probation),
		database.clock.monotonic() + firstLeaseMs,
	);
}

export function findProbation(database: Database, deploymentId: string): Probation | undefined {
	const row = database.get("SELECT record FROM probations WHERE deployment_id = ?", deploymentId);
	return row && toProbation(row);
}

export function listOpenProbations(database: Database, applicationId: string): Probation[] {
	return database.all("SELECT record FROM probations WHERE application_id = ? AND is_open = 1", applicationId).map(toProbation);
}

export function listUnwatchedProbations(database: Database): Probation[] {
	return database
		.all(
			`SELECT record, expires_at FROM probations JOIN deployments USING (deployment_id)
			WHERE is_open = 1 AND deployments.status <> 'running'`,
		)
		.filter((row) => isExpired(database, row))
		.map(toProbation);
}

export function saveProbation(database: Database, probation: Probation): void {
	const isOpen = probation.bake?.state === "running" || probation.confirm?.state === "awaiting";
	database.run(
		"UPDATE probations SET record = ?, is_open = ? WHERE deployment_id = ?",
		JSON.stringify(probation),
		isOpen ? 1 : 0,
		probation.deploymentId,
	);
}

export function keepWatch(database: Database, deploymentId: string, watcher: string, leaseMs: number): boolean {
	const changed = database.run(
		"UPDATE probations SET watcher = ?, expires_at = ? WHERE deployment_id = ? AND is_open = 1 AND (watcher IS NULL OR watcher = ?)",
		watcher,
		database.clock.monotonic() + leaseMs,
		deploymentId,
		watcher,
	);
	return changed === 1;
}

/** For whoever ends its deployment anew: that is most often the one who watched, and watches on by another name. */
export function letGoOfWatch(database: Database, deploymentId: string): void {
	database.run(
		"UPDATE probations SET watcher = NULL, expires_at = ? WHERE deployment_id = ?",
		database.clock.monotonic() + firstLeaseMs,
		deploymentId,
	);
}

export function offerWatch(database: Database, deploymentId: string, leaseMs: number): boolean {
	return database.transaction(() => {
		const row = database.get("SELECT expires_at FROM probations WHERE deployment_id = ? AND is_open = 1", deploymentId);
		if (!row || !isExpired(database, row)) return false;
		database.run(
			"UPDATE probations SET watcher = NULL, expires_at = ? WHERE deployment_id = ?",
			database.clock.monotonic() + leaseMs,
			deploymentId,
		);
		return true;
	});
}

function toProbation(row: Row): Probation {
	return JSON.parse(String(row.record)) as Probation;
}
