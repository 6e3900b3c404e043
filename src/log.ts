// Writes the log of a process: pino on stderr, never stdout, with secrets masked.
import { writeSync } from "node:fs";
import pino, { type Logger } from "pino";
import type { Redactor } from "./redact.ts";

const stderr = 2;

export function createLog(level: string, redactor: Redactor): Logger {
	return pino(
		{ level, base: { pid: process.pid }, timestamp: pino.stdTimeFunctions.isoTime },
		{ write: (line) => writeAll(maskLine(line, redactor)) },
	);
}

/** String by string, so that a masked line is JSON still. Where that fails, a line of fixed words. */
function maskLine(line: string, redactor: Redactor): string {
	try {
		return `${JSON.stringify(redactor.maskAllDeep(JSON.parse(line)))}\n`;
	} catch {
		return `${JSON.stringify({ level: 50, time: new Date().toISOString(), pid: process.pid, msg: "a log line was withheld: it could not be masked" })}\n`;
	}
}

/** Whoever logs has other work to do: a pipe that is full or closed, or a full disk, must not end it, and there is nowhere to tell. */
function writeAll(line: string): void {
	try {
		writeSync(stderr, line);
	} catch {
		return;
	}
}
