// Turns a service as the Engine API answers it into an observed one.
import type { ObservedService, ServiceSpec, UpdateStatus } from "../../model/service.ts";

/** Of the Engine API's Service, what is read here. */
export interface RawService {
	ID: string;
	Version: { Index: number };
	UpdatedAt?: string;
	Spec: ServiceSpec;
	UpdateStatus?: { State?: UpdateStatus["state"] | ""; StartedAt?: string; CompletedAt?: string; Message?: string };
}

/** The spec is handed on as it is, fields that `ServiceSpec` does not name included: an update must not lose them. */
export function observeService(raw: RawService): ObservedService {
	const updateStatus = observeUpdate(raw.UpdateStatus);
	return {
		id: raw.ID,
		version: raw.Version.Index,
		spec: raw.Spec,
		...(updateStatus ? { updateStatus } : {}),
		...(raw.UpdatedAt ? { updatedAt: raw.UpdatedAt } : {}),
	};
}

function observeUpdate(raw: RawService["UpdateStatus"]): UpdateStatus | undefined {
	// Swarm answers an empty state for a service that was never updated.
	if (!raw?.State) return undefined;
	return {
		state: raw.State,
		...(raw.StartedAt ? { startedAt: raw.StartedAt } : {}),
		...(raw.CompletedAt ? { completedAt: raw.CompletedAt } : {}),
		...(raw.Message ? { message: raw.Message } : {}),
	};
}
