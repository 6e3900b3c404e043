// Explains what keeps SQLite from its work: a lock, a full disk, a folder that cannot be written.
import { DeploymillError } from "../../errors.ts";

/** By SQLite's primary result codes (sqlite.org/rescode.html). */
const explanations: Record<number, { message: string; hint: string; retryable: boolean }> = {
	5: busy("is locked by another process"),
	6: busy("is locked by another statement"),
	8: lasting("cannot be written", "Make the data folder and its files writable for the user that runs deploymill."),
	10: lasting("cannot be read or written: the disk reported an error", "Look at the disk that the data folder is on."),
	11: lasting("is damaged", "Restore the data folder from a backup, or set DEPLOYMILL_DATA_DIR to another folder."),
	13: {
		message: "The database cannot grow: its disk is full. Nothing was written.",
		hint: "Free space on the disk that the data folder is on, and call again.",
		retryable: true,
	},
	14: lasting("cannot be opened", "Check that the data folder exists and is writable for the user that runs deploymill."),
	26: lasting("is no SQLite file", "Restore the data folder from a backup, or set DEPLOYMILL_DATA_DIR to another folder."),
};

/** @throws internal with the explanation; what is no fault of SQLite's passes as it is */
export function explained<T>(work: () => T): T {
	try {
		return work();
	} catch (error) {
		throw explain(error);
	}
}

/** Another process or statement has what is needed. */
export function isBusy(error: unknown): boolean {
	const { errcode } = error as { errcode?: unknown };
	return typeof errcode === "number" && [5, 6].includes(errcode & 0xff);
}

function explain(error: unknown): unknown {
	const { code, errcode } = error as { code?: unknown; errcode?: unknown };
	if (code !== "ERR_SQLITE_ERROR" || typeof errcode !== "number") return error;
	// Extended codes carry the primary one in their low byte.
	const explanation = explanations[errcode & 0xff];
	if (!explanation) return error;
	const { message, hint, retryable } = explanation;
	return new DeploymillError("internal", message, { hint, retryable, cause: error });
}

function busy(why: string) {
	return {
		message: `The database ${why}, and stayed so for too long. Nothing was written.`,
		hint: "Call again in a moment.",
		retryable: true,
	};
}

function lasting(what: string, hint: string) {
	return { message: `The database ${what}.`, hint, retryable: false };
}
