// Puts a timeline on a page. All words go in as text: nothing that others wrote can become markup.
import {
	agoOf,
	kindOf,
	notAsLeft,
	pointOf,
	relationOf,
	rowsOf,
	stateOf,
	type Timeline,
	type TimelineApplication,
	type TimelineRow,
	toneOf,
} from "../timeline.ts";

/** What a reader looks at first; the rest is folded. */
const shownAtOnce = 20;

/** Replaces what is in `place`. @param extras what is added to a deployment's entry, such as a button */
export function showTimeline(place: HTMLElement, timeline: Timeline, extras?: (row: TimelineRow) => HTMLElement[]): void {
	const { application, more, readAt } = timeline;
	const deployments = rowsOf(timeline);
	document.title = `${application.applicationId}: deployments`;
	const [first, rest] = [deployments.slice(0, shownAtOnce), deployments.slice(shownAtOnce)];
	place.replaceChildren(
		head(application),
		deployments.length === 0 ? make("p", { class: "none" }, "No deployment yet.") : list(first, extras),
		...(rest.length > 0 ? [make("details", {}, make("summary", {}, `${rest.length} earlier deployments`), list(rest, extras))] : []),
		make("p", { class: "foot" }, more ? "Older deployments are not in this page. " : "", "Read ", time(readAt), "."),
	);
	keepTimes(place);
}

function head(application: TimelineApplication): HTMLElement {
	const { applicationId, inProgress, hold, mismatch } = application;
	const notes = [
		...(mismatch ? [note("bad", mismatch)] : []),
		...(inProgress
			? [note("running", `In progress: ${inProgress.kind} ${inProgress.deploymentId} (${inProgress.phase}), by ${inProgress.requestedBy}`)]
			: []),
		...(hold
			? [note("bad", `Deploys are held by ${hold.by}`, hold.reason === undefined ? "" : `: ${hold.reason}`, ", since ", time(hold.since))]
			: []),
	];
	return make("header", {}, make("h1", {}, applicationId), liveNow(application), ...notes);
}

function liveNow({ current, liveUnknown, mismatch }: TimelineApplication): HTMLElement {
	if (liveUnknown) return make("p", { class: "now quiet" }, "What is live is not known: Docker could not be asked.");
	if (mismatch) return make("p", { class: "now bad" }, make("strong", {}, `Live is ${notAsLeft}.`));
	if (!current) return make("p", { class: "now quiet" }, "Nothing is live.");
	const { commit, deploymentId, verdict, since, by } = current;
	return make(
		"p",
		{ class: `now ${verdict === "unhealthy" ? "bad" : "live"}` },
		make("strong", {}, "Live: "),
		make("span", { class: "subject" }, commit?.message ?? deploymentId),
		" ",
		make("code", {}, commit?.sha.slice(0, 7) ?? ""),
		` ${verdict ?? "not judged"}`,
		...(since ? [", since ", time(since)] : []),
		...(by ? [make("span", { class: "who" }, ` by ${by}`)] : []),
	);
}

function note(tone: string, ...words: (Node | string)[]): HTMLElement {
	return make("p", { class: `note ${tone}`, role: "status" }, ...words);
}

function list(rows: TimelineRow[], extras: ((row: TimelineRow) => HTMLElement[]) | undefined): HTMLElement {
	return make("ol", { class: "deployments" }, ...rows.map((row) => entry(row, extras?.(row) ?? [])));
}

const toneWords = { live: "live now", good: "went well", bad: "bad", running: "running", quiet: "" };

function entry(row: TimelineRow, extras: HTMLElement[]): HTMLElement {
	const tone = toneOf(row);
	const [relation, point] = [relationOf(row), pointOf(row)];
	return make(
		"li",
		{ class: `deployment ${tone} ${row.kind}`, id: row.deploymentId, ...(row.current ? { "aria-current": "true" } : {}) },
		make("span", { class: "mark", role: "img", "aria-label": toneWords[tone] }),
		make(
			"div",
			{ class: "body" },
			make(
				"p",
				{ class: "line" },
				make("span", { class: "subject" }, row.commit?.message ?? row.deploymentId),
				" ",
				make("code", {}, row.commit?.sha.slice(0, 7) ?? ""),
			),
			make(
				"p",
				{ class: "facts" },
				make("span", { class: "state" }, row.current ? `live now, ${stateOf(row)}` : stateOf(row)),
				make("span", {}, kindOf(row)),
				time(row.startedAt),
				make("span", {}, seconds(row.durationMs)),
				make("span", { class: "who" }, row.requestedBy),
			),
			...(relation ? [make("p", { class: "relation" }, relation)] : []),
			...(row.because ? [make("p", { class: "because" }, row.because)] : []),
			...(row.reason ? [make("p", { class: "reason" }, `“${row.reason}”`)] : []),
			...(point ? [make("p", { class: "point" }, "can be gone back to: ", make("code", {}, point))] : []),
			...extras,
		),
	);
}

function seconds(ms: number): string {
	return ms < 60_000 ? `${Math.round(ms / 1000)} s` : `${Math.round(ms / 60_000)} min`;
}

function time(at: string): HTMLElement {
	return make(
		"time",
		{ datetime: at, title: new Date(at).toLocaleString("en", { dateStyle: "medium", timeStyle: "long" }) },
		agoOf(at, Date.now()),
	);
}

let clock: number | undefined;

/** A page may stay open for hours. */
function keepTimes(place: HTMLElement): void {
	clearInterval(clock);
	clock = setInterval(() => {
		for (const element of place.querySelectorAll("time")) element.textContent = agoOf(element.dateTime, Date.now());
	}, 30_000);
}

export function make(tag: "time", attributes: Record<string, string>, ...children: (Node | string)[]): HTMLTimeElement;
export function make(tag: string, attributes: Record<string, string>, ...children: (Node | string)[]): HTMLElement;
export function make(tag: string, attributes: Record<string, string>, ...children: (Node | string)[]): HTMLElement {
	const element = document.createElement(tag);
	for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
	element.append(...children.filter((child) => child !== ""));
	return element;
}
