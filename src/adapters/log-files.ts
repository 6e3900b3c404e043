// Keeps the logs of deployments in files: `<data folder>/logs/<deploymentId>.log`, 0600.
import { fstatSync, mkdirSync, openSync, writeSync } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { join } from "node:path";
import type { DeploymentLog, DeploymentLogLine, DeploymentLogs, DeploymentLogWriter } from "../engine/ports/deployment-logs.ts";

/** A build that never stops printing must not fill the disk. */
const mostBytes = 20 * 1024 * 1024;
/** Of a log, from its end. */
const mostBytesRead = 4 * 1024 * 1024;
const chunkBytes = 64 * 1024;
const lineBreak = 10;
/** Begins a line in our own words. A control character: clean text has none, so nobody else can write it. */
const ownMark = "\u001e";

export class LogFiles implements DeploymentLogs {
	readonly #folder: string;
	readonly #onFault: (error: unknown) => void;

	constructor(folder: string, onFault: (error: unknown) => void) {
		this.#folder = folder;
		this.#onFault = onFault;
	}

	open(deploymentId: string): DeploymentLogWriter {
		mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
		const file = openSync(join(this.#folder, `${deploymentId}.log`), "a", 0o600);
		// A resumed deployment goes on in the same file.
		let written = fstatSync(file).size;
		const write = (text: string) => {
			if (written > mostBytes) return;
			const line = `${text}\n`;
			written += Buffer.byteLength(line);
			try {
				writeSync(file, written > mostBytes ? `${ownMark}[the log is cut here: it is larger than 20 MB]\n` : line);
			} catch (error) {
				this.#onFault(error);
			}
		};
		return {
			line: (text) => write(text.replaceAll(ownMark, "")),
			own: (text) => write(`${ownMark}${text.replaceAll("\n", " ")}`),
		};
	}

	async read(deploymentId: string, tail: number): Promise<DeploymentLog | undefined> {
		if (!/^[\w-]+$/.test(deploymentId)) return undefined;
		try {
			await using file = await open(join(this.#folder, `${deploymentId}.log`));
			return await readTail(file, tail);
		} catch (error) {
			if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
			throw error;
		}
	}
}

/** From the end backwards, as far as the lines need. */
async function readTail(file: FileHandle, tail: number): Promise<DeploymentLog> {
	const { size } = await file.stat();
	const chunks: Buffer[] = [];
	let start = size;
	let breaks = 0;
	while (start > 0 && breaks <= tail && size - start < mostBytesRead) {
		const length = Math.min(chunkBytes, start);
		const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, start - length);
		chunks.unshift(buffer.subarray(0, bytesRead));
		start -= length;
		breaks += countBreaks(buffer);
	}
	const lines = Buffer.concat(chunks).toString("utf8").split("\n");
	// After the last line break stands nothing yet, or a line that is being written.
	if (lines.at(-1) === "") lines.pop();
	// Before the first may stand the end of a line.
	if (start > 0) lines.shift();
	return { lines: lines.slice(-tail).map(read), truncated: start > 0 || lines.length > tail };
}

function read(line: string): DeploymentLogLine {
	return line.startsWith(ownMark) ? { text: line.slice(ownMark.length), own: true } : { text: line, own: false };
}

function countBreaks(bytes: Buffer): number {
	let count = 0;
	for (let at = bytes.indexOf(lineBreak); at >= 0; at = bytes.indexOf(lineBreak, at + 1)) count++;
	return count;
}
