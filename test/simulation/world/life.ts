// Tracks whether a process runs, is suspended or was killed, and lets its work wait accordingly.
import type { VirtualClock } from "../virtual-clock.ts";

/** Thrown into code that cannot wait, at the moment its process ends. Nothing it does afterwards has an effect. */
export class Killed extends Error {
	override name = "Killed";
}

export class Life {
	readonly #clock: VirtualClock;
	#state: "running" | "suspended" | "killed" = "running";
	#woken = Promise.withResolvers<void>();
	/** Of the work that was stopped in its middle. */
	#continued = Promise.withResolvers<void>();
	readonly #ended = Promise.withResolvers<void>();
	readonly #missed = new Set<() => void>();

	constructor(clock: VirtualClock) {
		this.#clock = clock;
	}

	get isKilled(): boolean {
		return this.#state === "killed";
	}

	get isSuspended(): boolean {
		return this.#state === "suspended";
	}

	/** Resolves when it was killed. */
	get ended(): Promise<void> {
		return this.#ended.promise;
	}

	kill(): void {
		this.#state = "killed";
		this.#ended.resolve();
		this.#missed.clear();
	}

	suspend(): void {
		if (this.#state === "running") this.#state = "suspended";
	}

	/** Suspends it in the middle of the caller's work. */
	async stopHere(): Promise<void> {
		this.suspend();
		if (this.#state === "suspended") await this.#continued.promise;
		if (this.isKilled) await never;
	}

	/**
	 * What was in the middle of its work goes on first; then come the timers that are due and the answers that came meanwhile, in
	 * either order: it depends on where in its event loop the process stood.
	 */
	wake(first: "timers" | "answers"): void {
		if (this.#state !== "suspended") return;
		this.#state = "running";
		const woken = this.#woken;
		this.#woken = Promise.withResolvers();
		this.#continued.resolve();
		this.#continued = Promise.withResolvers();
		const missed = [...this.#missed];
		this.#missed.clear();
		if (first === "answers") woken.resolve();
		this.#clock.after(0, () => {
			for (const run of missed) run();
			woken.resolve();
		});
	}

	/** Resolves when the process can take an answer; never, once it was killed. */
	async canGoOn(): Promise<void> {
		while (this.#state === "suspended") await this.#woken.promise;
		if (this.isKilled) await never;
	}

	/** Runs now, at the end of a suspension, or never. */
	runWhenAwake(run: () => void): void {
		if (this.#state === "running") run();
		else if (this.#state === "suspended") this.#missed.add(run);
	}
}

export const never: Promise<never> = new Promise(() => {});
