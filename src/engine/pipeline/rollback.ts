// Rolls back (contract section 7): puts an image that ran before back, under today's configuration.
import type { RollbackPoint } from "../../model/deployment.ts";
import type { Engine } from "../engine.ts";
import type { EndOfDeployment } from "../ports/store.ts";
import { planSwap, type SwapPlan } from "../rollout/swap.ts";
import { chooseGate, probeProgramPaths, probeProgramsIn } from "../service/container-check.ts";
import { ensureExpectedCurrent } from "../service/stale-view.ts";
import { endAsLive, endAsNotLive } from "./end.ts";
import { type ReleaseEnd, release } from "./release.ts";
import type { Run } from "./run.ts";
import { endAsCancelled, endAsUnchanged, ensureNotOvertaken, enterRelease, runsAlready, takeBaseline } from "./stages.ts";

export async function rollback(engine: Engine, run: Run): Promise<EndOfDeployment> {
	// What is changed on the service while an edge takes its time is seen by the swap, which names the version that was planned from.
	const [plan, baseline] = await Promise.all([planRollback(engine, run), takeBaseline(engine, run)]);
	if (plan.same && (await runsAlready(engine, plan))) return endAsUnchanged(engine, run, plan);
	ensureExpectedCurrent(run.values.request.expectedCurrent, plan.observed);
	ensureNotOvertaken(engine, run, plan);
	if (!enterRelease(engine, run, plan, baseline)) return endAsCancelled(run);
	return concludeRollback(await release(engine, run, plan, baseline));
}

async function planRollback(engine: Engine, run: Run): Promise<SwapPlan> {
	const { application, deploymentId } = run;
	const point = pointOf(engine, run);
	const gate = chooseGate(application.config, await programsIn(engine, run, point));
	const commit = engine.store.findDeployment(deploymentId)?.commit?.sha;
	return planSwap(engine, { application, deploymentId, image: point.image, commit, gate });
}

/** Also the end of a revert, and of resumed ones. What was gone back to is judged, and never reverted by itself. */
export function concludeRollback(end: ReleaseEnd): EndOfDeployment {
	return end.live ? endAsLive(end.health) : endAsNotLive(end);
}

function pointOf({ store }: Engine, { values: { rollbackId }, deploymentId }: Run): RollbackPoint {
	const point = rollbackId ? store.findRollbackPoint(rollbackId) : undefined;
	if (!point) throw new Error(`the rollback ${deploymentId} has no point`);
	return point;
}

/** Recorded when the image was built; looked up again where the health block came later, if the image is here. */
async function programsIn({ store, images }: Engine, run: Run, { image: { reference } }: RollbackPoint): Promise<string[]> {
	const known = store.findDeployment(run.deploymentId)?.probePrograms;
	if (known || !run.application.config.healthDeclared || !(await images.has(reference))) return known ?? [];
	return probeProgramsIn(await images.findPaths(reference, probeProgramPaths));
}
