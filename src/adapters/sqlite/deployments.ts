// Owns the table of deployments: the history, and how far each run of the pipeline is.
import { type EndOfDeployment, LockLost, type NewDeployment } from "../../engine/ports/store.ts";
import type { Deployment, DeploymentFacts, Phase } from "../../model/deployment.ts";
import type { Database } from "./database.ts";
import { toDeployment } from "./deployment-row.ts";

/** `heldBy` is the deployment that must hold the lock: itself, or for an auto-rollback the one that caused it. */
export function createDeployment(database: Database, deployment: NewDeployment, heldBy = deployment.deploymentId): Deployment {
	return database.transaction(() => {
		const held = database.get(
			"SELECT 1 AS held FROM locks WHERE application_id = ? AND deployment_id = ? AND expires_at > ?",
			deployment.applicationId,
			heldBy,
			Date.now(),
		);
		if (!held) throw new LockLost(`${heldBy} no longer holds the lock of ${deployment.applicationId}`);
		const now = new Date().toISOString();
		database.run(
			`INSERT INTO deployments (deployment_id, application_id, kind, status, phase, request, request_id, reason, requested_by,
			started_at, phases, phase_started_at, facts) VALUES (?, ?, ?, 'running', 'queued', ?, ?, ?, ?, ?, '[]', ?, ?)`,
			deployment.deploymentId,
			deployment.applicationId,
			deployment.kind,
			JSON.stringify(deployment.request),
			deployment.requestId ?? null,
			deployment.reason ?? null,
			deployment.requestedBy,
			now,
			now,
			JSON.stringify(deployment.facts),
		);
		return getDeployment(database, deployment.deploymentId);
	});
}

export function findDeployment(database: Database, deploymentId: string): Deployment | undefined {
	const row = database.get("SELECT * FROM deployments WHERE deployment_id = ?", deploymentId);
	return row && toDeployment(row);
}

export function findByRequestId(database: Database, applicationId: string, requestId: string): Deployment | undefined {
	const row = database.get("SELECT * FROM deployments WHERE application_id = ? AND request_id = ?", applicationId, requestId);
	return row && toDeployment(row);
}

export function listDeployments(database: Database, applicationId: string, limit: number, beforeSequence?: number): Deployment[] {
	return database
		.all(
			"SELECT * FROM deployments WHERE application_id = ? AND sequence < ? ORDER BY sequence DESC LIMIT ?",
			applicationId,
			beforeSequence ?? Number.MAX_SAFE_INTEGER,
			limit,
		)
		.map(toDeployment);
}

export function listAbandoned(database: Database): Deployment[] {
	return database
		.all(
			`SELECT deployments.* FROM deployments JOIN locks USING (deployment_id)
			WHERE deployments.status = 'running' AND locks.expires_at <= ? ORDER BY sequence`,
			Date.now(),
		)
		.map(toDeployment);
}

export function recordFacts(database: Database, deploymentId: string, facts: DeploymentFacts): void {
	database.transaction(() => {
		const merged = { ...readFacts(database, deploymentId), ...facts };
		database.run("UPDATE deployments SET facts = ? WHERE deployment_id = ?", JSON.stringify(merged), deploymentId);
	});
}

export function recordStep(database: Database, deploymentId: string, step: string): void {
	database.run("UPDATE deployments SET step = ? WHERE deployment_id = ?", step, deploymentId);
}

export function enterPhase(database: Database, deploymentId: string, phase: Phase): void {
	database.transaction(() => {
		const { phases } = closePhase(getDeployment(database, deploymentId));
		database.run(
			"UPDATE deployments SET phase = ?, step = NULL, phases = ?, phase_started_at = ? WHERE deployment_id = ?",
			phase,
			JSON.stringify(phases),
			new Date().toISOString(),
			deploymentId,
		);
	});
}

export function enterRelease(database: Database, deploymentId: string): boolean {
	return database.transaction(() => {
		const { status, cancelRequested } = getDeployment(database, deploymentId);
		// A worker that stood still for too long was settled meanwhile: it must not swap.
		if (status !== "running") throw new LockLost(`${deploymentId} is over`);
		if (cancelRequested) return false;
		enterPhase(database, deploymentId, "release");
		return true;
	});
}

export function finishDeployment(database: Database, deploymentId: string, end: EndOfDeployment): void {
	database.transaction(() => {
		const { phases } = closePhase(getDeployment(database, deploymentId));
		const facts = { ...readFacts(database, deploymentId), ...end.facts };
		database.run(
			`UPDATE deployments SET status = ?, phase = 'finished', step = NULL, outcome = ?, verdict = coalesce(?, verdict), facts = ?,
			phases = ?, finished_at = ? WHERE deployment_id = ? AND status = 'running'`,
			end.status,
			end.outcome,
			end.verdict ?? null,
			JSON.stringify(facts),
			JSON.stringify(phases),
			new Date().toISOString(),
			deploymentId,
		);
		database.run("DELETE FROM locks WHERE deployment_id = ?", deploymentId);
	});
}

export function requestCancel(database: Database, deploymentId: string, by: string, reason: string | undefined): boolean {
	const cancel = JSON.stringify({ by, ...(reason === undefined ? {} : { reason }), at: new Date().toISOString() });
	const changed = database.run(
		`UPDATE deployments SET cancel = coalesce(cancel, ?) WHERE deployment_id = ? AND status = 'running'
		AND phase IN ('queued', 'checkout', 'build', 'push')`,
		cancel,
		deploymentId,
	);
	return changed === 1;
}

function getDeployment(database: Database, deploymentId: string): Deployment {
	const deployment = findDeployment(database, deploymentId);
	if (!deployment) throw new Error(`no deployment ${deploymentId}`);
	return deployment;
}

function readFacts(database: Database, deploymentId: string): DeploymentFacts {
	const row = database.get("SELECT facts FROM deployments WHERE deployment_id = ?", deploymentId);
	return JSON.parse(String(row?.facts)) as DeploymentFacts;
}

function closePhase(deployment: Deployment): { phases: Deployment["phases"] } {
	const durationMs = Math.max(0, Date.now() - Date.parse(deployment.phaseStartedAt));
	return { phases: [...deployment.phases, { phase: deployment.phase, durationMs }] };
}
