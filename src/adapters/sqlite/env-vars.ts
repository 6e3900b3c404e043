// Owns the table of environment variables. Values are sealed before they reach the database.
import type { EnvChange } from "../../engine/ports/store.ts";
import type { Database } from "./database.ts";
import type { Sealer } from "./sealed-value.ts";

/** Values by name, in the order of the names. */
export function readEnv(database: Database, sealer: Sealer, applicationId: string): Record<string, string> {
	const rows = database.all("SELECT name, sealed FROM env_vars WHERE application_id = ? ORDER BY name", applicationId);
	return Object.fromEntries(
		rows.map((row) => {
			const name = String(row.name);
			return [name, sealer.open(row.sealed as Uint8Array, contextOf(applicationId, name))];
		}),
	);
}

export function listEnvNames(database: Database, applicationId: string): string[] {
	return database.all("SELECT name FROM env_vars WHERE application_id = ? ORDER BY name", applicationId).map((row) => String(row.name));
}

/** One transaction. A name that is both set and unset is set. */
export function changeEnv(database: Database, sealer: Sealer, applicationId: string, change: EnvChange) {
	return database.transaction(() => {
		const before = readEnv(database, sealer, applicationId);
		const gone = change.replace ? [...Object.keys(before), ...change.unset] : change.unset;
		const unset = [...new Set(gone)].filter((name) => name in before && !(name in change.set));
		const set = Object.keys(change.set).filter((name) => before[name] !== change.set[name]);
		const unchanged = Object.keys(change.set).filter((name) => !set.includes(name));
		for (const name of unset) database.run("DELETE FROM env_vars WHERE application_id = ? AND name = ?", applicationId, name);
		for (const name of set) {
			const sealed = sealer.seal(String(change.set[name]), contextOf(applicationId, name));
			database.run("INSERT OR REPLACE INTO env_vars VALUES (?, ?, ?)", applicationId, name, sealed);
		}
		return { set: set.sort(), unset: unset.sort(), unchanged: unchanged.sort() };
	});
}

function contextOf(applicationId: string, name: string): string {
	return `${applicationId}/${name}`;
}
