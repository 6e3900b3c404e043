// Gives a process the world's time: its timers wait while it is suspended, and never fire once it was killed.
import type { Clock } from "../../../src/engine/ports/clock.ts";
import type { VirtualClock } from "../virtual-clock.ts";
import type { Life } from "./life.ts";

export class ProcessClock implements Clock {
	readonly #clock: VirtualClock;
	readonly #life: Life;

	constructor(clock: VirtualClock, life: Life) {
		this.#clock = clock;
		this.#life = life;
	}

	now(): number {
		return this.#clock.now();
	}

	monotonic(): number {
		return this.#clock.monotonic();
	}

	async sleep(ms: number, signal?: AbortSignal): Promise<void> {
		await this.#clock.sleep(ms, signal);
		await this.#life.canGoOn();
	}

	every(ms: number, run: () => void): Disposable {
		let isOver = false;
		const tick = () => {
			if (!isOver) run();
		};
		const timer = this.#clock.every(ms, () => this.#life.runWhenAwake(tick));
		return {
			[Symbol.dispose]: () => {
				isOver = true;
				timer[Symbol.dispose]();
			},
		};
	}
}
