// Confirms a deployment that waits for it (contract section 12).
import { DeploymillError } from "../../errors.ts";
import type { Deployment } from "../../model/deployment.ts";
import { findApplication, findDeployment } from "../applications.ts";
import type { Engine } from "../engine.ts";
import { happen } from "../probation/happen.ts";
import { isTimeToConfirmOver, watchedAgain } from "../probation/record.ts";
import { observeLive } from "../service/observe.ts";

/** Confirming twice is fine: who did it first stays. Works while Docker is away. @throws deployment_not_found, not_confirmable */
export async function confirmDeployment(engine: Engine, deploymentId: string, by: string, reason: string | undefined): Promise<void> {
	const { store, clock } = engine;
	const deployment = findDeployment(store, deploymentId);
	const now = { wallMs: clock.now(), monotonicMs: clock.monotonic() };
	const confirmed = { by, at: new Date(now.wallMs).toISOString(), ...(reason === undefined ? {} : { reason }) };
	const state = store.decide(() => {
		const probation = store.findProbation(deploymentId);
		const isLate = probation && isTimeToConfirmOver(watchedAgain(probation, now), now.monotonicMs);
		return isLate ? "late" : happen(store, deploymentId, "it is confirmed", { confirmed })?.confirm?.state;
	});
	if (state !== "confirmed") throw await notConfirmable(engine, deployment);
}

async function notConfirmable(engine: Engine, deployment: Deployment): Promise<DeploymillError> {
	const { deploymentId, confirm } = deployment;
	const live = await observeLive(engine, findApplication(engine.store, deployment.applicationId));
	const isLive = live.release?.deploymentId === deploymentId;
	const what = isLive
		? `it is still live`
		: live.release
			? `${live.release.deploymentId} is live`
			: "nothing that deploymill put there is live";
	const now = live.observed ? what : "Docker could not be asked what is live";
	return new DeploymillError("not_confirmable", `${deploymentId} cannot be confirmed: ${whyNot(deployment)}; ${now}.`, {
		...(deployment.status === "running" ? { hint: "Wait for it with get_deployment, then confirm it.", retryable: true } : {}),
		details: {
			...(confirm ? { confirm: confirm.state, until: confirm.until } : {}),
			...(live.observed ? { live: live.release ?? null } : {}),
		},
	});
}

function whyNot({ status, request, confirm, outcome }: Deployment): string {
	if (confirm?.state === "superseded") return `the waiting ended before: ${confirm.because}`;
	if (confirm) return `its time was over at ${confirm.until}`;
	if (request.confirmWithin === undefined) return "it was not deployed with confirmWithin, so nothing waits for it";
	return status === "running"
		? "it is still running, and begins to wait once it is live"
		: `it ended as ${outcome}, so nothing waits for it`;
}
