// Records whatever was thrown that nobody expected, and gives the id by which it can be found in the log.
import { randomUUID } from "node:crypto";
import { withSources } from "./source-stack.ts";

/** What is needed of a log; pino fits. */
interface FaultLog {
	error(facts: object, message: string): void;
}

/** Nobody has looked over a foreign error's words, so none of them leave: these do. */
export function faultNotice(faultId: string): string {
	return `A fault of deploymill, recorded in its log as ${faultId}.`;
}

/** Never throws, whatever the error is. Returns the fault's id. */
export function recordFault(log: FaultLog, error: unknown, what: string, facts: object = {}): string {
	const faultId = randomUUID().slice(0, 8);
	try {
		log.error({ faultId, ...facts, error: describeFault(error) }, what);
	} catch {
		// A log that fails must not take the answer with it; the id then leads nowhere, which is all that can be told.
	}
	return faultId;
}

/** The stack of whatever was thrown, for the log. Things can be thrown that cannot even be turned into text. */
export function describeFault(error: unknown): string {
	try {
		return error instanceof Error ? withSources(String(error.stack ?? error.message)) : String(error);
	} catch {
		return "(an error that cannot be turned into text)";
	}
}
