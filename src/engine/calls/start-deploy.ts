// Checks a deploy before anything is recorded.
import type { Application } from "../../model/application.ts";
import type { Deployment, DeploymentFacts, DeploymentRequest } from "../../model/deployment.ts";
import { ensureClaimsFree } from "../claims/ensure-free.ts";
import type { Engine } from "../engine.ts";
import { ensureReturnable } from "../history/ensure-returnable.ts";
import { findMismatch } from "../history/mismatch.ts";
import { requireRegistry } from "../history/require-registry.ts";
import { reopenIfLive } from "../pipeline/settle.ts";
import { observeOwnService } from "../service/observe.ts";
import { releaseOf } from "../service/spec.ts";
import { ensureExpectedCurrent } from "../service/stale-view.ts";
import { ensureDeployable } from "./ensure-deployable.ts";
import { type StartOrder, startDeployment } from "./start.ts";

export type CallFacts = Pick<StartOrder, "applicationId" | "requestId" | "reason" | "requestedBy">;

/** @throws application_not_found, deploy_in_progress, deployments_held, awaiting_confirmation, nothing_to_return_to, too_many_failures, docker_unreachable, swarm_not_ready, service_not_ours, name_taken, host_taken, stale_view, registry_not_configured */
export async function startDeploy(engine: Engine, call: CallFacts, request: DeploymentRequest): Promise<Deployment> {
	return startDeployment(
		engine,
		{ ...call, kind: "deploy", request },
		{
			check: (application) => checkDeploy(engine, application, request),
			// Asked again: somebody may have held it since.
			withRecord: ({ applicationId }) => ensureDeployable(engine, applicationId, request),
		},
	);
}

async function checkDeploy(engine: Engine, application: Application, request: DeploymentRequest): Promise<DeploymentFacts> {
	const { applicationId, repoUrl, config } = application;
	ensureDeployable(engine, applicationId, request);
	requireRegistry(engine.registry, config);
	if (request.confirmWithin !== undefined) await ensureReturnable(engine, applicationId);
	engine.source.checkAddress(repoUrl);
	const [, service] = await Promise.all([engine.swarm.facts(), observeOwnService(engine.swarm, application)]);
	await reopenIfLive(engine, releaseOf(service));
	await ensureClaimsFree(engine, application);
	ensureExpectedCurrent(request.expectedCurrent, service);
	// Shown as it was asked for until the checkout knows better; what git would refuse may stand in it.
	const asked = request.ref === undefined ? {} : { ref: engine.untrusted.line(request.ref) };
	return { ...asked, begunOver: releaseOf(service)?.deploymentId ?? null, mismatch: findMismatch(engine, { application, service }) };
}
