// Keeps the table of rollback points.
import type { Hold } from "../../engine/ports/store.ts";
import type { RollbackPoint } from "../../model/deployment.ts";
import { historyDepth } from "../../model/history-depth.ts";
import type { Database, Row } from "./database.ts";
import { ensureHeld } from "./locks.ts";

export function createRollbackPoint(database: Database, hold: Hold, point: Omit<RollbackPoint, "createdAt">): void {
	database.transaction(() => {
		ensureHeld(database, hold);
		insertPoint(database, point);
	});
}

export function insertPoint(database: Database, point: Omit<RollbackPoint, "createdAt">): void {
	database.run(
		`INSERT INTO rollback_points (rollback_id, application_id, deployment_id, reference, digest, created_at, unusable_because)
		VALUES (?, ?, ?, ?, ?, ?, ?)`,
		point.rollbackId,
		point.applicationId,
		point.deploymentId,
		point.image.reference,
		point.image.digest,
		new Date(database.clock.now()).toISOString(),
		point.unusableBecause ?? null,
	);
}

export function findRollbackPoint(database: Database, rollbackId: string): RollbackPoint | undefined {
	const row = database.get("SELECT * FROM rollback_points WHERE rollback_id = ?", rollbackId);
	return row && toRollbackPoint(row);
}

/** So many points are listed of one image with one verdict and as much trust, beyond the newest deployments: more would only repeat them. */
const alikeListed = 10;

/** As `isTrusted` of `engine/probation/standing.ts` has it. */
const isTrusted =
	"coalesce(record ->> '$.bake.state', 'passed') = 'passed' AND coalesce(record ->> '$.confirm.state', 'confirmed') = 'confirmed'";

/** Newest first: those of the deployments that any decision looks at, and usable ones however old. Never all that there ever were. */
export function listRollbackPoints(database: Database, applicationId: string): RollbackPoint[] {
	return database
		.all(
			`SELECT rollback_points.*, recent.sequence FROM
				(SELECT sequence, deployment_id FROM deployments WHERE application_id = ? ORDER BY sequence DESC LIMIT ?) AS recent
				JOIN rollback_points USING (deployment_id)
			UNION
			SELECT rollback_points.*, alike.sequence FROM
				(SELECT rollback_id, sequence, row_number() OVER (PARTITION BY digest, verdict, ${isTrusted} ORDER BY sequence DESC) AS place
					FROM rollback_points JOIN deployments USING (deployment_id) LEFT JOIN probations USING (deployment_id)
					WHERE rollback_points.application_id = ? AND unusable_because IS NULL) AS alike
				JOIN rollback_points USING (rollback_id) WHERE place <= ?
			ORDER BY sequence DESC`,
			applicationId,
			historyDepth,
			applicationId,
			alikeListed,
		)
		.map(toRollbackPoint);
}

/** The first reason stays. */
export function markUnusable(database: Database, rollbackId: string, because: string): void {
	database.run("UPDATE rollback_points SET unusable_because = ? WHERE rollback_id = ? AND unusable_because IS NULL", because, rollbackId);
}

/** The point that a deployment itself made, because its image never ran. */
export function giveUpOwnPoint(database: Database, deploymentId: string, because: string): void {
	database.run(
		"UPDATE rollback_points SET unusable_because = ?, never_ran = 1 WHERE deployment_id = ? AND unusable_because IS NULL",
		because,
		deploymentId,
	);
}

/** Its image runs after all. */
export function takeUpOwnPoint(database: Database, deploymentId: string): void {
	database.run("UPDATE rollback_points SET unusable_because = NULL, never_ran = 0 WHERE deployment_id = ? AND never_ran = 1", deploymentId);
}

function toRollbackPoint(row: Row): RollbackPoint {
	return {
		rollbackId: String(row.rollback_id),
		applicationId: String(row.application_id),
		deploymentId: String(row.deployment_id),
		image: { reference: String(row.reference), digest: String(row.digest) },
		createdAt: String(row.created_at),
		...(row.unusable_because === null ? {} : { unusableBecause: String(row.unusable_because) }),
	};
}
