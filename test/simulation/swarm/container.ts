// Runs one container: its app from start to end, its health check, and its stopping.
import { releaseEnvVar } from "../../../src/model/release-env.ts";
import type { Healthcheck, ServiceSpec } from "../../../src/model/service.ts";
import type { VirtualClock } from "../virtual-clock.ts";
import { type AppAnswer, type AppBehaviour, answerOf } from "./app-behaviour.ts";

const nanosecondsPerMs = 1_000_000;
const defaultGraceMs = 10_000;
const killed = 137;

export interface ContainerEvents {
	/** It runs, and its health check, if there is one, passed. */
	up(): void;
	/** It ended by itself, or its health check failed. */
	ended(exitCode: number, error: string): void;
}

export class Container {
	/** Whether the network sends it requests. */
	isBound = false;
	health: "none" | "starting" | "healthy" | "unhealthy";
	readonly app: AppBehaviour;
	readonly #clock: VirtualClock;
	readonly #spec: ServiceSpec["TaskTemplate"]["ContainerSpec"];
	readonly #events: ContainerEvents;
	readonly #startedMs: number;
	readonly #timers: Disposable[] = [];
	#failedChecks = 0;
	#isStopping = false;
	#isOver = false;

	constructor(clock: VirtualClock, app: AppBehaviour, spec: ServiceSpec["TaskTemplate"]["ContainerSpec"], events: ContainerEvents) {
		this.#clock = clock;
		this.app = app;
		this.#spec = spec;
		this.#events = events;
		this.#startedMs = clock.monotonic();
		this.health = spec.Healthcheck ? "starting" : "none";
	}

	start(): void {
		const { ends } = this.app;
		if (ends) this.#after(ends.afterMs, () => this.#end(ends.exitCode, `task: non-zero exit (${ends.exitCode})`));
		if (this.#spec.Healthcheck) this.#checkLater(this.#spec.Healthcheck);
		else this.#up();
	}

	/** It was told to stop, and may still answer whoever has not noticed. */
	get isDraining(): boolean {
		return this.#isStopping && !this.#isOver;
	}

	/** What the app adds to its answers. */
	get headers(): Record<string, string> {
		const { namesItself } = this.app;
		const beginning = `${releaseEnvVar}=`;
		const release = this.#spec.Env?.find((entry) => entry.startsWith(beginning))?.slice(beginning.length);
		return namesItself && release ? { [namesItself]: release } : {};
	}

	answer(path: string): AppAnswer {
		return this.#isOver ? "refused" : answerOf(this.app, path, this.#aliveMs);
	}

	/** `done` with the exit code, when it has stopped. */
	stop(done: (exitCode: number) => void): void {
		this.isBound = false;
		this.#isStopping = true;
		this.#clearTimers();
		const graceMs = (this.#spec.StopGracePeriod ?? defaultGraceMs * nanosecondsPerMs) / nanosecondsPerMs;
		const { stopsAfterMs = 100 } = this.app;
		this.#after(Math.min(graceMs, stopsAfterMs), () => {
			this.#isOver = true;
			done(stopsAfterMs > graceMs ? killed : 0);
		});
	}

	/** As when the machine loses its power: nobody is told. */
	vanish(): void {
		this.#isOver = true;
		this.isBound = false;
		this.#clearTimers();
	}

	get #aliveMs(): number {
		return this.#clock.monotonic() - this.#startedMs;
	}

	#up(): void {
		this.isBound = true;
		this.#events.up();
	}

	#checkLater(check: Healthcheck): void {
		const isStarting = this.health === "starting" && this.#aliveMs < milliseconds(check.StartPeriod, 0);
		const intervalMs = milliseconds(check.Interval, 30_000);
		this.#after(isStarting ? milliseconds(check.StartInterval, intervalMs) : intervalMs, () => {
			this.#check(check);
			if (this.health !== "unhealthy") this.#checkLater(check);
		});
	}

	#check(check: Healthcheck): void {
		if (this.answer(pathOf(check)) === 200) {
			this.#failedChecks = 0;
			if (this.health === "starting") {
				this.health = "healthy";
				this.#up();
			}
			return;
		}
		if (this.health === "starting" && this.#aliveMs < milliseconds(check.StartPeriod, 0)) return;
		this.#failedChecks++;
		if (this.#failedChecks < (check.Retries || 3)) return;
		this.health = "unhealthy";
		this.stop(() => this.#events.ended(killed, `task: non-zero exit (${killed}): dockerexec: unhealthy container`));
	}

	#end(exitCode: number, error: string): void {
		this.vanish();
		this.#events.ended(exitCode, error);
	}

	#after(ms: number, run: () => void): void {
		this.#timers.push(this.#clock.after(ms, run));
	}

	#clearTimers(): void {
		for (const timer of this.#timers.splice(0)) timer[Symbol.dispose]();
	}
}

/** The command names the URL that it asks. */
function pathOf({ Test }: Healthcheck): string {
	const url = Test.find((word) => word.startsWith("http://"));
	return url ? new URL(url).pathname : "/healthz";
}

function milliseconds(nanoseconds: number | undefined, unset: number): number {
	return nanoseconds ? nanoseconds / nanosecondsPerMs : unset;
}
