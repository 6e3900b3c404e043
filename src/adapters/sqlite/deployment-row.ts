// Turns a row of the table of deployments into a deployment.
import type { Deployment, DeploymentFacts } from "../../model/deployment.ts";
import type { Probation } from "../../model/probation.ts";
import type { Row } from "./database.ts";

/** Whole rows, each with the record of its probation. */
export const selectDeployments =
	"SELECT *, (SELECT record FROM probations WHERE probations.deployment_id = deployments.deployment_id) AS probation FROM deployments";

/** A deployment that came to something, as the index deployments_telling has it. */
export const isTelling = "(kind <> 'deploy' OR verdict = 'unhealthy' OR facts ->> 'rolledOver' IS NOT 0)";

export function toDeployment(row: Row): Deployment {
	const { bake, confirm } = (row.probation ? parse(row.probation) : {}) as Partial<Probation>;
	return {
		...(parse(row.facts) as DeploymentFacts),
		deploymentId: String(row.deployment_id),
		applicationId: String(row.application_id),
		sequence: Number(row.sequence),
		kind: String(row.kind) as Deployment["kind"],
		status: String(row.status) as Deployment["status"],
		phase: String(row.phase) as Deployment["phase"],
		verdict: row.verdict as Deployment["verdict"],
		request: parse(row.request) as Deployment["request"],
		requestedBy: String(row.requested_by),
		startedAt: String(row.started_at),
		phases: parse(row.phases) as Deployment["phases"],
		phaseStartedAt: String(row.phase_started_at),
		...present("bake", bake),
		...present("confirm", confirm),
		...present("outcome", row.outcome as Deployment["outcome"] | null),
		...present("step", row.step as string | null),
		...present("requestId", row.request_id as string | null),
		...present("reason", row.reason as string | null),
		...present("finishedAt", row.finished_at as string | null),
		...present("cancelRequested", row.cancel === null ? null : (parse(row.cancel) as NonNullable<Deployment["cancelRequested"]>)),
	};
}

function present<Key extends string, Value>(key: Key, value: Value | null | undefined): { [K in Key]?: Value } {
	return value === null || value === undefined ? {} : ({ [key]: value } as { [K in Key]: Value });
}

function parse(json: Row[string] | undefined): unknown {
	return JSON.parse(String(json));
}
