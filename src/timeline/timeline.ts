// Says what a timeline shows of a deployment, in the same words at a terminal, on a page, and in an app.

/** One row of `list_deployments`. */
export interface TimelineRow {
	deploymentId: string;
	kind: string;
	status: string;
	outcome?: string;
	verdict: string | null;
	commit?: { sha: string; message: string };
	rollbackId: string | null;
	rollbackable: boolean;
	current?: boolean;
	target?: { deploymentId: string };
	causedBy?: string;
	requestedBy: string;
	reason?: string;
	startedAt: string;
	durationMs: number;
	because?: string;
	bake?: { state: string; until?: string };
	confirm?: { state: string; until?: string };
}

/** One entry of `list_applications`. */
export interface TimelineApplication {
	applicationId: string;
	name?: string;
	current?: {
		deploymentId: string;
		commit?: { sha: string; message: string };
		verdict: string | null;
		since?: string;
		by?: string;
	};
	inProgress?: { deploymentId: string; kind: string; phase: string; requestedBy: string };
	hold?: { by: string; since: string; reason?: string };
	mismatch?: string;
	liveUnknown?: boolean;
}

export interface Timeline {
	application: TimelineApplication;
	/** Newest first. */
	deployments: TimelineRow[];
	/** There are older ones that are not in it. */
	more: boolean;
	/** ISO 8601: when it was read. */
	readAt: string;
}

/** In place of what is live, where somebody changed it past deploymill: what that is stands in `mismatch`, right below. */
export const notAsLeft = "not as deploymill left it";

/** As they are shown: where somebody changed the service, no row is what is live, nor one to go back to by what it is stamped with. */
export function rowsOf({ application, deployments }: Timeline): TimelineRow[] {
	if (!application.mismatch) return deployments;
	return deployments.map((row) => (row.current ? { ...row, current: false, rollbackable: false } : row));
}

/** How a row is to be taken at a glance. */
export type Tone = "live" | "good" | "bad" | "running" | "quiet";

export function toneOf(row: TimelineRow): Tone {
	if (row.status === "running") return "running";
	if (row.verdict === "unhealthy") return "bad";
	if (row.current) return "live";
	if (row.status === "error") return "bad";
	return row.outcome === "live" ? "good" : "quiet";
}

/** What a reader may want back: not what runs, and nothing that turned out bad. */
export function pointOf(row: TimelineRow): string | undefined {
	const tone = toneOf(row);
	return row.rollbackable && row.rollbackId && tone !== "bad" && !row.current ? row.rollbackId : undefined;
}

const outcomeWords: Record<string, string> = {
	live_unhealthy: "unhealthy, left live",
	unchanged: "nothing to swap",
	rolled_back: "bad, taken back",
	degraded: "bad, revert did not help",
	orchestrator_rolled_back: "refused by Swarm",
	failed: "failed",
	cancelled: "cancelled",
	interrupted: "interrupted",
};

/** How it ended, or what it waits for. */
export function stateOf({ status, outcome, verdict, bake, confirm }: TimelineRow): string {
	if (status === "running") return "running";
	if (confirm?.state === "awaiting" && outcome !== "live_unhealthy") return "awaits confirmation";
	if (bake?.state === "running") return "being watched";
	if (outcome === undefined || outcome === "live") return verdict ?? "live, not judged";
	if (outcome === "unchanged" && verdict === "unhealthy") return "unhealthy, nothing to swap";
	return outcomeWords[outcome] ?? outcome;
}

export function kindOf({ kind }: TimelineRow): string {
	return kind === "auto_rollback" ? "revert" : kind;
}

/** What this one has to do with another. */
export function relationOf({ causedBy, target }: TimelineRow): string | undefined {
	const to = target ? `to ${target.deploymentId}` : "";
	if (causedBy) return `${to} because of ${causedBy}`.trim();
	return to || undefined;
}

const units: [Intl.RelativeTimeFormatUnit, number][] = [
	["year", 31_536_000_000],
	["month", 2_592_000_000],
	["day", 86_400_000],
	["hour", 3_600_000],
	["minute", 60_000],
];

/** `3 hours ago`; below a minute `just now`. */
export function agoOf(time: string, nowMs: number, style: "long" | "narrow" = "long"): string {
	const ms = nowMs - Date.parse(time);
	const unit = units.find(([, size]) => Math.abs(ms) >= size);
	if (!unit) return "just now";
	return new Intl.RelativeTimeFormat("en", { style, numeric: "always" }).format(-Math.trunc(ms / unit[1]), unit[0]);
}
