// Shows a deployment (contract section 4). Absent rather than null, but `rollbackId` is null without an image.

import { mismatchWarnings } from "../engine/history/mismatch-words.ts";
import { notRollbackableBecause } from "../engine/history/targets.ts";
import type { LiveView } from "../engine/service/observe.ts";
import type { Deployment, RollbackPoint } from "../model/deployment.ts";
import { firstLine } from "../text/first-line.ts";
import { nextOf } from "./next.ts";
import type { ToolAnswer } from "./tool.ts";

export interface ViewContext {
	live: LiveView;
	point: RollbackPoint | undefined;
}

/** The whole deployment. An error status makes the answer an error that keeps its content. */
export function deploymentAnswer(deployment: Deployment, context: ViewContext): ToolAnswer {
	const next = nextOf(deployment);
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
		requestedBy: deployment.requestedBy,
		startedAt: deployment.startedAt,
		durationMs: durationOf(deployment),
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
		rolledOver: deployment.rolledOver,
		rolloverNote: deployment.rolloverNote,
		health: deployment.health,
		autoRollback: deployment.autoRollback,
		autoRollbackNote: deployment.autoRollbackNote,
		causedBy: deployment.causedBy,
		orchestrator: deployment.orchestrator,
		target: deployment.target,
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

function warningsOf(deployment: Deployment): string[] | undefined {
	const all = [...mismatchWarnings(deployment), ...(deployment.warnings ?? [])];
	return all.length > 0 ? all : undefined;
}

function rollbackFields(deployment: Deployment, { live, point }: ViewContext): Record<string, unknown> {
	const because = notRollbackableBecause(deployment, point);
	return {
		rollbackId: deployment.rollbackId ?? null,
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
