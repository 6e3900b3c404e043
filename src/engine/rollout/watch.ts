// Watches a rollout: looks at Swarm again whenever something may have changed, with an end for what stands still.
import type { HealthPolicy } from "../../model/application.ts";
import { defaultMonitorMs, refusedWithinMs } from "../../model/check-times.ts";
import type { FailedTask, OrchestratorReport } from "../../model/deployment.ts";
import type { ObservedService, ObservedTask } from "../../model/service.ts";
import type { Untrusted } from "../../untrusted.ts";
import { faultWords, waitOut } from "../patience.ts";
import type { Clock } from "../ports/clock.ts";
import type { Swarm } from "../ports/swarm.ts";
import { isSameRevision, type Revision, replicasOf, revisionOf, runningOf } from "../service/revision.ts";
import { EndedTasks, endedTooOften } from "./ended-tasks.ts";
import { failedTasks, type RolloutReading, readRollout } from "./reading.ts";

/** The ground truth is polled this often, however silent the events are. */
const pollMs = 200;

/** An engine that takes longer to show a service and its tasks stands still. */
const slowLookMs = 3_000;

/** How long a rollout may stand still before it is given up, by what holds it. Any task that moves starts the time anew. */
const patienceMs = { unplaced: 60_000, pulling: 600_000, starting: 120_000, stopping: 120_000, restoring: 120_000 };

/** Tasks that all run are as good as accepted, also where Swarm never says that its update is complete. */
const watchedMs = 60_000;

export type RolloutEnd = Extract<RolloutReading, { state: "running" | "rolled_back" | "stuck" | "superseded" }> | TimedOut;

interface TimedOut {
	state: "timed_out";
	hold: keyof typeof patienceMs;
}

export interface WatchedRollout {
	serviceName: string;
	/** What was put on the service. */
	ours: Revision;
	/** Swarm replaces nothing by it, and so watches over nothing. */
	unwatched: boolean;
	previousUpdateStartedAt?: string | undefined;
	policy: HealthPolicy;
	/** Its answers say which release they are of, so that it can be judged while older tasks end. */
	namesItself?: boolean;
}

interface WatchPorts {
	swarm: Swarm;
	clock: Clock;
	untrusted: Untrusted;
}

export class RolloutWatch {
	readonly #ports: WatchPorts;
	readonly #rollout: WatchedRollout;
	readonly #say: (text: string) => void;
	readonly #signal: AbortSignal;
	readonly #lastWords = new Map<string, Promise<FailedTask>>();
	#service: ObservedService | undefined;
	/** Tasks of the release, and of the one that Swarm puts back, since Swarm was last away: an engine that restarts ends them all. */
	#ended: { ours: EndedTasks; restored: EndedTasks | undefined };
	#sawRollingBack = false;
	#absences = 0;
	/** When every task was first seen to run alone, without a break since. */
	#aloneSince: number | undefined;

	/** @param say told what is seen, for the deployment's log */
	constructor(ports: WatchPorts, rollout: WatchedRollout, say: (text: string) => void, signal: AbortSignal) {
		this.#ports = ports;
		this.#rollout = rollout;
		this.#say = say;
		this.#signal = signal;
		this.#ended = { ours: new EndedTasks(rollout.ours), restored: undefined };
	}

	/** Until every task of the release runs and can be judged, or it will not come to that. */
	untilRunning(): Promise<RolloutEnd> {
		return this.#watch((reading) => (this.#isUp(reading) ? { state: "running", update: "watching" } : endOf(reading)));
	}

	/**
	 * Until Swarm has watched over the running tasks to the end. Where it shows no update (the service was just made, or an
	 * edit that replaced no task took the update away), they have run alone for as long as it would have watched.
	 */
	untilSettled(): Promise<RolloutEnd> {
		return this.#watch((reading) => {
			if (reading.state !== "running") return endOf(reading);
			const aloneMs = this.#ports.clock.monotonic() - (this.#aloneSince ?? Number.POSITIVE_INFINITY);
			const isSettled = reading.update === "completed" || aloneMs >= (reading.update === "none" ? swarmsWatchMs(this.#service) : watchedMs);
			return isSettled ? reading : undefined;
		});
	}

	/** Tasks of an older release were alive at the last look. */
	get areOthersAlive(): boolean {
		return this.#aloneSince === undefined;
	}

	/** How often Swarm could not be looked at, or only after a while: what was asked of the app meanwhile may have failed for the same reason. */
	get absences(): number {
		return this.#absences;
	}

