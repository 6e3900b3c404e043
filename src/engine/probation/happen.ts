// Writes down what happens to a release on probation: the one place where its record changes its state.
import type { Deployment } from "../../model/deployment.ts";
import type { Confirmation, Probation } from "../../model/probation.ts";
import type { Store } from "../ports/store.ts";
import { afterHappening } from "./record.ts";
import type { Happening } from "./standing.ts";

/** What is told beside the event. */
export interface Told {
	/** One sentence of ours. */
	because?: string;
	/** Who confirmed it, when and why. */
	confirmed?: Pick<Confirmation, "by" | "at" | "reason">;
}

type ProbationStore = Pick<Store, "decide" | "findProbation" | "saveProbation" | "recordEvent">;

/** The record after the event; undefined where it is not on probation, or whoever asks for the event is refused. */
export function happen(store: ProbationStore, deploymentId: string, happening: Happening, told: Told = {}): Probation | undefined {
	return store.decide(() => {
		const before = store.findProbation(deploymentId);
		const after = before && afterHappening(before, happening, told.because);
		if (!after) return undefined;
		const { confirm } = after;
		const changed = confirm && told.confirmed && confirm.state !== before.confirm?.state;
		const whole = changed ? { ...after, confirm: { ...confirm, ...told.confirmed } } : after;
		store.saveProbation(whole);
		tell(store, before, whole, told.because);
		return whole;
	});
}

/** People are told of what somebody has to look at, with the change that they are told of. */
function tell(store: ProbationStore, before: Probation, after: Probation, because: string | undefined): void {
	const { deploymentId, bake, confirm } = after;
	if (bake?.state === "failed" && before.bake?.state !== "failed") store.recordEvent(deploymentId, "bake_failed", because);
	if (confirm?.state === "expired" && before.confirm?.state !== "expired") store.recordEvent(deploymentId, "confirmation_expired", because);
}

/**
 * Another deployment of the application was recorded: what was on probation is not waited for any longer. To be called in the
 * transaction that records it; a deploy that a waiting confirmation refuses was refused before.
 */
export function makeWay(
	store: ProbationStore & Pick<Store, "listOpenProbations">,
	{ applicationId, deploymentId, kind }: Deployment,
): void {
	const happening = kind === "deploy" ? "a deploy begins" : "a rollback begins";
	for (const open of store.listOpenProbations(applicationId)) {
		happen(store, open.deploymentId, happening, { because: `${deploymentId} (${kind}) began` });
	}
}
