// Reads the level of a log line, as the common loggers write it: pino and bunyan, JSON, logfmt, plain words.

export const levels = ["trace", "debug", "info", "warn", "error", "fatal"] as const;
export type Level = (typeof levels)[number];

const words = new Map<string, Level>(
	Object.entries({
		trace: "trace",
		verbose: "debug",
		debug: "debug",
		info: "info",
		notice: "info",
		log: "info",
		warn: "warn",
		warning: "warn",
		error: "error",
		err: "error",
		severe: "error",
		critical: "fatal",
		crit: "fatal",
		alert: "fatal",
		emerg: "fatal",
		panic: "fatal",
		fatal: "fatal",
	} as const),
);

/** Only the head of a line is looked at, so that a word in a message is not taken for its level. */
const headChars = 80;
const logfmt = /(?:^|\s)(?:level|lvl|severity)="?([a-z]+)"?(?=\s|$)/i;
const plain =
	/^(?:[\d\-/:.,TZ+\s]*)(?:\[[^\]]{0,40}\]\s*)?[[(<]?(trace|verbose|debug|info|notice|log|warn|warning|error|err|severe|critical|crit|alert|emerg|panic|fatal)[\])>:\s-]/i;
/** How runtimes begin the report of an error nobody caught. */
const crash = /^(?:Uncaught |Unhandled |Traceback \(most recent call last\)|panic: |\w*(?:Error|Exception)\b)/;

/** What BuildKit's progress puts before a step's output: its number, and the seconds since it began. */
const buildkitHead = /^#\d+ (?:\d+\.\d\d )?/;

/** Undefined where a line does not say. @param isCut of a line that is too long, `text` is the beginning */
export function levelOf(text: string, isCut = false): Level | undefined {
	const line = text.replace(buildkitHead, "");
	if (line.startsWith("{")) return isCut ? cutJsonLevel(line) : jsonLevel(line);
	const head = line.slice(0, headChars);
	const word = logfmt.exec(line.slice(0, 400))?.[1] ?? plain.exec(head)?.[1];
	if (word) return words.get(word.toLowerCase());
	return crash.test(head) ? "error" : undefined;
}

export function isAtLeast(level: Level, least: Level): boolean {
	return levels.indexOf(level) >= levels.indexOf(least);
}

/** pino and bunyan number their levels in tens from 10; others write the word. */
function jsonLevel(line: string): Level | undefined {
	let entry: Record<string, unknown>;
	try {
		entry = JSON.parse(line) as Record<string, unknown>;
	} catch {
		// A line that only looks like JSON has no level.
		return undefined;
	}
	const level = entry.level ?? entry.severity ?? entry.lvl;
	if (typeof level === "number") return numbered(level);
	return typeof level === "string" ? words.get(level.toLowerCase()) : undefined;
}

const levelInJson = /"(?:level|severity|lvl)"\s{0,4}:\s{0,4}(?:"([a-z]+)"|(\d{1,3}))/i;

/** What is cut can no longer be parsed; loggers write the level first. */
function cutJsonLevel(line: string): Level | undefined {
	const [, word, number] = levelInJson.exec(line.slice(0, 400)) ?? [];
	if (number) return numbered(Number(number));
	return word ? words.get(word.toLowerCase()) : undefined;
}

function numbered(level: number): Level | undefined {
	return levels[Math.min(levels.length, Math.max(1, Math.round(level / 10))) - 1];
}
