// Owns the story of a rollback (contract section 7): an image that ran before is put back, under today's configuration.

import type { RollbackPoint } from "../../model/deployment.ts";
import type { EndOfDeployment } from "../ports/store.ts";
import { release } from "../rollout/release.ts";
import { planSwap } from "../rollout/swap.ts";
import { chooseGate, probeProgramPaths, probeProgramsIn } from "../service/container-check.ts";
import { releaseOf } from "../service/spec.ts";
import { ensureExpectedCurrent } from "../service/stale-view.ts";
import { cancelled, enterRelease, runsAlready, takeBaseline, unchanged } from "./deploy.ts";
import { endOfRelease } from "./end-of-release.ts";
import type { Run } from "./run.ts";

export async function rollback(run: Run): Promise<EndOfDeployment> {
	const point = pointOf(run);
	const [programs, baseline] = await Promise.all([programsIn(run, point), takeBaseline(run)]);
	const plan = await planSwap(run, point.image, chooseGate(run.application.config, programs));
	if (plan.same && (await runsAlready(run, plan))) return unchanged(run, plan);
	ensureExpectedCurrent(run.deployment.request.expectedCurrent, releaseOf(plan.observed));
	if (!enterRelease(run, plan)) return cancelled(run);
	return endOfRelease(run, await release(run, plan, baseline));
}

function pointOf(run: Run): RollbackPoint {
	const { rollbackId } = run.deployment;
	const point = rollbackId ? run.engine.store.findRollbackPoint(rollbackId) : undefined;
	if (!point) throw new Error(`the rollback ${run.deploymentId} has no point`);
	return point;
}

/** Recorded when the image was built; looked up again where the health block came later, if the image is here. */
async function programsIn(run: Run, point: RollbackPoint): Promise<string[]> {
	const { images } = run.engine;
	const known = run.deployment.probePrograms;
	if (known || !run.application.config.healthDeclared || !(await images.has(point.image.reference))) return known ?? [];
	return probeProgramsIn(await images.findPaths(point.image.reference, probeProgramPaths));
}
