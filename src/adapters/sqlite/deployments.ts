// Keeps the table of deployments: the history, and how far each run of the pipeline is. Whatever a run writes is guarded by its hold.
import {
	type AdoptedDeployment,
	type Begun,
	type EndOfDeployment,
	type Hold,
	LockLost,
	type NewDeployment,
} from "../../engine/ports/store.ts";
import type { AutoRollback, Deployment, DeploymentFacts, Phase } from "../../model/deployment.ts";
import { type EventName, eventOf } from "../../model/event.ts";
import type { Database } from "./database.ts";
import { isTelling, selectDeployments, toDeployment } from "./deployment-row.ts";
import { insertEnd, insertEvent } from "./events.ts";
import { ensureHeld, insertLock, isExpired, whoHolds } from "./locks.ts";
import { beginProbation, letGoOfWatch } from "./probations.ts";
import { giveUpOwnPoint, insertPoint, takeUpOwnPoint } from "./rollback-points.ts";

export function beginDeployment(database: Database, deployment: NewDeployment, newestSeen: number, leaseMs: number): Begun {
	return database.transaction(() => {
		const { applicationId, deploymentId, requestId, requestedBy } = deployment;
		const known = requestId === undefined ? undefined : findByRequestId(database, applicationId, requestId);
		if (known) return { state: "known", deployment: known };
		const holder = whoHolds(database, applicationId);
		if (holder) return { state: "locked", holder };
		const [newest] = listDeployments(database, applicationId, 1);
		if ((newest?.sequence ?? 0) !== newestSeen) return { state: "overtaken" };
		insertLock(database, { applicationId, deploymentId }, null, requestedBy, leaseMs);
		return { state: "begun", deployment: insertDeployment(database, deployment) };
	});
}

export function recordAdopted(database: Database, { end, point, ...adopted }: AdoptedDeployment): void {
	database.transaction(() => {
		const { deploymentId, applicationId } = adopted;
		insertDeployment(database, { ...adopted, kind: "adopted", request: {}, facts: {} });
		writeEnd(database, deploymentId, end, [], { at: now(database), putOrder: nextPutOrder(database, applicationId) });
		if (point) insertPoint(database, { ...point, applicationId, deploymentId });
	});
}

export function beginRevert(database: Database, hold: Hold, revert: NewDeployment, autoRollback: AutoRollback): Deployment {
	return database.transaction(() => {
		recordFacts(database, hold, hold.deploymentId, { autoRollback });
		return insertDeployment(database, revert);
	});
}

export function findDeployment(database: Database, deploymentId: string): Deployment | undefined {
	const row = database.get(`${selectDeployments} WHERE deployment_id = ?`, deploymentId);
	return row && toDeployment(row);
}

/** What runs holds its application's lock until its end, and a revert runs under that of its deploy. */
export function findInProgress(database: Database, applicationId: string): Deployment | undefined {
	const row = database.get(
		`SELECT deployments.* FROM locks JOIN deployments USING (deployment_id)
		WHERE locks.application_id = ? AND deployments.status = 'running'`,
		applicationId,
	);
	return row && toDeployment(row);
}

export function findByRequestId(database: Database, applicationId: string, requestId: string): Deployment | undefined {
	const row = database.get(`${selectDeployments} WHERE application_id = ? AND request_id = ?`, applicationId, requestId);
	return row && toDeployment(row);
}

export function listDeployments(database: Database, applicationId: string, limit: number, beforeSequence?: number): Deployment[] {
	return database
		.all(
			`${selectDeployments} WHERE application_id = ? AND sequence < ? ORDER BY sequence DESC LIMIT ?`,
			applicationId,
			beforeSequence ?? Number.MAX_SAFE_INTEGER,
			limit,
		)
		.map(toDeployment);
}

export function listTelling(database: Database, applicationId: string, limit: number, beforeSequence: number): Deployment[] {
	return database
		.all(
			`${selectDeployments} WHERE application_id = ? AND sequence < ? AND ${isTelling} ORDER BY sequence DESC LIMIT ?`,
			applicationId,
			beforeSequence,
			limit,
		)
		.map(toDeployment);
}

