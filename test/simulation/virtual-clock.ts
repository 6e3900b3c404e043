// Makes time a value: it stands still while any task of the simulation can go on, then moves to the next timer.
import type { Clock } from "../../src/engine/ports/clock.ts";

interface Timer {
	atMs: number;
	/** Of two timers at the same time the one that was set first fires first. */
	order: number;
	run: () => void;
}

/** An arbitrary morning; records of a simulation look like records. */
const begin = Date.UTC(2026, 0, 5, 8);

/**
 * Everything of a simulation waits on this clock or on promises, never on real input or output, so one tick is
 * enough to let every task go as far as it can. The same simulation therefore always goes the same way.
 */
export class VirtualClock implements Clock {
	/** Soonest last. */
	readonly #timers: Timer[] = [];
	#elapsedMs = 0;
	#wallOffsetMs = begin;
	#order = 0;

	now(): number {
		return this.#wallOffsetMs + this.#elapsedMs;
	}

	monotonic(): number {
		return this.#elapsedMs;
	}

	/** Sets the wall clock forward or, below zero, back. No timer notices. */
	jump(ms: number): void {
		this.#wallOffsetMs += ms;
	}

	/** Calls `run` once, `ms` from now. */
	after(ms: number, run: () => void): Disposable {
		const timer: Timer = { atMs: this.#elapsedMs + Math.max(0, ms), order: this.#order++, run };
		this.#timers.splice(this.#placeOf(timer), 0, timer);
		return {
			[Symbol.dispose]: () => {
				const at = this.#timers.indexOf(timer);
				if (at >= 0) this.#timers.splice(at, 1);
			},
		};
	}

	every(ms: number, run: () => void): Disposable {
		let timer = this.after(ms, tick);
		const again = () => this.after(ms, tick);
		function tick() {
			timer = again();
			run();
		}
		return { [Symbol.dispose]: () => timer[Symbol.dispose]() };
	}

	sleep(ms: number, signal?: AbortSignal): Promise<void> {
		if (signal?.aborted) return Promise.resolve();
		const { promise, resolve } = Promise.withResolvers<void>();
		const wake = () => {
			timer[Symbol.dispose]();
			signal?.removeEventListener("abort", wake);
			resolve();
		};
		const timer = this.after(ms, wake);
		signal?.addEventListener("abort", wake, { once: true });
		return promise;
	}

	/**
	 * Lets time pass until `work` is over, and brings what it brings.
	 * @param limitMs of virtual time; a simulation that goes on for ever is ended by it
	 * @throws when nothing is left that could end `work`
	 */
	async run<T>(work: Promise<T>, limitMs = 24 * 3_600_000): Promise<T> {
		let isOver = false;
		const over = () => {
			isOver = true;
		};
		work.then(over, over);
		const endMs = this.#elapsedMs + limitMs;
		for (await settle(); !isOver; await settle()) this.#step(endMs);
		return work;
	}

	/** Lets this much time pass, whatever happens in it. */
	pass(ms: number): Promise<void> {
		return this.run(this.sleep(ms));
	}

	#step(endMs: number): void {
		const timer = this.#timers.pop();
		if (!timer) throw new Error(`nothing is left to happen after ${this.#elapsedMs} ms, and the work is not over`);
		if (timer.atMs > endMs) throw new Error(`the work is not over after ${this.#elapsedMs} ms`);
		this.#elapsedMs = timer.atMs;
		timer.run();
	}

	#placeOf({ atMs }: Timer): number {
		let place = this.#timers.length;
		while (place > 0 && (this.#timers[place - 1] as Timer).atMs <= atMs) place--;
		return place;
	}
}

/** Of so many steps one lets others have a turn: a test's own time-out, for one. */
const turnEvery = 500;
let steps = 0;

/** All microtasks, and those that they start, run before the next tick. */
function settle(): Promise<void> {
	const isTurn = ++steps % turnEvery === 0;
	return new Promise((resolve) => (isTurn ? setImmediate(resolve) : queueMicrotask(() => process.nextTick(resolve))));
}
