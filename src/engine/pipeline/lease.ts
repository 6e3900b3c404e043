// Keeps a worker's hold on its application: renews the lock, hears of a cancel, and ends the work when the lock is gone.
import { isPastSwap } from "../../model/deployment.ts";
import type { Clock } from "../ports/clock.ts";
import { type Hold, LockLost, type Store } from "../ports/store.ts";
import type { Watchdog } from "../ports/watchdog.ts";
import { leaseMs, renewEveryMs } from "./lease-times.ts";

const lookForCancelEveryMs = 200;

export class Lease implements Disposable {
	readonly #store: Store;
	readonly #clock: Clock;
	readonly #hold: Hold;
	readonly #watchdog: Watchdog | undefined;
	readonly #abort = new AbortController();
	readonly #timers: Disposable[];

	/**
	 * @param watchdog ends the process should the lease run out all the same
	 * @throws LockLost when somebody else keeps the lock already
	 */
	constructor(store: Store, clock: Clock, hold: Hold, watchdog?: Watchdog) {
		this.#store = store;
		this.#clock = clock;
		this.#hold = hold;
		this.#watchdog = watchdog;
		this.#renew();
		this.#timers = [
			clock.every(renewEveryMs, () => this.#quietly(() => this.ensureHeld())),
			clock.every(lookForCancelEveryMs, () => this.#quietly(() => this.#lookForCancel())),
		];
	}

	/** Aborted with LockLost, or with a plain reason for a cancel that came before the swap. */
	get signal(): AbortSignal {
		return this.#abort.signal;
	}

	/** Renews the lease now: called by timer, and right before every change of the service. @throws LockLost */
	ensureHeld(): void {
		try {
			this.#renew();
		} catch (error) {
			if (error instanceof LockLost) this.#abort.abort(error);
			throw error;
		}
	}

	/** Nothing is held any more: no renewals, and no end for want of them. */
	[Symbol.dispose](): void {
		for (const timer of this.#timers) timer[Symbol.dispose]();
		this.#watchdog?.heldUntil(Number.POSITIVE_INFINITY);
	}

	/** The watchdog's deadline is never later than the one that others see in the lock. */
	#renew(): void {
		const heldUntilMs = this.#clock.monotonic() + leaseMs;
		this.#store.renewLock(this.#hold, leaseMs);
		this.#watchdog?.heldUntil(heldUntilMs);
	}

	/** A database that is busy or full for a moment is asked again by the next tick; a lock that is another's has been told already. */
	#quietly(tick: () => void): void {
		try {
			tick();
		} catch {
			// The signal tells of a lost lock. Anything else is tried again, and the lease runs out if it stays.
		}
	}

	#lookForCancel(): void {
		const deployment = this.#store.findDeployment(this.#hold.deploymentId);
		if (deployment?.cancelRequested && !isPastSwap(deployment)) this.#abort.abort(new Error("cancelled"));
	}
}
