// Shows a deployment (contract section 4). Absent rather than null, but `rollbackId` is null without an image.

import { mismatchWarnings } from "../engine/history/mismatch-words.ts";
import { othersWarnings } from "../engine/history/others-words.ts";
import { notRollbackableBecause } from "../engine/history/targets.ts";
import type { LiveView } from "../engine/service/observe.ts";
import type { Deployment, RollbackPoint } from "../model/deployment.ts";
import { firstLine } from "../text/first-line.ts";
import { becauseOf } from "./because.ts";
import { nextOf, type WayBackOrNone } from "./next.ts";
import { isRefusal } from "./refusal.ts";
import type { ToolAnswer } from "./tool.ts";

export interface ViewContext {
	live: LiveView;
	point: RollbackPoint | undefined;
	/** What was live before, where that is recorded. */
	before?: Deployment | undefined;
	/** Absent: not known. */
	wayBack?: WayBackOrNone;
}

/** The whole deployment. An error status makes the answer an error that keeps its content. */
export function deploymentAnswer(deployment: Deployment, context: ViewContext): ToolAnswer {
	const next = nextOf(deployment, context.before, context.wayBack);
	return {
		content: { ...viewDeployment(deployment, context), ...(next.length > 0 ? { next } : {}) },
		failed: deployment.status === "error",
	};
}

/** What one chooses by in a list. */
export function viewInList(deployment: Deployment, context: ViewContext): Record<string, unknown> {
	const { commit, target } = deployment;
	return withoutUndefined({
		deploymentId: deployment.deploymentId,
		kind: deployment.kind,
		status: deployment.status,
		outcome: deployment.outcome,
		verdict: deployment.verdict,
		commit: commit && { sha: commit.sha, message: firstLine(commit.message) },
		...rollbackFields(deployment, context),
		target: target && { deploymentId: target.deploymentId, rollbackId: target.rollbackId },
		...probationFields(deployment),
		causedBy: deployment.causedBy,
		requestedBy: deployment.requestedBy,
		reason: deployment.reason,
		startedAt: deployment.startedAt,
		durationMs: durationOf(deployment),
		because: becauseOf(deployment),
		next: deployment.status === "running" && deployment.kind !== "auto_rollback" ? nextOf(deployment) : undefined,
	});
}

function viewDeployment(deployment: Deployment, context: ViewContext): Record<string, unknown> {
	const { image } = deployment;
	return withoutUndefined({
		deploymentId: deployment.deploymentId,
		applicationId: deployment.applicationId,
		kind: deployment.kind,
		status: deployment.status,
		phase: deployment.phase,
		outcome: deployment.outcome,
		ref: deployment.ref,
		commit: deployment.commit,
		image: image && { reference: image.reference, digest: image.digest },
		...rollbackFields(deployment, context),
		...badEnd(deployment, context.before),
		rolledOver: deployment.rolledOver,
		rolloverNote: deployment.rolloverNote,
		health: deployment.health,
		lastLines: deployment.verdict === "unhealthy" ? deployment.lastLines : undefined,
		autoRollback: deployment.autoRollback,
		autoRollbackNote: deployment.autoRollbackNote,
		causedBy: deployment.causedBy,
		orchestrator: deployment.orchestrator,
		orchestratorGate: deployment.orchestratorGate,
		target: deployment.target,
		bake: deployment.bake,
		confirm: deployment.confirm,
		warnings: warningsOf(deployment),
		reason: deployment.reason,
		requestedBy: deployment.requestedBy,
		startedAt: deployment.startedAt,
		finishedAt: deployment.finishedAt,
		durationMs: durationOf(deployment),
		phases: deployment.phases,
		error: deployment.error,
	});
}

const badOutcomes: ReadonlySet<string | undefined> = new Set(["live_unhealthy", "rolled_back", "degraded", "orchestrator_rolled_back"]);

/** What was live before a release that turned out bad, and for how long users may have seen the bad one. */
function badEnd(deployment: Deployment, before: Deployment | undefined): Record<string, unknown> {
	if (!badOutcomes.has(deployment.outcome)) return {};
	const { commit } = before ?? {};
	return {
		from: before && {
			deploymentId: before.deploymentId,
			...(commit ? { commit: { sha: commit.sha, message: firstLine(commit.message) } } : {}),
			verdict: before.verdict,
		},
		exposedMs: exposedMs(deployment),
	};
}

/**
 * From the first new task that could answer to the end: while the release was put there, judged, watched in its bake or until somebody confirmed it,
 * and put back. No phase tells of the watching, so the clock does. At most so long; of one that is still live, until its end was recorded.
 */
function exposedMs(deployment: Deployment): number | undefined {
	const { phases, rolledOver } = deployment;
	const swap = phases.findIndex(({ phase }) => phase === "release");
	if (rolledOver !== true || swap === -1) return undefined;
	const unexposed = phases.slice(0, swap).reduce((sum, { durationMs }) => sum + durationMs, 0);
	return Math.max(0, durationOf(deployment) - unexposed);
}

function warningsOf(deployment: Deployment): string[] | undefined {
	const all = [...mismatchWarnings(deployment), ...othersWarnings(deployment), ...(deployment.warnings ?? [])];
	return all.length > 0 ? all : undefined;
}

/** Until when matters as long as it is under way. */
export function probationFields({ bake, confirm }: Pick<Deployment, "bake" | "confirm">): Record<string, unknown> {
	return {
		...(bake ? { bake: bake.state === "running" ? { state: bake.state, until: bake.until } : { state: bake.state } } : {}),
		...(confirm
			? { confirm: confirm.state === "awaiting" ? { state: confirm.state, until: confirm.until } : { state: confirm.state } }
			: {}),
	};
}

function rollbackFields(deployment: Deployment, { live, point }: ViewContext): Record<string, unknown> {
	const refused = isRefusal(deployment);
	const because = refused ? "it was refused before its swap" : notRollbackableBecause(deployment, point);
	return {
		rollbackId: refused ? null : (deployment.rollbackId ?? null),
		rollbackable: because === undefined,
		notRollbackableBecause: because,
		current: live.observed ? live.release?.deploymentId === deployment.deploymentId : undefined,
	};
}

function durationOf({ startedAt, finishedAt }: Deployment): number {
	return (finishedAt ? Date.parse(finishedAt) : Date.now()) - Date.parse(startedAt);
}

function withoutUndefined(record: Record<string, unknown>): Record<string, unknown> {
	return Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined));
}
