// Judges what is shown as live against what runs: it is that, or the answer says that something else is there.
import { lookAtLive } from "../../../src/engine/calls/live.ts";
import type { Engine } from "../../../src/engine/engine.ts";
import { lastPutThere } from "../../../src/engine/service/last-put.ts";
import type { TaskRecord } from "../swarm/records.ts";
import { stampOf } from "./truth.ts";
import type { Witness } from "./witness.ts";

const rule = "what is reported live is what runs, or something else is said to be there";

/** When all is quiet. */
export async function judgeShown(witness: Witness, engine: Engine): Promise<void> {
	const { folder, truth } = witness;
	const application = folder.store.findApplication(truth.applicationId);
	if (!application) return;
	const { mismatch } = await lookAtLive(engine, application);
	const last = lastPutThere(folder.store, truth.applicationId);
	const said = `${last?.deploymentId ?? "nothing"} is reported${mismatch ? `, with ${mismatch.kind}` : ""}, and ${truth.words} runs`;
	const runs = truth.runningTasks();
	const isLast = (task: Pick<TaskRecord, "template">) =>
		last !== undefined && stampOf(task) === last.deploymentId && task.template.ContainerSpec.Image.endsWith(last.digest);
	if (mismatch) {
		const wanted = truth.service?.spec.Mode.Replicated.Replicas ?? 1;
		// Where the service asks for another, that is what is said to be there.
		const { service } = truth;
		const asksForIt = service && isLast({ template: service.spec.TaskTemplate });
		if (asksForIt && runs.length >= Math.max(1, wanted) && runs.every(isLast))
			witness.breach("what is there is not called something else", said);
		return;
	}
	const isOther = !runs.every(isLast);
	const isThere = truth.service !== undefined;
	if (isOther || (last && !isThere)) witness.breach(rule, said);
}
