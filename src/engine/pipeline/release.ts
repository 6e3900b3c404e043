// Puts a release live and has it judged: the part that deploy, rollback and revert share, and where a resumed run goes on.
import { DeploymillError, type ErrorBody } from "../../errors.ts";
import type { OrchestratorReport, Outcome, TakenOver } from "../../model/deployment.ts";
import type { Baseline, Health } from "../../model/health.ts";
import type { ServiceSpec } from "../../model/service.ts";
import type { Engine } from "../engine.ts";
import { judgeEdges } from "../health/gate.ts";
import { isTransient, type Patience, patienceTold, waitOut } from "../patience.ts";
import type { SwapJournal } from "../ports/store.ts";
import { leftAlone, restore } from "../rollout/restore.ts";
import { rolloutError } from "../rollout/rollout-error.ts";
import { revisionIn, type SwapPlan, swap } from "../rollout/swap.ts";
import { type RolloutEnd, RolloutWatch } from "../rollout/watch.ts";
import { type Revision, replicasOf } from "../service/revision.ts";
import { lastLines } from "./last-lines.ts";
import { NotSwapped } from "./not-swapped.ts";
import type { Run } from "./run.ts";
import { takeOver } from "./take-over.ts";

/** How many times a verdict is sought when other tasks ran at its end than at its beginning, or Swarm was away. */
const gateRounds = 3;

/** What became of a release. `live`: its tasks replaced the old ones, and `health` says how it is. */
export type ReleaseEnd = { live: true; health: Health } | NotLive;

export interface NotLive {
	live: false;
	outcome: Extract<Outcome, "orchestrator_rolled_back" | "failed">;
	error: ErrorBody;
	orchestrator: OrchestratorReport;
	rolloverNote: string;
	takenOver?: TakenOver;
}

/** A release that is on the service, or was. */
interface Released {
	ours: Revision;
	/** The spec that it replaced; null where there was no service; undefined where no record tells. */
	before: ServiceSpec | null | undefined;
	previousUpdateStartedAt?: string | undefined;
	baseline: Baseline;
}

/**
 * Swaps and judges; the run has entered the phase `release`. From here on a fault says nothing about the release: it is
 * waited out, and what was begun is gone on with from what Swarm shows.
 * @throws NotSwapped; LockLost; what a long outage threw
 */
export async function release(
	engine: Engine,
	run: Run,
	plan: SwapPlan,
	baseline: Baseline,
	ensureAsPlanned?: (plan: SwapPlan) => void,
): Promise<ReleaseEnd> {
	const { signal } = run;
	const reference = plan.order.image.reference;
	run.say(plan.observed ? `update the service to ${reference}` : `create the service with ${reference}`);
	const swapping = { signal, say: run.say, beforeChange: (next: SwapPlan) => beforeChange(engine, run, next), ensureAsPlanned };
	const done = await waitOut(patienceOf(engine, run), () => swap(engine, swapping, plan)).catch((fault: unknown) => {
		throw fault instanceof DeploymillError && !isTransient(fault) ? new NotSwapped(fault) : fault;
	});
	return resumeRelease(engine, run, revisionIn(done), journalOf(done), baseline);
}

/** Judges what is on the service already, as the worker that swapped, or one that comes after it. @throws LockLost */
export async function resumeRelease(
	engine: Engine,
	run: Run,
	ours: Revision,
	journal: SwapJournal | undefined,
	baseline: Baseline,
): Promise<ReleaseEnd> {
	const { before, previousUpdateStartedAt } = journal ?? {};
	const released = { ours, before, previousUpdateStartedAt, baseline };
	return waitOut(patienceOf(engine, run), () => judge(engine, run, released));
}

/** Goes on with an undoing that another worker decided on and did not finish. @throws LockLost */
export async function resumeUndoing(
	engine: Engine,
	run: Run,
	ours: Revision,
	journal: SwapJournal | undefined,
	undoing: Pick<NotLive, "outcome" | "error" | "takenOver">,
): Promise<NotLive> {
	const putBack = () => waitOut(patienceOf(engine, run), () => undo(engine, run, { ours, before: journal?.before, baseline: {} }));
	const rolloverNote = undoing.takenOver ? leftAlone : await putBack();
	return { live: false, ...undoing, orchestrator: {}, rolloverNote };
}

function beforeChange(engine: Engine, run: Run, plan: SwapPlan): void {
	run.journal(journalOf(plan));
	takeOver(engine, run, plan);
}

function journalOf({ observed }: SwapPlan): SwapJournal {
	const startedAt = observed?.updateStatus?.startedAt;
	return {
		before: observed?.spec ?? null,
		...(observed ? { serviceId: observed.id, version: observed.version } : {}),
		...(startedAt === undefined ? {} : { previousUpdateStartedAt: startedAt }),
	};
}

/** Where there is no task to be replaced, Swarm only adds some. */
function isUnwatched(before: Released["before"]): boolean {
	return before === null || (before !== undefined && replicasOf({ spec: before }) === 0);
}

/** A verdict counts when the very same tasks ran from its beginning to its end: else it may be of something else. */
async function judge(engine: Engine, run: Run, released: Released): Promise<ReleaseEnd> {
	const { ours, before, previousUpdateStartedAt } = released;
	const rollout = {
		serviceName: run.application.applicationId,
		ours,
		unwatched: isUnwatched(before),
		previousUpdateStartedAt,
		policy: run.application.config.health,
		namesItself: run.application.config.health.releaseHeader !== undefined,
	};
	// It tells of tasks in Swarm's own words.
	const watch = new RolloutWatch(engine, rollout, run.sayOfOthers, run.signal);
	for (let round = 1; ; round++) {
		const up = await watch.untilRunning();
		if (up.state !== "running") return notLive(engine, run, watch, released, up);
		run.enter("health");
		const absences = watch.absences;
		const begunWith = await watch.runningTasks();
		const [settled, health] = await gateWhileWatched(engine, run, watch, released);
		if (settled.state !== "running" || !health) return notLive(engine, run, watch, released, settled);
		const endedWith = await watch.runningTasks();
		const doubt = doubtOf(health, [begunWith, endedWith], watch.absences > absences);
		if (doubt === undefined) return { live: true, health };
		run.say(`the verdict of round ${round} does not count: ${doubt}`);
		if (round === gateRounds) return judgeRestless(engine, run, watch, released, health);
	}
}

