// Decides which lines of a log an answer holds: since, level, grep, tail, and how long a line may be.
import { quote } from "../../config/quote.ts";
import { DeploymillError } from "../../errors.ts";
import { WorkSlices } from "../../event-loop.ts";
import type { Clock } from "../ports/clock.ts";
import { grepMatcher } from "./grep.ts";
import { isAtLeast, type Level, levelOf } from "./log-level.ts";

export interface LogLine {
	/** Milliseconds since 1970, where known. */
	time?: number;
	/** What is shown before the text, e.g. time, node and task. Ours, trusted. */
	prefix: string;
	/** Clean and masked. The beginning of a line that is too long. */
	text: string;
	/** In our own words: trusted as the prefix is. */
	own?: boolean;
	/** Whose line it is, where a task printed it. */
	task?: string;
	/** Of the whole line as it was printed, in bytes, where `text` is only its beginning. */
	wholeLength?: number;
	/** Lines of one source follow each other: a stack trace has the level of the line above it. */
	source: string;
	/** For a line that does not say and follows none that does. */
	levelIfSilent: Level;
}

export interface LogFilter {
	tail: number;
	grep?: string | undefined;
	level?: Level | undefined;
	/** Milliseconds since 1970. */
	sinceMs?: number | undefined;
	signal?: AbortSignal | undefined;
	/** By which the loop is given its turns. */
	clock: Pick<Clock, "monotonic">;
}

/** As an answer shows it. */
export interface ShownLine {
	text: string;
	own: boolean;
}

const longestLine = 500;

/**
 * The last `tail` lines that pass, oldest first. `truncated`: more passed than are returned, or a line was cut.
 * @throws invalid_input; the signal's reason when it was aborted
 */
export async function filterLines(
	lines: AsyncIterable<LogLine> | Iterable<LogLine>,
	{ tail, grep, level, sinceMs, signal, clock }: LogFilter,
): Promise<{ lines: ShownLine[]; truncated: boolean }> {
	const matches = grep === undefined ? () => true : grepMatcher(grep);
	const levelSeen = new Map<string, Level>();
	const passes = ({ text, time, source, task, levelIfSilent, wholeLength }: LogLine) => {
		const own = levelOf(text, wholeLength !== undefined) ?? levelSeen.get(source) ?? levelIfSilent;
		levelSeen.set(source, own);
		if (sinceMs !== undefined && time !== undefined && time < sinceMs) return false;
		return (level === undefined || isAtLeast(own, level)) && (matches(text) || isOfTask(task, grep));
	};
	const slices = new WorkSlices(() => clock.monotonic());
	const passed: LogLine[] = [];
	for await (const line of lines) {
		signal?.throwIfAborted();
		if (passes(line)) passed.push(line);
		await slices.pause();
	}
	const kept = passed.slice(-tail);
	const shown = kept.map((line) => ({ text: line.prefix + cut(line), own: line.own === true }));
	return { lines: shown, truncated: kept.length < passed.length || kept.some(isLong) };
}

/** A task's id, or its beginning as lines show it, asks for the lines of that task. */
function isOfTask(task: string | undefined, grep: string | undefined): boolean {
	return task !== undefined && grep !== undefined && /^[a-z0-9]{8,25}$/.test(grep) && task.startsWith(grep);
}

const unitMs = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/**
 * `90s`, `10m`, `2h`, `1d`, or a time in ISO 8601.
 * @throws invalid_input
 */
export function parseSince(since: string, nowMs: number): number {
	const [, amount, unit] = /^(\d{1,6})\s*([smhd])$/.exec(since.trim()) ?? [];
	if (amount && unit) return notBefore1970(nowMs - Number(amount) * unitMs[unit as keyof typeof unitMs]);
	const time = /^\d{4}-\d\d-\d\d/.test(since) ? Date.parse(since) : Number.NaN;
	if (!Number.isNaN(time)) return notBefore1970(time);
	throw new DeploymillError("invalid_input", `since: got ${quote(since)}, expected for example 10m, 2h, 1d or 2026-01-31T12:00:00Z.`);
}

/** Docker takes no earlier time. */
function notBefore1970(time: number): number {
	return Math.max(0, time);
}

function isLong({ text, wholeLength }: LogLine): boolean {
	return wholeLength !== undefined || text.length > longestLine;
}

function cut({ text, wholeLength }: LogLine): string {
	const shown = text.slice(0, longestLine);
	if (wholeLength !== undefined) return `${shown}… [cut; the line is ${wholeLength} bytes long]`;
	return text.length > longestLine ? `${shown}… [${text.length - longestLine} characters cut]` : text;
}
