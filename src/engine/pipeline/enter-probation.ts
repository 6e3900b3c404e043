// Begins what comes after the gate: the bake of the project file, and the confirmation that a deploy asked for.
import type { DeploymentKind } from "../../model/deployment.ts";
import { durationMs } from "../../model/duration.ts";
import type { Engine } from "../engine.ts";
import { patienceTold, waitOut } from "../patience.ts";
import { beginProbation } from "../probation/record.ts";
import { endedTasks, isAsJudged } from "../probation/tasks.ts";
import { tasksFingerprint } from "../service/merge.ts";
import type { RunEnd } from "./end.ts";
import type { Run } from "./run.ts";

/** A revert is not watched on: it is what ran before. */
const baked: readonly DeploymentKind[] = ["deploy", "rollback"];

const gateEnds = {
	healthy: "the gate finds it healthy",
	inconclusive: "the gate cannot tell",
	unhealthy: "the gate finds it unhealthy",
	none: "the gate has nothing to probe",
} as const;

/** The end, with what begins by it. What was taken up again after its end has had its probation. */
export async function withProbation(engine: Engine, run: Run, end: RunEnd): Promise<RunEnd> {
	const { kind, request, application } = run.values;
	const asked = { bakeMs: durationMs(application.config.health.bake ?? "0s") ?? 0, confirmMs: (request.confirmWithin ?? 0) * 1000 };
	const isAsked = asked.bakeMs > 0 || asked.confirmMs > 0;
	if (end.outcome !== "live" || !isAsked || !baked.includes(kind)) return end;
	const deployment = engine.store.findDeployment(run.deploymentId);
	if (!deployment?.image || deployment.distrusted) return end;
	const ours = { image: deployment.image.reference, deploymentId: run.deploymentId };
	const found = await lookAtTasks(engine, run);
	// Somebody was faster.
	if (!found.service || !isAsJudged(found.service, ours, tasksFingerprint(found.service.spec))) return end;
	const probation = beginProbation(
		asked,
		gateEnds[end.verdict ?? "none"],
		{
			deploymentId: run.deploymentId,
			applicationId: application.applicationId,
			policy: application.config.health,
			tasksFingerprint: tasksFingerprint(found.service.spec),
			endedBefore: endedTasks(found.tasks, ours),
		},
		{ wallMs: engine.clock.now(), monotonicMs: engine.clock.monotonic() },
	);
	return probation ? { ...end, probation } : end;
}

async function lookAtTasks({ clock, swarm }: Engine, run: Run) {
	const { applicationId } = run.application;
	const [service, tasks] = await waitOut(patienceTold(clock, run, "waiting for an answer"), () =>
		Promise.all([swarm.inspectService(applicationId), swarm.listTasks(applicationId)]),
	);
	return { service, tasks };
}
