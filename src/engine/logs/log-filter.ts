// Owns which lines of a log an answer holds: since, level, grep, tail, and how long a line may be.
import { RE2JS } from "re2js";
import { DeploymillError } from "../../errors.ts";
import { isAtLeast, type Level, levelOf } from "./log-level.ts";

export interface LogLine {
	/** Milliseconds since 1970, where known. */
	time?: number;
	/** What is shown before the text, e.g. time, node and task. Ours, trusted. */
	prefix: string;
	text: string;
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
}

const longestLine = 500;
const grepPatienceMs = 5_000;

/** The last `tail` lines that pass, oldest first. `truncated`: more passed than are returned, or a line was cut. */
export function filterLines(lines: LogLine[], { tail, grep, level, sinceMs }: LogFilter): { lines: string[]; truncated: boolean } {
	const matches = grep === undefined ? () => true : matcher(grep);
	const levelSeen = new Map<string, Level>();
	const passed = lines.filter(({ text, time, source, levelIfSilent }) => {
		const own = levelOf(text) ?? levelSeen.get(source) ?? levelIfSilent;
		levelSeen.set(source, own);
		if (sinceMs !== undefined && time !== undefined && time < sinceMs) return false;
		return (level === undefined || isAtLeast(own, level)) && matches(text);
	});
	const kept = passed.slice(-tail);
	const long = kept.some(({ text }) => text.length > longestLine);
	return { lines: kept.map(({ prefix, text }) => prefix + cut(text)), truncated: long || kept.length < passed.length };
}

/**
 * RE2 is linear in the text whatever the pattern, and a few seconds over all lines bound the rest, so that no pattern can hang
 * the server. A lower-case pattern ignores case.
 * @throws invalid_input
 */
function matcher(pattern: string): (text: string) => boolean {
	const compiled = compile(pattern);
	const deadline = Date.now() + grepPatienceMs;
	return (text) => {
		if (Date.now() > deadline) {
			throw new DeploymillError("invalid_input", `grep: the pattern took more than ${grepPatienceMs / 1000} s on this log.`, {
				hint: "Use a simpler pattern (no large repetitions), or narrow the log with since, tail or deploymentId.",
			});
		}
		return compiled.matcher(text).find();
	};
}

function compile(pattern: string): RE2JS {
	try {
		return RE2JS.compile(pattern, pattern === pattern.toLowerCase() ? RE2JS.CASE_INSENSITIVE : 0);
	} catch (cause) {
		throw new DeploymillError(
			"invalid_input",
			`grep: got ${JSON.stringify(pattern.slice(0, 60))}, which is no RE2 pattern (no look-around, no back references).`,
			{
				hint: "Put a backslash before characters such as ( [ * + ? that are meant as they stand.",
				cause,
			},
		);
	}
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
	throw new DeploymillError(
		"invalid_input",
		`since: got ${JSON.stringify(since.slice(0, 40))}, expected for example 10m, 2h, 1d or 2026-01-31T12:00:00Z.`,
	);
}

/** Docker takes no earlier time. */
function notBefore1970(time: number): number {
	return Math.max(0, time);
}

function cut(text: string): string {
	return text.length > longestLine ? `${text.slice(0, longestLine)}… [${text.length - longestLine} characters cut]` : text;
}
