// Writes how far an update is into the service. None of it is done to a service that was edited meanwhile: its status was taken away.
import type { UpdateStatus } from "../../../src/model/service.ts";
import type { Raft } from "./raft.ts";

export function startUpdate(raft: Raft, serviceId: string): void {
	const service = raft.services.get(serviceId);
	if (!service || service.updateStatus) return;
	raft.put({ ...service, updateStatus: { state: "updating", startedAt: isoTime(raft), message: "update in progress" } });
}

export function completeUpdate(raft: Raft, serviceId: string): void {
	const isRollback = raft.services.get(serviceId)?.updateStatus?.state === "rollback_started";
	const [state, message] = isRollback
		? (["rollback_completed", "rollback completed"] as const)
		: (["completed", "update completed"] as const);
	change(raft, serviceId, { state, message, completedAt: isoTime(raft) });
}

export function pauseUpdate(raft: Raft, serviceId: string, message: string): void {
	const isRollback = raft.services.get(serviceId)?.updateStatus?.state === "rollback_started";
	change(raft, serviceId, { state: isRollback ? "rollback_paused" : "paused", message });
}

/** Puts the one spec from before back, and then there is none before it. A service that has none stays as it is, its status too. */
export function rollBackUpdate(raft: Raft, serviceId: string, message: string): void {
	const service = raft.services.get(serviceId);
	if (!service?.updateStatus || !service.previous) return;
	const { previous, ...rest } = service;
	raft.put({ ...rest, ...previous, updateStatus: { ...service.updateStatus, state: "rollback_started", message } });
}

function change(raft: Raft, serviceId: string, update: UpdateStatus): void {
	const service = raft.services.get(serviceId);
	if (service?.updateStatus) raft.put({ ...service, updateStatus: { ...service.updateStatus, ...update } });
}

export function isoTime(raft: Raft): string {
	return new Date(raft.clock.now()).toISOString();
}
