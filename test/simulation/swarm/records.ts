// Names what a Swarm's managers keep: services, tasks and nodes, in the words of the Docker Engine API.
import type { RegistryCredentials } from "../../../src/engine/ports/swarm.ts";
import type { ServiceSpec, TaskState, UpdateStatus } from "../../../src/model/service.ts";

export interface ServiceRecord {
	id: string;
	/** Index of the last change of anything about it, its update status included. */
	version: number;
	spec: ServiceSpec;
	/** Tells specs apart; a service that goes back to its previous spec gets that one's number back. */
	specVersion: number;
	/** The one spec before this. Any update overwrites it, and after Swarm's own rollback there is none. */
	previous?: { spec: ServiceSpec; specVersion: number };
	updateStatus?: UpdateStatus;
	/** What nodes pull with. */
	credentials?: RegistryCredentials;
}

export interface TaskRecord {
	id: string;
	serviceId: string;
	slot: number;
	/** Of its last change. */
	version: number;
	nodeId?: string;
	template: ServiceSpec["TaskTemplate"];
	specVersion: number;
	credentials?: RegistryCredentials;
	desiredState: TaskState;
	state: TaskState;
	message: string;
	error?: string;
	exitCode?: number;
	containerId?: string;
	/** Wall time in milliseconds. */
	createdAtMs: number;
	sinceMs: number;
}

export interface NodeRecord {
	id: string;
	hostname: string;
	/** `unknown`: a new leader has not heard of it yet. */
	state: "ready" | "down" | "unknown";
	/** It keeps the tasks it has, and is given no others: `docker node update --availability pause`. */
	isPaused?: boolean;
}

const order: readonly TaskState[] = [
	"new",
	"allocated",
	"pending",
	"assigned",
	"accepted",
	"preparing",
	"ready",
	"starting",
	"running",
	"complete",
	"shutdown",
	"failed",
	"rejected",
	"remove",
	"orphaned",
];

/** Swarm's own order of states; those after `running` are ends. */
export function isBeyond(state: TaskState, other: TaskState): boolean {
	return order.indexOf(state) > order.indexOf(other);
}

export function isOver({ state }: TaskRecord): boolean {
	return isBeyond(state, "running");
}

/** Whether Swarm still wants it to run, now or in a while. */
export function isWanted({ desiredState }: TaskRecord): boolean {
	return !isBeyond(desiredState, "running");
}
