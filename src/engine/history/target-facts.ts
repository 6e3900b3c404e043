// Copies from an earlier deployment what a deployment that goes back to it keeps.
import type { Deployment, DeploymentFacts, RollbackPoint } from "../../model/deployment.ts";

/** What a deployment that goes back to `target` is known by from its start. */
export function factsOfTarget(target: Deployment, point: RollbackPoint): DeploymentFacts {
	const { commit, migrationFiles, probePrograms } = target;
	return {
		rollbackId: point.rollbackId,
		image: point.image,
		target: { deploymentId: target.deploymentId, rollbackId: point.rollbackId, ...(commit ? { commit } : {}) },
		...(commit ? { commit } : {}),
		...(migrationFiles ? { migrationFiles } : {}),
		...(probePrograms ? { probePrograms } : {}),
	};
}
