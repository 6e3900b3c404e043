// Checks a rollback before anything is recorded, and starts it.
import { quote } from "../../config/quote.ts";
import { DeploymillError } from "../../errors.ts";
import type { Application } from "../../model/application.ts";
import type { Deployment, DeploymentFacts, DeploymentRequest, MigrationGap, Mismatch, RollbackPoint } from "../../model/deployment.ts";
import type { ObservedService, Release } from "../../model/service.ts";
import { ensureClaimsFree } from "../claims/ensure-free.ts";
import type { Engine } from "../engine.ts";
import { EarlyBaseline } from "../health/early-baseline.ts";
import { readHistory } from "../history/history.ts";
import { countGap, migrationGap, shownGap } from "../history/migration-gap.ts";
import { findMismatch } from "../history/mismatch.ts";
import { factsOfTarget } from "../history/target-facts.ts";
import { type Candidate, defaultTarget, type History, notRollbackableBecause } from "../history/targets.ts";
import { ensurePullable, type Pullable, registryLostIt } from "../history/usable-image.ts";
import { reopenIfLive } from "../pipeline/settle.ts";
import type { Store } from "../ports/store.ts";
import { observeOwnService } from "../service/observe.ts";
import { releaseOf } from "../service/spec.ts";
import { ensureExpectedCurrent } from "../service/stale-view.ts";
import { startDeployment } from "./start.ts";
import type { CallFacts } from "./start-deploy.ts";

/** What is live, what is to be gone back to, and what lies in between; read from the record and from Swarm. */
export interface RollbackView {
	history: History;
	service: ObservedService | undefined;
	live: Release | undefined;
	/** What stands in place of what deploymill last put there. */
	mismatch: Mismatch | undefined;
	/** The recorded deployment that is live; undefined where Swarm runs one that this server does not know. */
	from: Deployment | undefined;
	target: Candidate;
	migrations: MigrationGap;
}

/** @throws rollback_not_found, rollback_not_usable, migrations_in_gap, stale_view, name_taken, host_taken, registry_auth_failed, image_missing, registry_unreachable, … */
export async function startRollback(
	engine: Engine,
	call: CallFacts,
	rollbackId: string | undefined,
	request: DeploymentRequest,
): Promise<Deployment> {
	const { applicationId, requestedBy, reason } = call;
	return startDeployment(
		engine,
		{ ...call, kind: "rollback", request },
		{
			check: (application) => checkRollback(engine, application, rollbackId, request),
			// With the record, so that no deploy comes between.
			withRecord() {
				if (request.hold) engine.store.holdDeployments(applicationId, requestedBy, reason);
			},
		},
	);
}

const heldFromNowOn = "Deploys are held from now on, however this ends: set_hold with hold: false lifts that.";

async function checkRollback(
	engine: Engine,
	application: Application,
	rollbackId: string | undefined,
	request: DeploymentRequest,
): Promise<DeploymentFacts> {
	const view = await viewRollback(engine, application, rollbackId);
	await reopenIfLive(engine, view.live);
	ensureExpectedCurrent(request.expectedCurrent, view.service);
	if (!request.allowMigrations) ensureNoMigrations(view);
	using early = new EarlyBaseline(engine, application);
	// The registry takes the longest to answer, and is asked meanwhile. What it says is told where nothing else refuses the call.
	const asked = pullableOrGivenUp(engine, view.target.point);
	asked.catch(() => undefined);
	await ensureClaimsFree(engine, application);
	const { warning } = await asked;
	const warnings = [...(warning ? [warning] : []), ...(request.hold ? [heldFromNowOn] : [])];
	return {
		...factsOfTarget(view.target.deployment, view.target.point),
		begunOver: view.live?.deploymentId ?? null,
		mismatch: view.mismatch,
		...early.facts,
		...(warnings.length > 0 ? { warnings } : {}),
	};
}

/** An image that is found to be gone is not offered again. @throws registry_auth_failed, image_missing, registry_unreachable */
async function pullableOrGivenUp(engine: Engine, point: RollbackPoint): Promise<Pullable> {
	try {
		return await ensurePullable(engine, point);
	} catch (error) {
		if (error instanceof DeploymillError && error.code === "image_missing") engine.store.markUnusable(point.rollbackId, registryLostIt);
		throw error;
	}
}

/** @throws rollback_not_found, rollback_not_usable, service_not_ours, docker_unreachable */
export async function viewRollback(engine: Engine, application: Application, rollbackId: string | undefined): Promise<RollbackView> {
	const { applicationId } = application;
	const service = await observeOwnService(engine.swarm, application);
	const live = releaseOf(service);
	const history = readHistory(engine.store, applicationId, live?.deploymentId);
	const target = rollbackId === undefined ? defaultOrRefuse(history, live) : namedOrRefuse(engine.store, applicationId, rollbackId);
	const from = history.deployments.find(({ deploymentId }) => deploymentId === live?.deploymentId);
	const mismatch = findMismatch(engine, { application, service });
	return { history, service, live, mismatch, from, target, migrations: migrationGap(target.deployment, from) };
}

function defaultOrRefuse(history: History, live: Release | undefined): Candidate {
	const target = defaultTarget(history, live);
	if (target) return target;
	throw new DeploymillError(
		"rollback_not_found",
		"No deployment earlier than the live one is recorded healthy with an image that can be gone back to.",
		{
			hint: "Call list_deployments and pass the rollbackId of a rollbackable deployment; to roll forward, name the one you left.",
		},
	);
}

function namedOrRefuse(store: Store, applicationId: string, rollbackId: string): Candidate {
	const point = store.findRollbackPoint(rollbackId);
	const deployment = point && store.findDeployment(point.deploymentId);
	if (!point || !deployment || point.applicationId !== applicationId) {
		throw new DeploymillError("rollback_not_found", `rollbackId: ${applicationId} has no rollback point ${quote(rollbackId)}.`);
	}
	const because = notRollbackableBecause(deployment, point);
	if (because)
		throw new DeploymillError("rollback_not_usable", `rollbackId: ${rollbackId} cannot be used: ${because}.`, { details: { because } });
	return { deployment, point };
}

/** @throws migrations_in_gap */
export function ensureNoMigrations({ migrations, target }: RollbackView): void {
	if (migrations.files.length === 0) return;
	throw new DeploymillError(
		"migrations_in_gap",
		`${countGap(migrations)} differ between what is live and ${target.deployment.deploymentId}; a rollback does not take them back.`,
		{ details: { ...shownGap(migrations), rollbackId: target.point.rollbackId } },
	);
}
