// Tells whether a rollback without a rollbackId would find a target, so that nobody is sent to one that is refused.
import type { Release } from "../../model/service.ts";
import type { Engine } from "../engine.ts";
import { readHistory } from "../history/history.ts";
import { defaultTarget } from "../history/targets.ts";

/** @param live undefined where nothing is, or what deploymill did not put there */
export function hasDefaultTarget({ store }: Pick<Engine, "store">, applicationId: string, live: Release | undefined): boolean {
	return defaultTarget(readHistory(store, applicationId), live) !== undefined;
}
