// Keeps the table of edges: where an application was reached, and where it was seen healthy.
import type { Hold } from "../../engine/ports/store.ts";
import type { EdgeRecord, EdgeSighting, ProbeMode } from "../../model/health.ts";
import type { Database, Row } from "./database.ts";
import { ensureHeld } from "./locks.ts";

export function listEdges(database: Database, applicationId: string): EdgeRecord[] {
	return database.all("SELECT * FROM edges WHERE application_id = ? ORDER BY url", applicationId).map(toRecord);
}

export function recordEdges(database: Database, hold: Hold, deploymentId: string, sightings: EdgeSighting[]): void {
	database.transaction(() => {
		ensureHeld(database, hold);
		const known = listEdges(database, hold.applicationId);
		const at = new Date(database.clock.now()).toISOString();
		for (const sighting of sightings) {
			const before = known.find(({ url }) => url === sighting.url);
			writeEdge(database, hold.applicationId, remembered(before, sighting, { at, deploymentId }));
		}
	});
}

/** An application that gives a host up, and takes it again later, is as new there as any other. */
export function forgetEdges(database: Database, applicationId: string, domains: readonly string[]): void {
	database.run(
		`DELETE FROM edges WHERE application_id = ? AND substr(url, instr(url, '://') + 3) NOT IN (SELECT value FROM json_each(?))`,
		applicationId,
		JSON.stringify(domains),
	);
}

/** Strict outlives lenient: that the endpoint answered once is what a later 404 is held against. */
function remembered(
	before: EdgeRecord | undefined,
	{ url, path, reached, healthyIn }: EdgeSighting,
	{ at, deploymentId }: { at: string; deploymentId: string },
): EdgeRecord {
	const routedAt = reached ? at : before?.routedAt;
	const earlier = before?.path === path ? before.healthy : undefined;
	const now = healthyIn && { at, mode: healthyIn, deploymentId };
	const healthy = now?.mode === "lenient" && earlier?.mode === "strict" ? earlier : (now ?? earlier);
	return { url, path, ...(routedAt === undefined ? {} : { routedAt }), ...(healthy ? { healthy } : {}) };
}

function writeEdge(database: Database, applicationId: string, { url, path, routedAt, healthy }: EdgeRecord): void {
	database.run(
		"INSERT OR REPLACE INTO edges VALUES (?, ?, ?, ?, ?, ?, ?)",
		applicationId,
		url,
		path,
		routedAt ?? null,
		healthy?.at ?? null,
		healthy?.mode ?? null,
		healthy?.deploymentId ?? null,
	);
}

function toRecord(row: Row): EdgeRecord {
	const healthy = { at: String(row.healthy_at), mode: String(row.healthy_mode) as ProbeMode, deploymentId: String(row.healthy_by) };
	return {
		url: String(row.url),
		path: String(row.path),
		...(row.routed_at === null ? {} : { routedAt: String(row.routed_at) }),
		...(row.healthy_at === null ? {} : { healthy }),
	};
}
