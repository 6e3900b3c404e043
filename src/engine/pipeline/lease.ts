// Keeps a worker's hold on its application: renews the lock, hears of a cancel, and ends the work when the lock is gone.
import { errorMessage } from "../../errors.ts";
import { isPastSwap } from "../../model/deployment.ts";
import type { Engine } from "../engine.ts";
import { type Hold, LockLost } from "../ports/store.ts";
import type { Watchdog } from "../ports/watchdog.ts";
import { leaseMs, renewEveryMs } from "./lease-times.ts";

const lookForCancelEveryMs = 200;

type LeasePorts = Pick<Engine, "store" | "clock" | "log">;

export class Lease implements Disposable {
	readonly #ports: LeasePorts;
	readonly #hold: Hold;
	readonly #watchdog: Watchdog | undefined;
	readonly #abort = new AbortController();
	readonly #timers: Disposable[];
	/** The last tick failed, and that was told. */
	#isTroubled = false;

	/**
	 * @param watchdog ends the process should the lease run out all the same
	 * @throws LockLost when somebody else keeps the lock already
	 */
	constructor(ports: LeasePorts, hold: Hold, watchdog?: Watchdog) {
		this.#ports = ports;
		this.#hold = hold;
		this.#watchdog = watchdog;
		this.#renew();
		this.#timers = [
			ports.clock.every(renewEveryMs, () => this.#quietly(() => this.ensureHeld())),
			ports.clock.every(lookForCancelEveryMs, () => this.#quietly(() => this.#lookForCancel())),
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
		const { store, clock } = this.#ports;
		const heldUntilMs = clock.monotonic() + leaseMs;
		store.renewLock(this.#hold, leaseMs);
		this.#watchdog?.heldUntil(heldUntilMs);
	}

	/**
	 * The signal tells of a lost lock. A database that is busy or full for a moment is asked again by the next tick, and the lease runs
	 * out if it stays so.
	 */
	#quietly(tick: () => void): void {
		try {
			tick();
			this.#isTroubled = false;
		} catch (error) {
			if (error instanceof LockLost || this.#isTroubled) return;
			this.#isTroubled = true;
			const { deploymentId } = this.#hold;
			this.#ports.log.warn(
				{ deploymentId, error: errorMessage(error) },
				"the record could not be read or written by a timer; it tries again",
			);
		}
	}

	#lookForCancel(): void {
		const deployment = this.#ports.store.findDeployment(this.#hold.deploymentId);
		if (deployment?.cancelRequested && !isPastSwap(deployment)) this.#abort.abort(new Error("cancelled"));
	}
}
