// Keeps the table of rollback points.
import type { Hold } from "../../engine/ports/store.ts";
import type { RollbackPoint } from "../../model/deployment.ts";
import { historyDepth } from "../../model/history-depth.ts";
import type { Database, Row } from "./database.ts";
import { isTelling } from "./deployment-row.ts";
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

/** So many points are listed that are alike, beyond those of the newest deployments: more would only repeat them. */
const alikeListed = 10;

/** So many usable ones are looked at for that, the newest: a schedule that deploys what is live makes one each time, for years. */
const usableLookedAt = 5_000;

/** And of each image so many older ones: all that speaks for it may be deploys that found it there, long before those of another. */
const lookedAtOfEach = 100;

/** As `isTrusted` of `engine/probation/standing.ts` has it. */
const isTrusted =
	"coalesce(record ->> '$.bake.state', 'passed') = 'passed' AND coalesce(record ->> '$.confirm.state', 'confirmed') = 'confirmed'";

/**
 * Newest first: those of the newest deployments, of older ones that came to something, and of usable ones that are alike (of one image, with
 * one verdict, trusted or not) the newest, and where a stretch of them begins and ends, since what is gone back from may lie between two
 * stretches. Never all that there ever were. CROSS JOIN keeps the order of a join: SQLite would rather go through all points.
 */
export function listRollbackPoints(database: Database, applicationId: string): RollbackPoint[] {
	return database
		.all(
			`WITH RECURSIVE images (application_id, digest) AS (
				VALUES (?, '')
				UNION ALL
				SELECT application_id, (SELECT min(digest) FROM rollback_points
					WHERE application_id = images.application_id AND unusable_because IS NULL AND digest > images.digest)
				FROM images WHERE digest IS NOT NULL
			), newest AS (
				SELECT rowid AS number, rollback_id, deployment_id, digest FROM rollback_points
				WHERE application_id = ? AND unusable_because IS NULL ORDER BY rowid DESC LIMIT ?
			), looked_at AS (
				SELECT rollback_id, deployment_id, digest FROM newest
				UNION ALL
				SELECT rollback_id, deployment_id, rollback_points.digest FROM images CROSS JOIN rollback_points
				ON rollback_points.rowid IN (SELECT same.rowid FROM rollback_points AS same
					WHERE same.application_id = images.application_id AND unusable_because IS NULL AND same.digest = images.digest
						AND same.rowid < (SELECT min(number) FROM newest)
					ORDER BY same.rowid DESC LIMIT ?)
			), judged AS (
				SELECT rollback_id, sequence, concat_ws(' ', digest, coalesce(verdict, '-'), ${isTrusted}) AS likeness
				FROM looked_at JOIN deployments USING (deployment_id) LEFT JOIN probations USING (deployment_id)
			), usable AS (
				SELECT rollback_id, sequence,
					row_number() OVER (PARTITION BY likeness ORDER BY sequence DESC) AS place,
					likeness IS NOT lag(likeness) OVER past OR likeness IS NOT lead(likeness) OVER past AS is_end
				FROM judged WINDOW past AS (ORDER BY sequence)
			)
			SELECT rollback_points.*, recent.sequence FROM
				(SELECT sequence, deployment_id FROM deployments WHERE application_id = ? ORDER BY sequence DESC LIMIT ?) AS recent
				JOIN rollback_points USING (deployment_id)
			UNION
			SELECT rollback_points.*, telling.sequence FROM
				(SELECT sequence, deployment_id FROM deployments WHERE application_id = ? AND ${isTelling} ORDER BY sequence DESC LIMIT ?) AS telling
				JOIN rollback_points USING (deployment_id)
			UNION
			SELECT rollback_points.*, sequence FROM usable CROSS JOIN rollback_points USING (rollback_id) WHERE place <= ?
			UNION
			SELECT rollback_points.*, sequence FROM
				(SELECT rollback_id, sequence FROM usable WHERE is_end ORDER BY sequence DESC LIMIT ?)
				CROSS JOIN rollback_points USING (rollback_id)
			ORDER BY sequence DESC`,
			applicationId,
			applicationId,
			usableLookedAt,
			lookedAtOfEach,
			applicationId,
			historyDepth,
			applicationId,
			historyDepth,
			alikeListed,
			historyDepth,
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
