// Opens the SQLite file: its permissions, its version, and transactions. Several processes have it open at once.
import { closeSync, mkdirSync, openSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync, type SQLInputValue, type StatementSync } from "node:sqlite";
import type { Clock } from "../../engine/ports/clock.ts";
import { DeploymillError } from "../../errors.ts";
import { explained, isBusy } from "./faults.ts";
import { migrations } from "./migrations.ts";

/** How long a statement waits for another process's write before it gives up. */
const busyTimeoutMs = 10_000;

const settings = "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;";

/** A row as SQLite answers it; the column names are those of the schema. */
export type Row = Record<string, string | number | bigint | Uint8Array | null>;

export class Database {
	readonly #sqlite: DatabaseSync;
	/** The texts of statements are constants: there are a few dozen, and each is compiled once. */
	readonly #statements = new Map<string, StatementSync>();
	readonly clock: Clock;

	/** Opens the file, creating it (0600, folder 0700) and bringing its schema up to `steps`. `:memory:` works too. */
	constructor(path: string, clock: Clock, steps: readonly string[] = migrations) {
		this.clock = clock;
		if (path !== ":memory:") {
			mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
			// Made here, because SQLite would make it readable to all; its journal files take over this mode.
			closeSync(openSync(path, "a", 0o600));
			refuseNewer(path, steps.length);
		}
		this.#sqlite = new DatabaseSync(path, { timeout: busyTimeoutMs });
		explained(() => whenFree(() => this.#sqlite.exec(settings)));
		this.#migrate(steps);
	}

	/** @throws internal, as all methods here: what keeps SQLite from its work, in words */
	all(sql: string, ...values: SQLInputValue[]): Row[] {
		return explained(() => this.#prepared(sql).all(...values) as Row[]);
	}

	get(sql: string, ...values: SQLInputValue[]): Row | undefined {
		return explained(() => this.#prepared(sql).get(...values) as Row | undefined);
	}

	/** Returns how many rows were changed. */
	run(sql: string, ...values: SQLInputValue[]): number {
		return explained(() => Number(this.#prepared(sql).run(...values).changes));
	}

	/** All of `work` or none of it. The write lock is taken first, so that what `work` reads stays true until it ends. */
	transaction<T>(work: () => T): T {
		if (this.#sqlite.isTransaction) return work();
		explained(() => this.#sqlite.exec("BEGIN IMMEDIATE"));
		try {
			const result = work();
			explained(() => this.#sqlite.exec("COMMIT"));
			return result;
		} catch (error) {
			// A full disk has ended it already; a second end would hide why.
			if (this.#sqlite.isTransaction) this.#sqlite.exec("ROLLBACK");
			throw error;
		}
	}

	#prepared(sql: string): StatementSync {
		const known = this.#statements.get(sql);
		if (known) return known;
		const statement = this.#sqlite.prepare(sql);
		this.#statements.set(sql, statement);
		return statement;
	}

	close(): void {
		this.#sqlite.close();
	}

	#migrate(steps: readonly string[]): void {
		if (this.#version() === steps.length) return;
		this.transaction(() => {
			// Read again: another process may have migrated while this one waited for the lock.
			for (let version = this.#version(); version < steps.length; version++) {
				this.#sqlite.exec(steps[version] as string);
				this.#sqlite.exec(`PRAGMA user_version = ${version + 1}`);
			}
		});
	}

	#version(): number {
		return Number(this.get("PRAGMA user_version")?.user_version);
	}
}

/**
 * To change to the write-ahead log, and to open while the last other process closes, the file is needed alone for a moment; SQLite's
 * own time-out does not cover that. Stands still meanwhile, as that time-out does.
 */
function whenFree<T>(open: () => T): T {
	const deadline = performance.now() + busyTimeoutMs;
	const standStill = new Int32Array(new SharedArrayBuffer(4));
	for (;;) {
		try {
			return open();
		} catch (error) {
			if (!isBusy(error) || performance.now() >= deadline) throw error;
		}
		Atomics.wait(standStill, 0, 0, 5);
	}
}

/** Looks with a read-only connection, so that a file from the future is left exactly as it is. */
function refuseNewer(path: string, known: number): void {
	const sqlite = new DatabaseSync(path, { readOnly: true, timeout: busyTimeoutMs });
	try {
		const version = Number(explained(() => whenFree(() => sqlite.prepare("PRAGMA user_version").get() as Row)).user_version);
		if (version > known) {
			throw new DeploymillError("internal", `The database is of version ${version}; this deploymill knows versions up to ${known}.`, {
				hint: "Start the newer deploymill that wrote it, or set DEPLOYMILL_DATA_DIR to another folder. Nothing was changed.",
			});
		}
	} finally {
		sqlite.close();
	}
}
