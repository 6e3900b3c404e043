// Turns tasks and nodes as the Engine API answers them into observed tasks.
import { unstampedEnv } from "../../model/release-env.ts";
import { labels, type ObservedTask, type Release, type TaskState } from "../../model/service.ts";

/** Of the Engine API's Task, what is read here. */
export interface RawTask {
	ID: string;
	Version: { Index: number };
	CreatedAt: string;
	Slot?: number;
	NodeID?: string;
	DesiredState: TaskState;
	Spec: { ContainerSpec?: { Image: string; Labels?: Record<string, string>; Env?: string[] | null } };
	Status: {
		Timestamp: string;
		State: TaskState;
		Message?: string;
		Err?: string;
		ContainerStatus?: { ContainerID?: string; ExitCode?: number };
	};
}

/** Of the Engine API's Node, what is read here. */
export interface RawNode {
	ID: string;
	Description?: { Hostname?: string };
	Status: { State: string };
}

/** Newest first. */
export function observeTasks(tasks: RawTask[], nodes: RawNode[]): ObservedTask[] {
	const nodesById = new Map(nodes.map((node) => [node.ID, node]));
	return tasks.toSorted(newestFirst).map((task) => observeTask(task, nodesById.get(task.NodeID ?? "")));
}

/** The host name of a node, or its id where the name is not known. */
function nodeName(node: RawNode | undefined, nodeId: string): string {
	return node?.Description?.Hostname || nodeId;
}

/** Of the variables that a task was given. Its release is no secret: masked, it would be missing wherever a deployment is named. */
export function envValuesOf({ Spec }: RawTask): string[] {
	return (unstampedEnv(Spec.ContainerSpec ?? {}) ?? []).map((variable) => variable.slice(variable.indexOf("=") + 1));
}

function observeTask(task: RawTask, node: RawNode | undefined): ObservedTask {
	const { Status: status } = task;
	const container = task.Spec.ContainerSpec;
	const release = releaseOf(container?.Labels);
	const containerId = status.ContainerStatus?.ContainerID;
	const error = status.Err;
	return {
		id: task.ID,
		slot: task.Slot ?? 0,
		...(task.NodeID ? { nodeId: task.NodeID } : {}),
		node: task.NodeID ? nodeName(node, task.NodeID) : "unassigned",
		// A task that no node has yet was not lost with one.
		nodeReady: task.NodeID ? node?.Status.State === "ready" : true,
		desiredState: task.DesiredState,
		state: status.State,
		image: container?.Image ?? "",
		...(release ? { release } : {}),
		...(containerId ? { containerId } : {}),
		...exitCodeOf(status),
		...(error ? { error } : {}),
		createdAt: new Date(task.CreatedAt).toISOString(),
		since: new Date(status.Timestamp).toISOString(),
	};
}

function releaseOf(stamps: Record<string, string> | undefined): Release | undefined {
	const deploymentId = stamps?.[labels.deployment];
	const digest = stamps?.[labels.digest];
	return deploymentId !== undefined && digest !== undefined ? { deploymentId, digest } : undefined;
}

const ended = new Set<TaskState>(["complete", "shutdown", "failed", "orphaned"]);

/** Swarm answers exit code 0 for containers that still run, too. */
function exitCodeOf({ State, ContainerStatus }: RawTask["Status"]): { exitCode?: number } {
	if (!ContainerStatus?.ContainerID || ContainerStatus.ExitCode === undefined || !ended.has(State)) return {};
	return { exitCode: ContainerStatus.ExitCode };
}

/** Times are compared as numbers: Go drops trailing zeros, which breaks the order of their texts. */
function newestFirst(a: RawTask, b: RawTask): number {
	return Date.parse(b.CreatedAt) - Date.parse(a.CreatedAt) || b.Version.Index - a.Version.Index;
}
