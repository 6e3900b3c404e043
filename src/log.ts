// Owns the log of a process: pino on stderr, never stdout, with secrets masked.
import { writeSync } from "node:fs";
import pino, { type Logger } from "pino";
import type { Redactor } from "./redact.ts";

const stderr = 2;

export function createLog(level: string, redactor: Redactor): Logger {
	return pino(
		{ level, base: { pid: process.pid }, timestamp: pino.stdTimeFunctions.isoTime },
		{ write: (line) => writeAll(redactor.mask(line)) },
	);
}

/** A pipe that is full for a moment or closed must not end the process that logs. */
function writeAll(line: string): void {
	try {
		writeSync(stderr, line);
	} catch (error) {
		if (!["EAGAIN", "EPIPE"].includes(String((error as NodeJS.ErrnoException).code))) throw error;
	}
}
