// Holds an application's deploys, and lifts the hold (contract section 12).
import type { DeploymentsHold } from "../../model/deployments-hold.ts";
import { findApplication } from "../applications.ts";
import type { Engine } from "../engine.ts";
import { type InProgress, inProgressOf } from "./in-progress.ts";

/** How things are after the call. */
export interface HoldAnswer {
	hold?: DeploymentsHold;
	/** The hold that this call lifted. */
	lifted?: DeploymentsHold;
	/** One that was begun before: it goes on. */
	inProgress?: InProgress;
}

export interface HoldOrder {
	applicationId: string;
	hold: boolean;
	by: string;
	reason?: string | undefined;
}

/** @throws application_not_found */
export function setHold({ store }: Pick<Engine, "store">, { applicationId, hold, by, reason }: HoldOrder): HoldAnswer {
	findApplication(store, applicationId);
	return store.decide(() => {
		if (!hold) {
			const lifted = store.liftHold(applicationId);
			return lifted ? { lifted } : {};
		}
		store.holdDeployments(applicationId, by, reason);
		const now = store.holdOnDeployments(applicationId);
		return { ...(now ? { hold: now } : {}), ...inProgressOf(store, applicationId) };
	});
}
