// Tells whether a task is what its service now asks for, by Swarm's own rule.
import { isDeepStrictEqual } from "node:util";
import type { ServiceSpec } from "../../../src/model/service.ts";
import { satisfies } from "./placement.ts";
import type { Raft } from "./raft.ts";
import { isBeyond, isWanted, type ServiceRecord, type TaskRecord } from "./records.ts";

/** The labels, the policies and the number of replicas of a service are no matter of its tasks: a change of them replaces none. */
export function isDirty(raft: Raft, service: ServiceRecord, task: TaskRecord): boolean {
	if (task.specVersion === service.specVersion) return false;
	const wanted = service.spec.TaskTemplate;
	const node = raft.nodes.get(task.nodeId ?? "");
	if (node && satisfies(node, wanted.Placement?.Constraints ?? []) && sameButPlacement(wanted, task.template)) return false;
	return !isDeepStrictEqual(wanted, task.template) || !(hasItsImage(task) || isDeepStrictEqual(service.credentials, task.credentials));
}

function sameButPlacement(wanted: ServiceSpec["TaskTemplate"], has: ServiceSpec["TaskTemplate"]): boolean {
	return !isDeepStrictEqual(wanted.Placement, has.Placement) && isDeepStrictEqual({ ...wanted, Placement: has.Placement }, has);
}

/** Then other credentials for the pull make no other task. */
function hasItsImage(task: TaskRecord): boolean {
	return isWanted(task) && isBeyond(task.state, "preparing") && !isBeyond(task.state, "running");
}
