// Tells how an app is now: probes its edges, reads its tasks, compares what runs with what should.
import type { Application } from "../../model/application.ts";
import type { Mismatch } from "../../model/deployment.ts";
import type { Health } from "../../model/health.ts";
import type { ObservedTask, Release } from "../../model/service.ts";
import type { Engine } from "../engine.ts";
import { judgeEdges } from "../health/gate.ts";
import { excusesOf } from "../health/known-edge.ts";
import { findMismatch } from "../history/mismatch.ts";
import { lastPutThere } from "../service/last-put.ts";
import { observeOwnService } from "../service/observe.ts";
import { endedByItself, isRunning, replicasOf } from "../service/revision.ts";
import { digestIn, releaseOf } from "../service/spec.ts";
import { whileSeveralAnswer } from "./while-several-answer.ts";

export interface TaskView {
	taskId: string;
	/** Of the release that its stamp names. */
	deploymentId?: string;
	node: string;
	state: string;
	digest: string | null;
	/** Earlier tasks of the same replica and release that ended by themselves; not those that were replaced or stopped. */
	restarts: number;
	exitCode?: number;
	error?: string;
	/** Of the container's own health check, where that can be known. */
	health?: string;
	since: string;
}

export interface AppHealth {
	applicationId: string;
	health: Health;
	tasks: { desired: number; running: number; items: TaskView[] };
	/** Without a digest where the service was given a bare tag, without a deployment where the image is not that release's. */
	running?: Partial<Release>;
	expected?: Release;
	/** What the service is stamped with; undefined where deploymill did not put that image there. */
	release?: Release;
	/** Every running task is of the release last put there, and as many run as are wanted. */
	matches: boolean;
	/** What is there in place of what deploymill last put there. */
	mismatch?: Mismatch;
}

/** @throws docker_unreachable, service_not_ours */
export async function readAppHealth(engine: Engine, application: Application, signal?: AbortSignal): Promise<AppHealth> {
	const { applicationId } = application;
	const service = await observeOwnService(engine.swarm, application);
	const last = lastPutThere(engine.store, applicationId);
	const baseline = excusesOf(last && engine.store.findDeployment(last.deploymentId));
	const listTasks = async () => (service ? await engine.swarm.listTasks(applicationId) : []);
	const tasksBefore = await listTasks();
	const { health: probed } = await judgeEdges(engine, { application, service, baseline, isFresh: false, ...(signal ? { signal } : {}) });
	const tasks = await listTasks();
	const desired = service ? replicasOf(service) : 0;
	const running = tasks.filter(isRunning);
	const expected = last && { deploymentId: last.deploymentId, digest: last.digest };
	const mismatch = findMismatch(engine, { application, service, tasks });
	const matches =
		mismatch === undefined &&
		expected !== undefined &&
		running.length > 0 &&
		running.length >= desired &&
		running.every((task) => isOf(task, expected));
	const [first] = running;
	const release = releaseOf(service);
	return {
		applicationId,
		health: running.length > 0 ? whileSeveralAnswer(probed, [...tasksBefore, ...tasks]) : withoutTasks(probed),
		tasks: { desired, running: running.length, items: await Promise.all(currentTasks(tasks).map((task) => viewTask(engine, task, tasks))) },
		...(first ? { running: releaseThatRuns(first) } : {}),
		...(expected ? { expected } : {}),
		...(release ? { release } : {}),
		matches,
		...(mismatch ? { mismatch } : {}),
	};
}

/** An ingress may answer well for a host it knows no app behind, as Caddy does with an empty 200. */
function withoutTasks({ verdict, edges }: Health): Health {
	if (verdict !== "healthy") return { verdict, edges };
	const error = "something answered, but no task of the application runs";
	return { verdict: "unhealthy", edges: edges.map((edge) => ({ ...edge, verdict: "unhealthy", error })) };
}

/** The stamp alone proves nothing: a service that is given another image by hand keeps its labels. */
function isOf(task: ObservedTask, { deploymentId, digest }: Release): boolean {
	return task.release?.deploymentId === deploymentId && digestIn(task.image) === digest;
}

function releaseThatRuns(task: ObservedTask): Partial<Release> {
	if (task.release && isOf(task, task.release)) return task.release;
	const digest = digestIn(task.image);
	return digest ? { digest } : {};
}

/** Of each replica the newest task, and every other that still runs. At most twenty. */
function currentTasks(tasks: ObservedTask[]): ObservedTask[] {
	const seen = new Set<number>();
	return tasks.filter((task) => (!seen.has(task.slot) && seen.add(task.slot)) || task.state === "running").slice(0, 20);
}

async function viewTask(engine: Engine, task: ObservedTask, all: ObservedTask[]): Promise<TaskView> {
	const earlier = all.filter(
		(other) =>
			other.id !== task.id &&
			other.slot === task.slot &&
			other.release?.deploymentId === task.release?.deploymentId &&
			other.createdAt < task.createdAt &&
			endedByItself(other),
	);
	const health = task.state === "running" || task.state === "starting" ? await engine.swarm.containerHealth(task) : undefined;
	return {
		taskId: task.id,
		...(task.release ? { deploymentId: task.release.deploymentId } : {}),
		node: task.node,
		state: task.state,
		digest: digestIn(task.image) ?? null,
		restarts: earlier.length,
		...(task.exitCode === undefined ? {} : { exitCode: task.exitCode }),
		...(task.error === undefined ? {} : { error: engine.untrusted.fence("task error", task.error, 200) }),
		...(health ? { health } : {}),
		since: task.since,
	};
}
