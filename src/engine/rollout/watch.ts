// Owns the waiting for a rollout: looks at Swarm again whenever something may have changed, with a deadline for what stands still.
import { DeploymillError } from "../../errors.ts";
import type { HealthPolicy } from "../../model/application.ts";
import type { FailedTask, OrchestratorReport } from "../../model/deployment.ts";
import type { ObservedService, ObservedTask } from "../../model/service.ts";
import type { Run } from "../pipeline/run.ts";
import { monitorMs } from "../service/spec.ts";
import { failedTasks, type RolloutReading, type RolloutView, readRollout } from "./reading.ts";

/** The ground truth is polled this often, however silent the events are. */
const pollMs = 200;

/** How long a rollout may stand still before it is given up, by what holds it. Any task that moves starts the time anew. */
const patienceMs = { unplaced: 60_000, pulling: 600_000, starting: 120_000, stopping: 120_000 };

const unreachablePatienceMs = 120_000;

export type RolloutEnd = Extract<RolloutReading, { state: "running" | "complete" | "rolled_back" | "stuck" | "superseded" }> | TimedOut;

interface TimedOut {
	state: "timed_out";
	hold: keyof typeof patienceMs;
}

export class RolloutWatch {
	readonly #run: Run;
	readonly #base: Pick<RolloutView, "deploymentId" | "previousUpdateStartedAt" | "created">;
	readonly #policy: HealthPolicy;
	readonly #lastWords = new Map<string, Promise<FailedTask>>();
	#service: ObservedService | undefined;

	constructor(run: Run, base: Pick<RolloutView, "previousUpdateStartedAt" | "created">) {
		this.#run = run;
		this.#base = { ...base, deploymentId: run.deploymentId };
		this.#policy = run.application.config.health;
	}

	/** Until every task of the release runs, or it will not come to that. */
	async untilRunning(): Promise<RolloutEnd> {
		return this.#watch((reading) => (reading.state === "running" ? reading : undefined));
	}

	/** Until Swarm has watched over the new tasks to the end. A service just made has no update: then we watch as long. */
	async untilSettled(): Promise<RolloutEnd> {
		const since = this.#run.engine.clock.monotonic();
		return this.#watch((reading) =>
			reading.state === "running" && this.#base.created && this.#run.engine.clock.monotonic() - since >= monitorMs ? reading : undefined,
		);
	}

	/** One look: whether the tasks of the release run, all of them, and nothing else does. */
	async confirm(): Promise<boolean> {
		const { state } = await this.#look();
		return state === "running" || state === "complete";
	}

	/** What Swarm did, with the last words of tasks that failed, as they were taken when they were seen to fail. */
	async report(): Promise<OrchestratorReport> {
		const failed = await Promise.all(this.#lastWords.values());
		const update = this.#service?.updateStatus;
		return {
			...(update ? { updateState: update.state } : {}),
			...(update?.message ? { message: this.#run.engine.untrusted.line(update.message) } : {}),
			...(failed.length > 0 ? { failedTasks: failed } : {}),
		};
	}

	async #watch(isEnough: (reading: RolloutReading) => RolloutEnd | undefined): Promise<RolloutEnd> {
		let progress = "";
		let movedAt = this.#run.engine.clock.monotonic();
		for (;;) {
			this.#run.signal.throwIfAborted();
			const reading = await this.#lookPatiently();
			const end = isEnough(reading) ?? finalReading(reading);
			if (end) return end;
			const now = reading.state === "waiting" ? reading.progress : reading.state;
			if (now !== progress) [progress, movedAt] = [now, this.#run.engine.clock.monotonic()];
			const hold = reading.state === "waiting" ? reading.hold : "starting";
			if (this.#run.engine.clock.monotonic() - movedAt > this.#patience(hold)) return { state: "timed_out", hold };
			await this.#run.engine.swarm.waitForChange(this.#run.application.applicationId, pollMs, this.#run.signal);
		}
	}

	/** An engine that goes away for a moment (a restart, a failover) says nothing about the release. */
	async #lookPatiently(): Promise<RolloutReading> {
		const deadline = this.#run.engine.clock.monotonic() + unreachablePatienceMs;
		for (;;) {
			try {
				return await this.#look();
			} catch (error) {
				if (!isUnreachable(error) || this.#run.engine.clock.monotonic() > deadline) throw error;
				this.#run.say("Docker cannot be reached; looking again");
			}
			await this.#run.engine.swarm.waitForChange(this.#run.application.applicationId, 5 * pollMs, this.#run.signal);
		}
	}

	async #look(): Promise<RolloutReading> {
		const { swarm } = this.#run.engine;
		const { applicationId } = this.#run.application;
		const [service, tasks] = await Promise.all([swarm.inspectService(applicationId), swarm.listTasks(applicationId)]);
		this.#service = service;
		this.#hear(tasks);
		return readRollout({ ...this.#base, service, tasks });
	}

	/** Takes the last words of failed tasks at once: Swarm clears tasks away. Two are enough to tell why. */
	#hear(tasks: ObservedTask[]): void {
		for (const task of failedTasks(tasks, this.#run.deploymentId)) {
			if (this.#lastWords.size >= 2 || this.#lastWords.has(task.id)) continue;
			this.#run.say(`task ${task.id} on ${task.node} is ${task.state}: ${this.#run.engine.untrusted.line(task.error ?? "")}`);
			this.#lastWords.set(task.id, this.#run.engine.swarm.lastWords(task));
		}
	}

	/** A container health check may rightly take as long as the project's health block lets it. */
	#patience(hold: keyof typeof patienceMs): number {
		const checks = 2 * this.#policy.retries * (this.#policy.intervalMs + this.#policy.timeoutMs);
		return patienceMs[hold] + (hold === "starting" ? checks : 0);
	}
}

function isUnreachable(error: unknown): boolean {
	return error instanceof DeploymillError && error.code === "docker_unreachable";
}

function finalReading(reading: RolloutReading): RolloutEnd | undefined {
	return reading.state === "waiting" || reading.state === "rolling_back" || reading.state === "running" ? undefined : reading;
}
