// Keeps the table of applications whose deployments are held.
import type { DeploymentsHold } from "../../model/deployments-hold.ts";
import type { Database } from "./database.ts";

export function holdOnDeployments(database: Database, applicationId: string): DeploymentsHold | undefined {
	const row = database.get("SELECT * FROM deployments_holds WHERE application_id = ?", applicationId);
	if (!row) return undefined;
	return { by: String(row.held_by), since: String(row.since), ...(row.reason === null ? {} : { reason: String(row.reason) }) };
}

/** One that is there stays whose it is and since when; a reason that is given replaces its reason. */
export function holdDeployments(database: Database, applicationId: string, by: string, reason: string | undefined): void {
	database.run(
		`INSERT INTO deployments_holds VALUES (?, ?, ?, ?)
		ON CONFLICT (application_id) DO UPDATE SET reason = coalesce(excluded.reason, reason)`,
		applicationId,
		by,
		new Date(database.clock.now()).toISOString(),
		reason ?? null,
	);
}

/** Returns the hold that was there. */
export function liftHold(database: Database, applicationId: string): DeploymentsHold | undefined {
	return database.transaction(() => {
		const hold = holdOnDeployments(database, applicationId);
		database.run("DELETE FROM deployments_holds WHERE application_id = ?", applicationId);
		return hold;
	});
}
