// Owns the part that every deployment shares: put an image live, watch it roll over, let the edges judge.
import type { ErrorBody } from "../../errors.ts";
import type { OrchestratorReport, Outcome } from "../../model/deployment.ts";
import type { Baseline, Health } from "../../model/health.ts";
import { edgeUrls } from "../health/edges.ts";
import { runGate } from "../health/gate.ts";
import type { Run } from "../pipeline/run.ts";
import { putBack, putBackRecorded } from "./restore.ts";
import { rolloutError } from "./rollout-fault.ts";
import { applySwap, type SwapPlan } from "./swap.ts";
import { type RolloutEnd, RolloutWatch } from "./watch.ts";

/** How many times a healthy verdict is sought again when the tasks did not run at the last look. */
const gateRounds = 3;

/** What became of a release. `live`: its tasks replaced the old ones, and `health` says how it is. */
export type ReleaseEnd = { live: true; health: Health } | NotLive;

export interface NotLive {
	live: false;
	outcome: Extract<Outcome, "orchestrator_rolled_back" | "failed">;
	error: ErrorBody;
	orchestrator: OrchestratorReport;
	rolloverNote: string;
}

/** Swaps and judges. The caller has entered the phase `release`. */
export async function release(run: Run, plan: SwapPlan, baseline: Baseline): Promise<ReleaseEnd> {
	const previousUpdateStartedAt = plan.observed?.updateStatus?.startedAt;
	run.say(plan.observed ? `update the service to ${plan.image.reference}` : `create the service with ${plan.image.reference}`);
	await applySwap(run, plan);
	const watch = new RolloutWatch(run, { previousUpdateStartedAt, created: !plan.observed });
	return judge(run, watch, baseline, (end) => putBack(run, plan, end));
}

/** Goes on after the worker that swapped died: the service already has the release. */
export async function resumeRelease(run: Run, baseline: Baseline): Promise<ReleaseEnd> {
	const watch = new RolloutWatch(run, { previousUpdateStartedAt: undefined, created: run.deployment.replaced === undefined });
	return judge(run, watch, baseline, (end) => putBackRecorded(run, end));
}

async function judge(run: Run, watch: RolloutWatch, baseline: Baseline, undo: (end: RolloutEnd) => Promise<string>): Promise<ReleaseEnd> {
	const running = await watch.untilRunning();
	if (!isUp(running)) return notLive(run, watch, running, undo);
	run.enter("health");
	const urls = edgeUrls(run.application, run.engine.settings.ingress.edgeScheme);
	for (let round = 1; ; round++) {
		const stopGate = new AbortController();
		const watching = watch.untilSettled().then((end) => {
			if (!isUp(end)) stopGate.abort();
			return end;
		});
		const [settled, health] = await Promise.all([watching, gate(run, urls, baseline, stopGate.signal)]);
		if (!isUp(settled) || !health) return notLive(run, watch, settled, undo);
		if (health.verdict === "unhealthy" || (await watch.confirm())) return { live: true, health };
		run.say(`at the last look not all tasks ran (round ${round})`);
		if (round < gateRounds) continue;
		if (health.verdict === "healthy") return { live: true, health: fallen(health) };
		// No edge has an opinion, and the tasks do not stay: that is no release that came to run.
		return notLive(run, watch, { state: "stuck", because: "its tasks kept ending" }, undo);
	}
}

/** Undefined when Swarm took the release back meanwhile: then what the edges said is of no use. */
async function gate(run: Run, urls: string[], baseline: Baseline, stopped: AbortSignal): Promise<Health | undefined> {
	if (urls.length === 0) return { verdict: null, edges: [] };
	const signal = AbortSignal.any([run.signal, stopped]);
	try {
		return await runGate({
			prober: run.engine.prober,
			clock: run.engine.clock,
			urls,
			policy: run.application.config.health,
			baseline,
			signal,
		});
	} catch (error) {
		if (stopped.aborted) return undefined;
		throw error;
	}
}

/** Edges answered well, and yet tasks of the release keep ending. An edge that nobody could judge is left as it is. */
function fallen(health: Health): Health {
	const error = "the edge answered, but tasks of this release kept ending";
	const edges = health.edges.map((edge) => (edge.verdict === "healthy" ? { ...edge, verdict: "unhealthy" as const, error } : edge));
	return { verdict: "unhealthy", edges };
}

function isUp(end: RolloutEnd): boolean {
	return end.state === "running" || end.state === "complete";
}

async function notLive(run: Run, watch: RolloutWatch, end: RolloutEnd, undo: (end: RolloutEnd) => Promise<string>): Promise<NotLive> {
	const rolledBack = end.state === "rolled_back";
	const rolloverNote = rolledBack ? "Swarm refused the new tasks and put the previous release back; its tasks run." : await undo(end);
	const orchestrator = await watch.report();
	run.say(rolloverNote);
	return {
		live: false,
		outcome: rolledBack ? "orchestrator_rolled_back" : "failed",
		error: rolloutError(end, orchestrator).toBody(),
		orchestrator,
		rolloverNote,
	};
}
