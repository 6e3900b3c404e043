// Keeps the table of environment variables. Values are sealed before they reach the database.
import type { EnvChange } from "../../engine/ports/store.ts";
import { DeploymillError } from "../../errors.ts";
import { mostEnvBytes, mostEnvVars } from "../../model/env-limits.ts";
import type { Database } from "./database.ts";
import { type Sealer, sealedOverheadBytes } from "./sealed-value.ts";

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

/**
 * Tells every value that is not in `told`, which is what an earlier call returned. A sealed value begins with a nonce of its own,
 * so that one which was set again is another.
 */
export function tellEnvValues(
	database: Database,
	sealer: Sealer,
	told: ReadonlySet<string>,
	tell: (value: string) => void,
): { told: ReadonlySet<string>; unreadable: number } {
	const rows = database.all("SELECT application_id, name, hex(substr(sealed, 1, 12)) AS nonce FROM env_vars");
	const now = new Set<string>();
	for (const row of rows) {
		const nonce = String(row.nonce);
		if (told.has(nonce) || tellOne(database, sealer, String(row.application_id), String(row.name), tell)) now.add(nonce);
	}
	return { told: now, unreadable: rows.length - now.size };
}

/** False for a value that cannot be opened. No key is made for it: it would open nothing. */
function tellOne(database: Database, sealer: Sealer, applicationId: string, name: string, tell: (value: string) => void): boolean {
	const row = database.get("SELECT sealed FROM env_vars WHERE application_id = ? AND name = ?", applicationId, name);
	if (!row || !sealer.hasKey) return false;
	try {
		tell(sealer.open(row.sealed as Uint8Array, contextOf(applicationId, name)));
		return true;
	} catch (error) {
		if (error instanceof DeploymillError) return false;
		throw error;
	}
}

/** One transaction. A name that is both set and unset is set. @throws invalid_input where the application would have too much */
export function changeEnv(database: Database, sealer: Sealer, applicationId: string, change: EnvChange) {
	return database.transaction(() => {
		const before = listEnvNames(database, applicationId);
		const unset = before.filter((name) => (change.replace || change.unset.includes(name)) && !Object.hasOwn(change.set, name));
		const set = Object.keys(change.set).filter((name) => !holds(database, sealer, applicationId, name, change.set[name]));
		const unchanged = Object.keys(change.set).filter((name) => !set.includes(name));
		for (const name of unset) database.run("DELETE FROM env_vars WHERE application_id = ? AND name = ?", applicationId, name);
		for (const name of set) {
			const sealed = sealer.seal(String(change.set[name]), contextOf(applicationId, name));
			database.run("INSERT OR REPLACE INTO env_vars VALUES (?, ?, ?)", applicationId, name, sealed);
		}
		if (set.length > 0) refuseTooMuch(database, applicationId);
		return { set: set.sort(), unset: unset.sort(), unchanged: unchanged.sort() };
	});
}

/** Within the transaction: what it throws takes all of it back. */
function refuseTooMuch(database: Database, applicationId: string): void {
	const sum = "count(*) AS count, coalesce(sum(length(CAST(name AS BLOB)) + length(sealed)), 0) AS bytes";
	const { count, bytes } = database.get(`SELECT ${sum} FROM env_vars WHERE application_id = ?`, applicationId) ?? {};
	const held = { count: Number(count), bytes: Number(bytes) - Number(count) * sealedOverheadBytes };
	if (held.count <= mostEnvVars && held.bytes <= mostEnvBytes) return;
	throw new DeploymillError(
		"invalid_input",
		`set: ${applicationId} would have ${held.count} variables of ${held.bytes} bytes in all; allowed are ${mostEnvVars} of ${mostEnvBytes} bytes. Nothing was changed.`,
		{ hint: "Unset what is not needed, or keep large things in a file or a volume. list_env_vars has the names." },
	);
}

/** A value that cannot be opened, as after the key was lost, counts as another one: setting it again is the cure. */
function holds(database: Database, sealer: Sealer, applicationId: string, name: string, value: string | undefined): boolean {
	const row = database.get("SELECT sealed FROM env_vars WHERE application_id = ? AND name = ?", applicationId, name);
	try {
		return row !== undefined && sealer.open(row.sealed as Uint8Array, contextOf(applicationId, name)) === value;
	} catch (error) {
		if (error instanceof DeploymillError) return false;
		throw error;
	}
}

function contextOf(applicationId: string, name: string): string {
	return `${applicationId}/${name}`;
}