	/** One look: the ids of the release's running tasks where all of them run and can be judged, else undefined. */
	async runningTasks(): Promise<string[] | undefined> {
		const { reading, tasks } = await this.#look();
		if (!this.#isUp(reading)) return undefined;
		return runningOf(tasks, this.#rollout.ours)
			.map(({ id }) => id)
			.sort();
	}

	/** What Swarm did, with the last words of tasks that failed, as they were taken when they were seen to fail. */
	async report(): Promise<OrchestratorReport> {
		const failed = await Promise.all(this.#lastWords.values());
		const update = this.#service?.updateStatus;
		return {
			...(update ? { updateState: update.state } : {}),
			...(update?.message ? { message: this.#ports.untrusted.line(update.message) } : {}),
			...(failed.length > 0 ? { failedTasks: failed } : {}),
		};
	}

	async #watch(read: (reading: RolloutReading) => RolloutEnd | undefined): Promise<RolloutEnd> {
		const { clock, swarm } = this.#ports;
		let progress = "";
		let movedAt = clock.monotonic();
		for (;;) {
			const { reading, waited } = await this.#look();
			const end = read(reading) ?? this.#keepsEnding(reading);
			if (end) return end;
			const { progress: now, hold } = standing(reading);
			// A time in which nobody could look is no time in which nothing moved.
			if (now !== progress || waited) [progress, movedAt] = [now, clock.monotonic()];
			if (hold && clock.monotonic() - movedAt > this.#patience(hold)) return { state: "timed_out", hold };
			await swarm.waitForChange(this.#rollout.serviceName, pollMs, this.#signal);
		}
	}

	/** Nobody waits until a deadline for what is certain. */
	#keepsEnding({ state }: RolloutReading): RolloutEnd | undefined {
		const { ours, restored } = this.#ended;
		if (state === "waiting" && ours.mostInOneReplica >= endedTooOften) return { state: "stuck", because: "its tasks keep ending" };
		if (state === "rolling_back" && (restored?.mostInOneReplica ?? 0) >= endedTooOften) return { state: "timed_out", hold: "restoring" };
		return undefined;
	}

	/** `waited`: Swarm could not be asked at first, which says nothing about the release. */
	async #look(): Promise<{ reading: RolloutReading; tasks: ObservedTask[]; waited: boolean }> {
		const { swarm, clock } = this.#ports;
		const { serviceName, ...view } = this.#rollout;
		let waited = false;
		const askedAt = clock.monotonic();
		const onFault = (fault: unknown) => {
			if (!waited) this.#say(`Swarm cannot be looked at (${faultWords(fault)}); looking again`);
			waited = true;
		};
		const [service, tasks] = await waitOut({ clock, signal: this.#signal, onFault }, () =>
			Promise.all([swarm.inspectService(serviceName), swarm.listTasks(serviceName)]),
		);
		if (waited || clock.monotonic() - askedAt > slowLookMs) this.#absences++;
		this.#service = service;
		this.#hear(tasks);
		this.#noteEnded(service, tasks, waited);
		// Swarm clears tasks away, and with them what tells that the rollback which is over by now was its own.
		const sawRefused = this.#lastWords.size > 0 || this.#sawRollingBack;
		const reading = readRollout({ ...view, service, tasks, sawRefused });
		this.#sawRollingBack ||= reading.state === "rolling_back";
		this.#aloneSince = reading.state === "running" ? (this.#aloneSince ?? clock.monotonic()) : undefined;
		return { reading, tasks, waited };
	}

	#noteEnded(service: ObservedService | undefined, tasks: ObservedTask[], afterOutage: boolean): void {
		const { ours } = this.#rollout;
		if (afterOutage) this.#ended = { ours: EndedTasks.since(tasks, ours), restored: undefined };
		this.#ended.ours.note(tasks);
		if (!service || isSameRevision(revisionOf(service), ours)) return;
		this.#ended.restored ??= EndedTasks.since(tasks, revisionOf(service));
		this.#ended.restored.note(tasks);
	}

	/** One that names itself can be judged while older tasks end; not where its own do, because it was scaled to zero. */
	#isUp(reading: RolloutReading): boolean {
		if (reading.state === "running") return true;
		const isWanted = this.#service !== undefined && replicasOf(this.#service) > 0;
		return this.#rollout.namesItself === true && isWanted && reading.state === "waiting" && reading.hold === "stopping";
	}

	/** Takes the last words of failed tasks at once: Swarm clears tasks away. Two are enough to tell why. */
	#hear(tasks: ObservedTask[]): void {
		const { swarm, untrusted } = this.#ports;
		for (const task of failedTasks(tasks, this.#rollout.ours)) {
			if (this.#lastWords.size >= 2 || this.#lastWords.has(task.id)) continue;
			this.#say(`task ${task.id} on ${task.node} is ${task.state}: ${untrusted.line(task.error ?? "")}`);
			this.#lastWords.set(task.id, swarm.lastWords(task));
		}
	}

	/** A container health check may rightly take as long as the project's health block lets it. */
	#patience(hold: keyof typeof patienceMs): number {
		return patienceMs[hold] + (hold === "starting" ? refusedWithinMs(this.#rollout.policy) : 0);
	}
}

/** How a rollout ended that will not come to run. */
function endOf(reading: RolloutReading): RolloutEnd | undefined {
	return reading.state === "waiting" || reading.state === "rolling_back" || reading.state === "running" ? undefined : reading;
}

/** What a rollout stands at, and what it waits for: nothing where it only has to go on running. */
function standing(reading: RolloutReading): { progress: string; hold?: keyof typeof patienceMs } {
	if (reading.state === "waiting") return reading;
	if (reading.state === "rolling_back") return { progress: reading.progress, hold: "restoring" };
	return { progress: reading.state };
}

/** How long Swarm watches over an update of this service, or would. */
function swarmsWatchMs(service: ObservedService | undefined): number {
	const monitorMs = (service?.spec.UpdateConfig?.Monitor ?? 0) / 1_000_000;
	return Math.min(monitorMs || defaultMonitorMs, watchedMs);
}
