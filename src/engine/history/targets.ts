// Chooses what to go back to: pure decisions over the recorded history.

import type { Deployment, RollbackPoint } from "../../model/deployment.ts";
import { isTrusted } from "../probation/standing.ts";

/** A deployment with the point that holds its image. */
export interface Candidate {
	deployment: Deployment;
	point: RollbackPoint;
}

/** What was recorded, newest first. */
export interface History {
	deployments: Deployment[];
	points: RollbackPoint[];
}

/**
 * Targets of an auto-rollback of `failed`, best first (contract section 8): earlier deployments recorded healthy whose
 * point is usable. Only when no earlier deployment has a verdict, earlier images that ran and were never judged. Never one
 * recorded unhealthy. An image that was healthy once and unhealthy later (when it was rolled back to, say) comes last: either
 * it went bad, or something else was down then; nobody can tell. Before it come those that were not trusted to the end: their bake was cut
 * short, still runs or was watched by nobody, or nobody confirmed them. Never the image that just failed. `inconclusive` says that nobody could tell: it counts as no verdict.
 */
export function autoRollbackTargets(
	history: History,
	failed: { sequence: number; digest: string },
): { toLastHealthy: boolean; candidates: Candidate[] } {
	const earlier = history.deployments.filter(({ sequence }) => sequence < failed.sequence);
	const candidates = usable(history, earlier).filter(({ point }) => point.image.digest !== failed.digest);
	const judged = earlier.some(({ verdict }) => verdict === "healthy" || verdict === "unhealthy");
	if (!judged) return { toLastHealthy: false, candidates: distinctImages(candidates.filter(({ deployment }) => ran(deployment))) };
	const doubtful = lastFoundUnhealthy(earlier);
	const healthy = candidates.filter(({ deployment }) => deployment.verdict === "healthy");
	const isDoubtful = ({ point }: Candidate) => doubtful.has(point.image.digest);
	const sound = healthy.filter((item) => !isDoubtful(item));
	return {
		toLastHealthy: true,
		candidates: distinctImages([...trustedFirst(sound), ...healthy.filter(isDoubtful)]),
	};
}

/** Contract section 12: those whose bake passed, or that had none, before all others. */
function trustedFirst(candidates: Candidate[]): Candidate[] {
	const trusted = candidates.filter(({ deployment }) => isTrusted(deployment));
	return [...trusted, ...candidates.filter((candidate) => !trusted.includes(candidate))];
}

/** Digests of images whose newest verdict is unhealthy. */
function lastFoundUnhealthy(newestFirst: Deployment[]): Set<string> {
	const newest = new Map<string, string>();
	for (const { image, verdict } of newestFirst) {
		if (image && (verdict === "healthy" || verdict === "unhealthy") && !newest.has(image.digest)) newest.set(image.digest, verdict);
	}
	return new Set([...newest].filter(([, verdict]) => verdict === "unhealthy").map(([digest]) => digest));
}

/**
 * Target of a rollback without a `rollbackId` (contract section 7): the most recent deployment recorded healthy that is
 * earlier than what is live, and trusted if there is such a one. Of a release that was itself rolled back to, "earlier" counts from the deployment it came
 * from: asked twice, it goes further back, and never forward to what was just left.
 */
export function defaultTarget(history: History, live: { deploymentId: string; digest: string } | undefined): Candidate | undefined {
	const origin = live && originOf(history, live.deploymentId);
	const before = origin?.sequence ?? Number.POSITIVE_INFINITY;
	const earlier = history.deployments.filter(({ sequence }) => sequence < before);
	const healthy = usable(history, earlier).filter(
		({ deployment, point }) => deployment.verdict === "healthy" && point.image.digest !== live?.digest,
	);
	return trustedFirst(healthy)[0];
}

/** The deploy that first put this image live, followed through rollbacks. */
export function originOf(history: History, deploymentId: string): Deployment | undefined {
	const deployment = history.deployments.find((item) => item.deploymentId === deploymentId);
	if (!deployment?.target) return deployment;
	return originOf(history, deployment.target.deploymentId) ?? deployment;
}

/** Why a deployment cannot be gone back to; undefined when it can. */
export function notRollbackableBecause(deployment: Deployment, point: RollbackPoint | undefined): string | undefined {
	if (deployment.status === "running") return "it is still running";
	if (!deployment.rollbackId) return whyNotCaptured(deployment);
	if (!point) return "its rollback point is gone";
	return point.unusableBecause;
}

function whyNotCaptured({ kind, image }: Deployment): string {
	if (kind === "adopted") return "no registry was found to have its image when it was taken over";
	return image ? "rollback was off when it was deployed: its image was not captured" : "no image was captured";
}

function usable(history: History, deployments: Deployment[]): Candidate[] {
	const points = new Map(history.points.map((point) => [point.rollbackId, point]));
	return deployments.flatMap((deployment) => {
		const point = deployment.rollbackId ? points.get(deployment.rollbackId) : undefined;
		return point && notRollbackableBecause(deployment, point) === undefined ? [{ deployment, point }] : [];
	});
}

/** A rollback that was cancelled or did not come up names an image, too, but it never was what ran. */
function ran({ status, rolledOver }: Deployment): boolean {
	return status === "done" || rolledOver === true;
}

function distinctImages(candidates: Candidate[]): Candidate[] {
	const seen = new Set<string>();
	return candidates.filter(({ point }) => !seen.has(point.image.digest) && seen.add(point.image.digest));
}
