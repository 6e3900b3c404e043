// Prints a timeline at a terminal: what is live, then one line a deployment, as wide as the window.
import { stripVTControlCharacters, styleText } from "node:util";
import stringWidth from "string-width";
import {
	agoOf,
	kindOf,
	notAsLeft,
	pointOf,
	relationOf,
	rowsOf,
	stateOf,
	type Timeline,
	type TimelineRow,
	type Tone,
	toneOf,
} from "./timeline.ts";

export interface Window {
	columns: number;
	colour: boolean;
}

/** Lines without an end, none wider than the window. */
export function terminalLines(timeline: Timeline, window: Window): string[] {
	const now = Date.parse(timeline.readAt);
	const lines = rowsOf(timeline).map((row) => rowLine(row, now, window));
	return [
		...headLines(timeline, now, window),
		"",
		...(lines.length > 0 ? lines : ["No deployment yet."]),
		...(timeline.more ? [paint("… older ones are not shown: --limit shows more", "quiet", window)] : []),
	];
}

function headLines({ application }: Timeline, now: number, window: Window): string[] {
	const { applicationId, inProgress, hold, mismatch } = application;
	const notes = [
		...(inProgress
			? [`In progress: ${inProgress.kind} ${inProgress.deploymentId}, ${inProgress.phase}, by ${inProgress.requestedBy}`]
			: []),
		...(hold
			? [`Deploys are held by ${hold.by} since ${agoOf(hold.since, now)}${hold.reason === undefined ? "" : `: ${hold.reason}`}`]
			: []),
		...(mismatch ? [mismatch] : []),
	];
	const [live, tone] = headOf(application, now);
	return [
		paint(clip(`${applicationId}: ${live}`, window.columns), tone, window),
		...notes.map((note) => clip(`  ${note}`, window.columns)),
	];
}

function headOf({ current, mismatch, liveUnknown }: Timeline["application"], now: number): [string, Tone] {
	if (liveUnknown) return ["what is live is not known: Docker could not be asked", "quiet"];
	if (mismatch) return [notAsLeft, "bad"];
	if (!current) return ["nothing is live", "quiet"];
	return [liveWords(current, now), current.verdict === "unhealthy" ? "bad" : "live"];
}

function liveWords({ deploymentId, commit, verdict, since, by }: NonNullable<Timeline["application"]["current"]>, now: number): string {
	const what = commit ? `${commit.sha.slice(0, 7)} "${commit.message}"` : deploymentId;
	return [`live is ${what}`, verdict ?? "not judged", ...(since ? [`since ${agoOf(since, now)}`] : []), ...(by ? [`by ${by}`] : [])].join(
		", ",
	);
}

const marks: Record<Tone, string> = { live: "●", good: "○", bad: "✗", running: "…", quiet: "·" };

/** What does not fit is left away from the right: who, then the end of the subject. */
function rowLine(row: TimelineRow, now: number, window: Window): string {
	const tone = toneOf(row);
	const mark = row.kind === "deploy" || row.kind === "adopted" || tone === "bad" ? marks[tone] : tone === "live" ? "●" : "↩";
	const fixed = [
		mark,
		pad(agoOf(row.startedAt, now, "narrow"), 8),
		pad(kindOf(row), 8),
		pad(row.commit?.sha.slice(0, 7) ?? "", 7),
		pad(stateOf(row), 20),
		pad(pointOf(row) ?? "", 15),
	].join(" ");
	const subject = row.because ?? row.commit?.message ?? "";
	const rest = [subject, relationOf(row), `by ${row.requestedBy}`].filter((part) => part).join(" — ");
	return paint(clip(`${fixed} ${rest}`, window.columns), tone, window);
}

function pad(text: string, width: number): string {
	return text + " ".repeat(Math.max(0, width - stringWidth(text)));
}

/** Cut to a width in columns: some characters take two. Control characters of others have no place on a terminal. */
function clip(text: string, columns: number): string {
	const clean = stripVTControlCharacters(text)
		.replace(/\p{Cc}/gu, " ")
		.trimEnd();
	if (stringWidth(clean) <= columns) return clean;
	let shown = "";
	for (const { segment } of new Intl.Segmenter("en").segment(clean)) {
		if (stringWidth(shown + segment) > columns - 1) break;
		shown += segment;
	}
	return `${shown}…`;
}

const colours: Record<Tone, Parameters<typeof styleText>[0]> = {
	live: ["bold", "green"],
	good: [],
	bad: "red",
	running: "yellow",
	quiet: "dim",
};

function paint(line: string, tone: Tone, { colour }: Window): string {
	const format = colours[tone];
	return colour && format.length > 0 ? styleText(format, line, { validateStream: false }) : line;
}
