// Tells how one goes back from what is live, so that nobody is sent to a rollback that is refused.
import type { Release } from "../../model/service.ts";
import type { Engine } from "../engine.ts";
import { readHistory } from "../history/history.ts";
import { defaultTarget } from "../history/targets.ts";

/** To the last healthy release, or to one that is chosen from the history: a rollback without a rollbackId would find no target. */
export type WayBack = "last_healthy" | "by_choice";

/** @param live undefined where nothing is, or what deploymill did not put there */
export function wayBackFrom({ store }: Pick<Engine, "store">, applicationId: string, live: Release | undefined): WayBack {
	return defaultTarget(readHistory(store, applicationId, live?.deploymentId), live) ? "last_healthy" : "by_choice";
}