export function findLastPut(database: Database, applicationId: string): Deployment | undefined {
	const row = database.get(
		`${selectDeployments} WHERE application_id = ? AND facts ->> 'putOrder' IS NOT NULL
		ORDER BY facts ->> 'putOrder' DESC, sequence DESC LIMIT 1`,
		applicationId,
	);
	return row && toDeployment(row);
}

export function listAbandoned(database: Database): Deployment[] {
	return database
		.all(
			`SELECT deployments.*, locks.expires_at FROM deployments JOIN locks USING (deployment_id)
			WHERE deployments.status = 'running' ORDER BY sequence`,
		)
		.filter((row) => isExpired(database, row))
		.map(toDeployment);
}

export function recordFacts(database: Database, hold: Hold, deploymentId: string, facts: DeploymentFacts): void {
	change(database, hold, deploymentId, () => {
		const merged = { ...readFacts(database, deploymentId), ...facts };
		database.run("UPDATE deployments SET facts = ? WHERE deployment_id = ?", JSON.stringify(merged), deploymentId);
	});
}

export function recordStep(database: Database, hold: Hold, deploymentId: string, step: string): void {
	change(database, hold, deploymentId, () => {
		database.run("UPDATE deployments SET step = ? WHERE deployment_id = ?", step, deploymentId);
	});
}

export function enterPhase(database: Database, hold: Hold, deploymentId: string, phase: Phase): void {
	change(database, hold, deploymentId, (deployment) => {
		if (deployment.phase === phase) return;
		database.run(
			"UPDATE deployments SET phase = ?, step = NULL, phases = ?, phase_started_at = ? WHERE deployment_id = ?",
			phase,
			JSON.stringify(closePhase(database, deployment)),
			now(database),
			deploymentId,
		);
	});
}

export function enterRelease(database: Database, hold: Hold, deploymentId: string, facts: DeploymentFacts): boolean {
	return change(database, hold, deploymentId, ({ cancelRequested }) => {
		if (cancelRequested) return false;
		recordFacts(database, hold, deploymentId, facts);
		enterPhase(database, hold, deploymentId, "release");
		return true;
	});
}

export function finishDeployments(database: Database, hold: Hold, ends: { deploymentId: string; end: EndOfDeployment }[]): void {
	database.transaction(() => {
		// One for both: of a deploy and its revert the revert is the later one by its sequence.
		const putOrder = nextPutOrder(database, hold.applicationId);
		for (const { deploymentId, end } of ends) finish(database, hold, deploymentId, end, putOrder);
		if (ends.some(({ deploymentId }) => deploymentId === hold.deploymentId))
			database.run("DELETE FROM locks WHERE application_id = ?", hold.applicationId);
	});
}

function finish(database: Database, hold: Hold, deploymentId: string, end: EndOfDeployment, putOrder: number): void {
	change(database, hold, deploymentId, (deployment) => {
		const at = now(database);
		writeEnd(database, deploymentId, end, closePhase(database, deployment), { at, putOrder });
		if (end.probation) beginProbation(database, end.probation);
		if (end.givesUpOwnPoint !== undefined) giveUpOwnPoint(database, deploymentId, end.givesUpOwnPoint);
		insertEnd(database, eventOf(getDeployment(database, deploymentId), end.outcome, at));
	});
}

export function recordEvent(database: Database, deploymentId: string, event: EventName, note?: string): void {
	database.transaction(() => insertEvent(database, eventOf(getDeployment(database, deploymentId), event, now(database), note)));
}

function writeEnd(
	database: Database,
	deploymentId: string,
	end: EndOfDeployment,
	phases: Deployment["phases"],
	{ at, putOrder }: { at: string; putOrder: number },
): void {
	const isThere = end.facts?.rolledOver === true || end.facts?.runsOn !== undefined;
	database.run(
		`UPDATE deployments SET status = ?, phase = 'finished', step = NULL, outcome = ?, verdict = ?, facts = ?,
		phases = ?, finished_at = ? WHERE deployment_id = ?`,
		end.status,
		end.outcome,
		end.verdict ?? null,
		JSON.stringify({ ...readFacts(database, deploymentId), ...end.facts, ...(isThere ? { putOrder } : {}) }),
		JSON.stringify(phases),
		at,
		deploymentId,
	);
}

