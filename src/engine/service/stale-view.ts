// Owns the check that what is live is still what the caller believed when it decided.
import { quote } from "../../config/quote.ts";
import { DeploymillError } from "../../errors.ts";
import type { Release } from "../../model/service.ts";

/**
 * `expected` is a deployment id or a digest; undefined expects nothing.
 * @throws stale_view
 */
export function ensureExpectedCurrent(expected: string | undefined, live: Release | undefined): void {
	if (expected === undefined || expected === live?.deploymentId || expected === live?.digest) return;
	const found = live ? `${live.deploymentId} (${live.digest})` : "nothing";
	throw new DeploymillError("stale_view", `expectedCurrent: got ${quote(expected)}, but ${found} is live. Nothing was changed.`, {
		details: { live: live ?? null },
	});
}