/** Why a verdict is sought again. While the engine stands still it looks no name up, and no ingress reaches the best of apps. */
function doubtOf({ verdict }: Health, [begunWith, endedWith]: (string[] | undefined)[], wasAway: boolean): string | undefined {
	if (!begunWith || begunWith.join() !== endedWith?.join()) return "other tasks ran at its end than at its beginning";
	return wasAway && verdict === "unhealthy" ? "Swarm was away" : undefined;
}

/** Tasks of the release keep ending, whatever the edges said of those that came after them. */
async function judgeRestless(engine: Engine, run: Run, watch: RolloutWatch, released: Released, health: Health): Promise<ReleaseEnd> {
	// Live is said only of what runs.
	const up = await watch.untilRunning();
	if (up.state !== "running") return notLive(engine, run, watch, released, up);
	if (health.verdict === "healthy") {
		run.record(await lastLines(engine, run.application.applicationId, released.ours));
		return { live: true, health: fallen(health) };
	}
	if (health.verdict === "unhealthy") return { live: true, health };
	// No edge has an opinion, and the tasks do not stay: that is no release that came to run.
	return notLive(engine, run, watch, released, { state: "stuck", because: "its tasks kept ending" });
}

/** The gate ends early, without a health, when Swarm takes the release back meanwhile. */
async function gateWhileWatched(
	engine: Engine,
	run: Run,
	watch: RolloutWatch,
	released: Released,
): Promise<[RolloutEnd, Health | undefined]> {
	const stopped = new AbortController();
	const watching = watch.untilSettled().then((end) => {
		if (end.state !== "running") stopped.abort();
		return end;
	});
	return Promise.all([watching, gate(engine, run, watch, released, stopped.signal)]);
}

async function gate(
	engine: Engine,
	run: Run,
	watch: RolloutWatch,
	{ ours, baseline }: Released,
	stopped: AbortSignal,
): Promise<Health | undefined> {
	const { application } = run;
	if (application.config.domains.length === 0) return { verdict: null, edges: [] };
	try {
		const service = await engine.swarm.inspectService(application.applicationId);
		const signal = AbortSignal.any([run.signal, stopped]);
		const olderMayAnswer = () => watch.areOthersAlive;
		const { health, sightings } = await judgeEdges(engine, { application, service, baseline, isFresh: true, olderMayAnswer, signal });
		run.remember(sightings);
		// Swarm still watches: nothing waits for this that would not wait anyway.
		if (health.verdict === "unhealthy") run.record(await lastLines(engine, application.applicationId, ours));
		return health;
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

async function notLive(engine: Engine, run: Run, watch: RolloutWatch, released: Released, end: RolloutEnd): Promise<NotLive> {
	const orchestrator = await watch.report();
	const outcome = isSwarmsRollback(end) ? "orchestrator_rolled_back" : "failed";
	const error = rolloutError(end, orchestrator).toBody();
	const takenOver = end.state === "superseded" ? { takenOver: { cameUp: cameUp(engine, run) } } : {};
	// Written down before it is done, so that whoever goes on neither judges again nor finds other words.
	run.record({ orchestrator, undoing: { outcome, error, ...takenOver } });
	const rolloverNote = await noteOn(engine, run, released, end);
	run.say(rolloverNote);
	return { live: false, outcome, error, orchestrator, rolloverNote, ...takenOver };
}

/** Its gate was begun, by this worker or one before it: all its tasks ran then. */
function cameUp({ store }: Engine, { deploymentId }: Run): boolean {
	const deployment = store.findDeployment(deploymentId);
	return deployment?.phase === "health" || (deployment?.phases.some(({ phase }) => phase === "health") ?? false);
}

function isSwarmsRollback(end: RolloutEnd): boolean {
	return end.state === "rolled_back" || (end.state === "timed_out" && end.hold === "restoring");
}

async function noteOn(engine: Engine, run: Run, released: Released, end: RolloutEnd): Promise<string> {
	if (end.state === "rolled_back") return "Swarm refused the new tasks and put the previous release back; its tasks run.";
	if (isSwarmsRollback(end)) return "Swarm refused the new tasks and put the previous release back, but its tasks were not seen to run.";
	return end.state === "superseded" ? leftAlone : undo(engine, run, released);
}

/** Puts back the very spec that was there before the swap. */
async function undo(engine: Engine, run: Run, { ours, before }: Released): Promise<string> {
	if (before === undefined) return "What ran before it is not in this server's record, and was not put back.";
	const { application, signal, say, values } = run;
	const { ensureHeld } = values;
	try {
		return await restore(engine, { serviceName: application.applicationId, ours, before, signal, say, ensureHeld });
	} catch (error) {
		if (!(error instanceof DeploymillError) || isTransient(error)) throw error;
		run.warn("what ran before was not put back", error);
		return "What ran before could not be put back: Swarm refused its specification, which is not valid any more.";
	}
}

function patienceOf({ clock }: Engine, run: Run): Patience {
	return patienceTold(clock, run, "past the swap, waiting for an answer");
}
