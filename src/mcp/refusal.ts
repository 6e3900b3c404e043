// Tells a deployment that was refused before its swap from one that was tried and failed.
import type { ErrorCode } from "../errors.ts";
import type { Deployment } from "../model/deployment.ts";

const refusals: ReadonlySet<ErrorCode> = new Set([
	"known_bad_release",
	"stale_view",
	"name_taken",
	"host_taken",
	"service_not_ours",
	"nothing_to_return_to",
]);

/** Something stood against it, and nothing was swapped: its image, if it was built, is not offered to anybody. */
export function isRefusal({ outcome, error, rolledOver }: Deployment): boolean {
	return (
		outcome === "failed" && rolledOver !== true && error !== undefined && refusals.has(error.code) && error.details?.superseded !== true
	);
}
