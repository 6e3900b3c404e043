// Owns the table of rollback points.
import type { RollbackPoint } from "../../model/deployment.ts";
import type { Database, Row } from "./database.ts";

export function createRollbackPoint(database: Database, point: Omit<RollbackPoint, "createdAt">): void {
	database.run(
		"INSERT INTO rollback_points VALUES (?, ?, ?, ?, ?, ?, ?)",
		point.rollbackId,
		point.applicationId,
		point.deploymentId,
		point.image.reference,
		point.image.digest,
		new Date().toISOString(),
		point.unusableBecause ?? null,
	);
}

export function findRollbackPoint(database: Database, rollbackId: string): RollbackPoint | undefined {
	const row = database.get("SELECT * FROM rollback_points WHERE rollback_id = ?", rollbackId);
	return row && toRollbackPoint(row);
}

/** Newest first. */
export function listRollbackPoints(database: Database, applicationId: string): RollbackPoint[] {
	return database
		.all(
			`SELECT rollback_points.* FROM rollback_points JOIN deployments USING (deployment_id)
			WHERE rollback_points.application_id = ? ORDER BY deployments.sequence DESC`,
			applicationId,
		)
		.map(toRollbackPoint);
}

export function markUnusable(database: Database, rollbackId: string, because: string): void {
	database.run("UPDATE rollback_points SET unusable_because = ? WHERE rollback_id = ?", because, rollbackId);
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
