// Owns the part that every deployment shares: put an image live, watch it roll over, let the edges judge.
import { DeploymillError, type ErrorBody } from "../errors.ts";
import type { OrchestratorReport, Outcome } from "../model/deployment.ts";
import type { Baseline, Health } from "../model/health.ts";
import { edgeUrls } from "./edges.ts";
import { runGate } from "./health/gate.ts";
import { ServiceChanged } from "./ports/swarm.ts";
import { runsAlone } from "./rollout.ts";
import { type RolloutEnd, RolloutWatch } from "./rollout-watch.ts";
import type { Run } from "./run.ts";
import { releaseOf } from "./service-spec.ts";
import { applySwap, pullCredentials, type SwapPlan } from "./swap.ts";

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
	return judge(run, watch, baseline, (end) => giveUp(run, plan, end));
}

/** Goes on after the worker that swapped died: the service already has the release. */
export async function resumeRelease(run: Run, baseline: Baseline): Promise<ReleaseEnd> {
	const watch = new RolloutWatch(run, { previousUpdateStartedAt: undefined, created: run.deployment.replaced === undefined });
	return judge(run, watch, baseline, async () => "what ran before it was not restored");
}

async function judge(run: Run, watch: RolloutWatch, baseline: Baseline, undo: (end: RolloutEnd) => Promise<string>): Promise<ReleaseEnd> {
	const running = await watch.untilRunning();
	if (!isUp(running)) return notLive(run, watch, running, undo);
	run.enter("health");
	const urls = edgeUrls(run.application, run.engine.settings.ingress.edgeScheme);
	for (let round = 1; ; round++) {
		const stopGate = new AbortController();
		const [settled, health] = await Promise.all([
			watch.untilSettled().then((end) => {
				if (!isUp(end)) stopGate.abort();
				return end;
			}),
			gate(run, urls, baseline, AbortSignal.any([run.signal, stopGate.signal]), stopGate.signal),
		]);
		if (!isUp(settled) || !health) return notLive(run, watch, settled, undo);
		if (health.verdict === "unhealthy" || (await watch.confirm())) return { live: true, health };
		run.say(`at the last look not all tasks ran (round ${round})`);
		if (round === gateRounds) return { live: true, health: fallen(health) };
	}
}

/** Undefined when Swarm took the release back meanwhile: then what the edges said is of no use. */
async function gate(run: Run, urls: string[], baseline: Baseline, signal: AbortSignal, stopped: AbortSignal): Promise<Health | undefined> {
	if (urls.length === 0) return { verdict: null, edges: [] };
	try {
		return await runGate({ prober: run.engine.prober, urls, policy: run.application.config.health, baseline, signal });
	} catch (error) {
		if (stopped.aborted) return undefined;
		throw error;
	}
}

/** The edges answered well, and yet tasks of the release keep ending. */
function fallen(health: Health): Health {
	if (health.verdict === null) return health;
	const error = "the edge answered, but tasks of this release kept ending";
	return { verdict: "unhealthy", edges: health.edges.map((edge) => ({ ...edge, verdict: "unhealthy" as const, error })) };
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

/** The code tells an image that could not be pulled from tasks that came and ended. */
function rolloutError(end: RolloutEnd, report: OrchestratorReport): DeploymillError {
	if (end.state === "timed_out") {
		const held = {
			unplaced: "no node took them",
			pulling: "nodes were still fetching the image",
			starting: "they did not come up",
			stopping: "the old tasks did not end",
		};
		return new DeploymillError("rollout_timeout", `The new tasks were given up: ${held[end.hold]}.`, { details: { hold: end.hold } });
	}
	if (end.state === "superseded") {
		return new DeploymillError("rollout_failed", `The rollout was overtaken: ${end.because}.`, {
			hint: "Call get_app_health to see what runs now, and find out who else changes this service.",
			details: { superseded: true },
		});
	}
	const [task] = report.failedTasks ?? [];
	if (task?.state === "rejected") return rejectedError(task.error ?? "");
	const exit = task?.exitCode === undefined ? "" : ` with exit code ${task.exitCode}`;
	const why = task ? `a new task ended${exit} (${task.state})` : "Swarm gave the new tasks up";
	return new DeploymillError("rollout_failed", `The new version did not stay up: ${why}.`);
}

function rejectedError(words: string): DeploymillError {
	if (/unauthorized|denied|authentication|no basic auth/i.test(words)) {
		return new DeploymillError("registry_auth_failed", "A node could not pull the image: the registry refused the credentials.");
	}
	if (/no such image|not found|manifest unknown/i.test(words)) {
		return new DeploymillError(
			"image_missing",
			"A node could not pull the image: the registry does not have it, or the node does not reach the registry.",
		);
	}
	return new DeploymillError("rollout_failed", "A node refused the new task before it started.");
}

/** Puts back what ran, when Swarm will not do it by itself. Says what was seen, not what was asked for. */
async function giveUp(run: Run, plan: SwapPlan, end: RolloutEnd): Promise<string> {
	const { swarm } = run.engine;
	const { applicationId } = run.application;
	if (end.state === "superseded") return "The service was changed by somebody else and was left as it is.";
	if (!plan.observed) {
		await swarm.removeService(applicationId);
		return "This was the first release: nothing ran before it, and the service made for it was removed.";
	}
	const before = plan.observed;
	const now = await swarm.inspectService(applicationId);
	if (!now || releaseOf(now)?.deploymentId !== run.deploymentId) return "The service was changed by somebody else and was left as it is.";
	try {
		await swarm.updateService(applicationId, now.version, before.spec, await pullCredentials(run.engine, plan.image));
	} catch (error) {
		if (error instanceof ServiceChanged) return "The service was changed by somebody else and was left as it is.";
		throw error;
	}
	return observeRestored(run, before);
}

async function observeRestored(run: Run, before: NonNullable<SwapPlan["observed"]>): Promise<string> {
	const id = releaseOf(before)?.deploymentId ?? "";
	const replicas = before.spec.Mode.Replicated?.Replicas ?? 1;
	const deadline = Date.now() + 60_000;
	while (Date.now() < deadline) {
		const tasks = await run.engine.swarm.listTasks(run.application.applicationId);
		if (runsAlone(tasks, id, replicas)) return "The previous release was put back; its tasks run.";
		await run.engine.swarm.waitForChange(run.application.applicationId, 200, run.signal);
	}
	return "The previous release was put back on the service, but its tasks were not seen to run within 60 s.";
}