function nextPutOrder(database: Database, applicationId: string): number {
	const row = database.get("SELECT max(facts ->> 'putOrder') AS last FROM deployments WHERE application_id = ?", applicationId);
	return Number(row?.last ?? 0) + 1;
}

/** What its end had said is taken back: it is past the swap again, and nothing is known of it but that. */
export function reopenDeployment(database: Database, deploymentId: string, leaseMs: number): boolean {
	return database.transaction(() => {
		const deployment = getDeployment(database, deploymentId);
		if (deployment.status === "running" || whoHolds(database, deployment.applicationId)) return false;
		const {
			error: _error,
			rolloverNote: _note,
			rolledOver: _rolled,
			orchestrator: _report,
			undoing: _undoing,
			putOrder: _order,
			...facts
		} = readFacts(database, deploymentId);
		database.run(
			`UPDATE deployments SET status = 'running', phase = 'release', outcome = NULL, verdict = NULL, finished_at = NULL,
			facts = ?, phase_started_at = ? WHERE deployment_id = ?`,
			JSON.stringify(facts),
			now(database),
			deploymentId,
		);
		takeUpOwnPoint(database, deploymentId);
		insertLock(database, deployment, null, deployment.requestedBy, leaseMs);
		return true;
	});
}

/** Its verdict stays until it ends again. */
export function reopenToTakeBack(database: Database, deploymentId: string, facts: DeploymentFacts, leaseMs: number): boolean {
	return database.transaction(() => {
		const deployment = getDeployment(database, deploymentId);
		if (deployment.status === "running" || whoHolds(database, deployment.applicationId)) return false;
		database.run(
			`UPDATE deployments SET status = 'running', phase = 'health', outcome = NULL, finished_at = NULL, facts = ?, phase_started_at = ?
			WHERE deployment_id = ?`,
			JSON.stringify({ ...readFacts(database, deploymentId), ...facts }),
			now(database),
			deploymentId,
		);
		letGoOfWatch(database, deploymentId);
		insertLock(database, deployment, null, deployment.requestedBy, leaseMs);
		return true;
	});
}

export function requestCancel(database: Database, deploymentId: string, by: string, reason: string | undefined): boolean {
	const cancel = JSON.stringify({ by, ...(reason === undefined ? {} : { reason }), at: now(database) });
	const changed = database.run(
		`UPDATE deployments SET cancel = coalesce(cancel, ?) WHERE deployment_id = ? AND status = 'running'
		AND kind <> 'auto_rollback' AND phase IN ('queued', 'checkout', 'build', 'push')`,
		cancel,
		deploymentId,
	);
	return changed === 1;
}

/** A write of a run: by who holds the application, on a deployment that is not over. @throws LockLost */
function change<T>(database: Database, hold: Hold, deploymentId: string, write: (deployment: Deployment) => T): T {
	return database.transaction(() => {
		ensureHeld(database, hold);
		const deployment = getDeployment(database, deploymentId);
		if (deployment.status !== "running") throw new LockLost(`${deploymentId} is over`);
		return write(deployment);
	});
}

function insertDeployment(database: Database, deployment: NewDeployment): Deployment {
	const at = now(database);
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
		at,
		at,
		JSON.stringify(deployment.facts),
	);
	return getDeployment(database, deployment.deploymentId);
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

function closePhase(database: Database, deployment: Deployment): Deployment["phases"] {
	const durationMs = Math.max(0, database.clock.now() - Date.parse(deployment.phaseStartedAt));
	return [...deployment.phases, { phase: deployment.phase, durationMs }];
}

function now(database: Database): string {
	return new Date(database.clock.now()).toISOString();
}
