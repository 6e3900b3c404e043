// Looks at the tasks of a release on probation: whether they are still what was judged, and which of them ended by themselves.
import type { ObservedService, ObservedTask } from "../../model/service.ts";
import { failedTasks } from "../rollout/reading.ts";
import { tasksFingerprint } from "../service/merge.ts";
import { isSameRevision, type Revision, replicasOf, revisionOf } from "../service/revision.ts";

/** What a bake begins with is kept to this. Swarm remembers a handful of ended tasks for each replica. */
const mostEnded = 500;

/** An edit that makes no other tasks (a label, the number of replicas) leaves the release what it is; zero replicas end it. */
export function isAsJudged(service: ObservedService | undefined, ours: Revision, fingerprint: string): service is ObservedService {
	if (!service || !isSameRevision(revisionOf(service), ours) || replicasOf(service) === 0) return false;
	return tasksFingerprint(service.spec) === fingerprint;
}

export function endedTasks(tasks: ObservedTask[], ours: Revision): string[] {
	return failedTasks(tasks, ours)
		.map(({ id }) => id)
		.slice(0, mostEnded);
}
